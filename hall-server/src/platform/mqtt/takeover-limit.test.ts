import { expect, test } from 'vitest';
import { takeoverLimit } from './takeover-limit.ts';

test('a restart or two may take the id over, a loop may not, and the limit ends by itself', () => {
  const limit = takeoverLimit();
  expect([0, 1000, 2000, 3000, 4000].map((at) => limit.admit('a1', at))).toEqual([true, true, true, false, false]);
  expect(limit.admit('a2', 4000)).toBe(true);
  expect(limit.admit('a1', 30_001)).toBe(true);
});
