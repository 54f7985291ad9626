import { expect, test } from 'vitest';
import { grouped, traceFile } from './trace-file.ts';

test('a trace is a line for each frame, and says where bytes were left out', () => {
  const text = traceFile({
    id: 't',
    device: 'strip-w01',
    by: 'li',
    startedAt: 0,
    endsAt: 1000,
    state: 'done',
    code: null,
    frames: [
      { at: 1, direction: 'out', hex: 'a5a501', bytes: 3, en: 'Ping', zh: '联机测试' },
      { at: 2.5, direction: 'in', hex: 'ff', bytes: 900 },
    ],
  });
  expect(text.split('\n')).toEqual([
    '# strip-w01 1970-01-01T00:00:00.000Z',
    '1970-01-01T00:00:00.001Z out a5a501  # Ping',
    '1970-01-01T00:00:00.002Z in  ff …900',
    '',
  ]);
  expect(grouped('a5a501')).toBe('a5 a5 01');
});
