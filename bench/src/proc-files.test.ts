import { expect, test } from 'vitest';
import { onCpuMs, residentBytes } from './proc-files.ts';

test('resident memory is read in bytes', () => {
  expect(residentBytes('Name:\tnode\nVmHWM:\t   99999 kB\nVmRSS:\t   84520 kB\nThreads:\t11\n')).toBe(84_520 * 1024);
  expect(residentBytes('Name:\tnode\n')).toBeNaN();
});

test('time on the processor is read in ms', () => {
  expect(onCpuMs('1234500000 17 42\n')).toBe(1234.5);
});
