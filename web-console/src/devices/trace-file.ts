import type { DeviceTraceView } from '@hall/contracts';

/** A trace as a text file: one frame a line, time in UTC, direction, hex, and what it says. */
export function traceFile({ device, startedAt, frames }: DeviceTraceView): string {
  const head = `# ${device} ${new Date(startedAt).toISOString()}`;
  const lines = frames.map(({ at, direction, hex, bytes, en }) => {
    const cut = hex.length < bytes * 2 ? ` …${bytes}` : '';
    return `${new Date(at).toISOString()} ${direction.padEnd(3)} ${hex}${cut}${en === undefined ? '' : `  # ${en}`}`;
  });
  return [head, ...lines, ''].join('\n');
}

/** Hex in groups that can be read. */
export const grouped = (hex: string): string => hex.replaceAll(/(..)(?=.)/g, '$1 ');
