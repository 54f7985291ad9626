import { expect, test } from 'vitest';
import { createBeats } from './beats.ts';

test('what names a sign of life is as old as that; what names none is new; what names a forgotten or unknown one is worth nothing', () => {
  let now = 100;
  const beats = createBeats({ nowMs: () => now });
  expect(beats.next()).toBe(1);
  now = 200;
  expect(beats.next()).toBe(2);
  now = 300;
  expect([beats.saidMs(1), beats.saidMs(2), beats.saidMs(undefined)]).toEqual([100, 200, 300]);
  expect(beats.saidMs(3)).toBe(Number.NEGATIVE_INFINITY);
  for (let n = 3; n <= 600; n += 1) expect(beats.next()).toBe(n);
  expect(beats.saidMs(1)).toBe(Number.NEGATIVE_INFINITY);
  expect(beats.saidMs(600)).toBe(300);
});
