/** What Linux tells about a process in `/proc`: pure readings of the texts. */

/** Resident memory in bytes, from `/proc/{pid}/status` (line `VmRSS`, kB). NaN where the line is missing. */
export function residentBytes(status: string): number {
  return Number(/^VmRSS:\s+(\d+) kB$/m.exec(status)?.[1] ?? Number.NaN) * 1024;
}

/** Time on a processor in ms, from `/proc/{pid}/task/{tid}/schedstat` (first number, ns). */
export function onCpuMs(schedstat: string): number {
  return Number(schedstat.split(' ', 1)[0]) / 1e6;
}
