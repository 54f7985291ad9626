import fc from 'fast-check';
import { expect, test } from 'vitest';
import { afterEnd, noRestarts } from './restarts.ts';

test('the first restart comes at once, those after short runs ever later, and never later than half a minute', () => {
  fc.assert(
    fc.property(fc.array(fc.double({ min: 0, max: 0.999, noNaN: true }), { minLength: 1, maxLength: 40 }), (randoms) => {
      let restarts = noRestarts;
      for (const [at, random] of randoms.entries()) {
        restarts = afterEnd(restarts, 100, random);
        expect(restarts.waitMs).toBeLessThanOrEqual(Math.min(500 * 2 ** at, 30_000));
        expect(restarts.waitMs).toBeGreaterThanOrEqual(Math.min(250 * 2 ** at, 15_000));
      }
    }),
  );
});

test('a long run makes good for all short ones before', () => {
  let restarts = noRestarts;
  for (let at = 0; at < 10; at += 1) restarts = afterEnd(restarts, 10, 0.5);
  expect(afterEnd(restarts, 60_000, 0)).toEqual({ short: 1, waitMs: 250 });
});
