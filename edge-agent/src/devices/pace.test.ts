import fc from 'fast-check';
import { expect, test } from 'vitest';
import { BURST, createPace, EVERY_MS } from './pace.ts';

test('the first orders come one right after the other, the next ones at the pace', () => {
  const pace = createPace();
  for (let at = 0; at < BURST; at += 1) {
    expect(pace.restMs(1000)).toBe(0);
    pace.told(1000);
  }
  expect(pace.restMs(1000)).toBe(EVERY_MS);
  expect(pace.restMs(1000 + EVERY_MS / 2)).toBeCloseTo(EVERY_MS / 2);
  expect(pace.restMs(1000 + EVERY_MS)).toBe(0);
});

test('after its rest a device is never told to rest again, whatever the clock rounds', () => {
  fc.assert(
    fc.property(fc.array(fc.double({ min: 0, max: 50, noNaN: true }), { minLength: 1, maxLength: 50 }), (gaps) => {
      const pace = createPace();
      let nowMs = 12_345_678.9;
      for (const gapMs of gaps) {
        nowMs += gapMs;
        nowMs += pace.restMs(nowMs);
        expect(pace.restMs(nowMs)).toBe(0);
        pace.told(nowMs);
      }
    }),
  );
});

test('whoever asks and waits is told within the pace, and never more than the burst and the pace allow', () => {
  fc.assert(
    fc.property(fc.array(fc.nat({ max: 300 }), { minLength: 1, maxLength: 100 }), (gaps) => {
      const pace = createPace();
      const told: number[] = [];
      let nowMs = 5000;
      for (const gapMs of gaps) {
        nowMs += gapMs;
        const restMs = pace.restMs(nowMs);
        expect(restMs).toBeLessThanOrEqual(EVERY_MS);
        nowMs += restMs;
        pace.told(nowMs);
        told.push(nowMs);
      }
      for (const [first, fromMs] of told.entries()) {
        for (const [more, untilMs] of told.slice(first).entries()) {
          expect(more + 1).toBeLessThanOrEqual(BURST + (untilMs - fromMs) / EVERY_MS + 1e-6);
        }
      }
    }),
  );
});
