import type { MeasurementPoint } from '@hall/contracts';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { graphOf, numberText } from './graph.ts';

const point = (at: number, mean: number, more: Partial<MeasurementPoint> = {}): MeasurementPoint => ({
  at,
  stepMs: 0,
  n: 1,
  min: mean,
  mean,
  max: mean,
  last: mean,
  ...more,
});
const box = { width: 100, height: 50 };

describe('the graph', () => {
  it('is nothing without points, and a line in the middle when nothing changes', () => {
    expect(graphOf([], 0, 10, box)).toBeUndefined();
    expect(graphOf([point(0, 4), point(10, 4)], 0, 10, box)).toEqual({ line: 'M0 25L100 25', band: '', least: 4, most: 4 });
  });
  it('puts the least at the bottom and the most at the top, with a band where points were thinned', () => {
    const graph = graphOf([point(0, 1), point(5, 3, { min: 1, max: 5, n: 4 })], 0, 10, box);
    expect(graph).toEqual({ line: 'M0 50L50 25', band: 'M0 50L50 0L50 50L0 50Z', least: 1, most: 5 });
  });
  it('never leaves its box', () => {
    const points = fc.array(
      fc.record({ at: fc.integer({ min: -50, max: 150 }), mean: fc.integer({ min: -9, max: 9 }), spread: fc.nat(5) }),
      { minLength: 1 },
    );
    fc.assert(
      fc.property(points, (given) => {
        const rows = given.map(({ at, mean, spread }) => point(at, mean, { min: mean - spread, max: mean + spread }));
        const { line = '', band = '' } = graphOf(rows, 0, 100, box) ?? {};
        const numbers = [...`${line}${band}`.matchAll(/(-?[\d.]+) (-?[\d.]+)/g)].map(
          ([, x, y]) => [Number(x), Number(y)] as const,
        );
        for (const [x, y] of numbers) {
          expect(x).toBeGreaterThanOrEqual(0);
          expect(x).toBeLessThanOrEqual(100);
          expect(y).toBeGreaterThanOrEqual(0);
          expect(y).toBeLessThanOrEqual(50);
        }
      }),
    );
  });
  it('writes numbers shortly', () => {
    expect([numberText(1 / 3), numberText(12_345)]).toEqual(['0.33', '12,345']);
  });
});
