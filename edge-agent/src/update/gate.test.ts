import fc from 'fast-check';
import { expect, test } from 'vitest';
import { closedGate, gateTimes, hear } from './gate.ts';
import { isHealthy, type Facts } from './health.ts';

const away = (...online: string[]): Facts => ({ welcomed: false, online });
const welcomed: Facts = { welcomed: true, online: [] };

test('healthy is what the server has taken; without it, what has every device online that was before', () => {
  expect(isHealthy(welcomed, ['a'])).toBe(true);
  expect(isHealthy(away('a', 'b'), ['a'])).toBe(true);
  expect(isHealthy(away(), [])).toBe(true);
  expect(isHealthy(away('b'), ['a', 'b'])).toBe(false);
});

test('a rollback is begun early enough to be over within a minute', () => {
  expect(gateTimes.withinMs + 5000).toBeLessThanOrEqual(60_000);
  expect(gateTimes.settleMs).toBeLessThan(gateTimes.withinMs);
});

test('passed is who stayed healthy for the whole time; a heartbeat without facts changes nothing', () => {
  const times = { withinMs: 1000, settleMs: 100 };
  const said = fc.record({
    facts: fc.constantFrom(welcomed, away('a'), away(), undefined),
    afterMs: fc.integer({ min: 1, max: 60 }),
  });
  fc.assert(
    fc.property(fc.array(said, { maxLength: 30 }), (heard) => {
      let gate = closedGate;
      let now = 0;
      let healthySince: number | undefined;
      let isPassed = false;
      for (const { facts, afterMs } of heard) {
        now += afterMs;
        if (facts) healthySince = isHealthy(facts, ['a']) ? (healthySince ?? now) : undefined;
        if (facts && healthySince !== undefined && now - healthySince >= 100) isPassed = true;
        gate = hear(gate, facts, ['a'], now, times);
        expect(gate.isPassed).toBe(isPassed);
        if (isPassed) return;
      }
    }),
  );
});
