import { expect, test } from 'vitest';
import { callsOf, dueAfterMs } from './arrivals.ts';

test('a schedule has as many calls as rate and time make, evenly spaced', () => {
  const schedule = { perSecond: 200, seconds: 15 };
  expect(callsOf(schedule)).toBe(3000);
  expect([0, 1, 2, 2999].map((call) => dueAfterMs(call, schedule))).toEqual([0, 5, 10, 14_995]);
});
