import fc from 'fast-check';
import { expect, onTestFinished, test } from 'vitest';
import { createTimer } from './timer.ts';
import { FakeClock } from './clock.ts';

function setup() {
  const clock = new FakeClock();
  const rings: number[] = [];
  const timer = createTimer(clock, () => rings.push(clock.machine.nowMs()));
  onTestFinished(() => timer.stop());
  return { clock, rings, timer };
}

test('it rings at the time that was set last, once, however often it was put off or brought forward', async () => {
  const step = fc.record({ inMs: fc.integer({ min: 1, max: 500 }), thenMs: fc.integer({ min: 0, max: 200 }) });
  await fc.assert(
    fc.asyncProperty(fc.array(step, { minLength: 1, maxLength: 8 }), async (steps) => {
      const { clock, rings, timer } = setup();
      const expected: number[] = [];
      let dueMs = 0;
      for (const { inMs, thenMs } of steps) {
        const nowMs = clock.machine.nowMs();
        dueMs = nowMs + inMs;
        timer.set(dueMs);
        await clock.advance(thenMs);
        if (dueMs <= nowMs + thenMs) expected.push(dueMs);
      }
      await clock.advance(1000);
      expect(rings).toEqual(expected.at(-1) === dueMs ? expected : [...expected, dueMs]);
      expect(clock.sleeping).toBe(0);
    }),
    { numRuns: 60 },
  );
});

test('putting it off keeps the one timer it has', () => {
  const { clock, timer } = setup();
  for (let at = 100; at < 200; at += 1) timer.set(at);
  expect(clock.sleeping).toBe(1);
});

test('after it is cleared or stopped it does not ring, and stopped it holds no timer', async () => {
  const { clock, rings, timer } = setup();
  timer.set(100);
  timer.clear();
  await clock.advance(200);
  timer.set(300);
  timer.stop();
  expect(clock.sleeping).toBe(0);
  await clock.advance(200);
  expect(rings).toEqual([]);
});
