import fc from 'fast-check';
import { expect, test } from 'vitest';
import { bestOf, errorMs, KEPT, measure, withMeasurement, type Exchange, type Measurement } from './exchange.ts';

/** Server wall time of machine 0, and the hall beside it. */
const BASE = Date.UTC(2026, 10, 23, 2, 20);
const HALL_AHEAD = 3_600_000;

interface Way {
  readonly askedMs: number;
  readonly thereMs: number;
  readonly heldMs: number;
  readonly backMs: number;
}
function exchange({ askedMs, thereMs, heldMs, backMs }: Way, { base = BASE, speed = 1 } = {}): Exchange {
  const receivedMs = Math.round(base + askedMs + thereMs);
  const repliedMs = Math.round(base + askedMs + thereMs + heldMs);
  const hallMs = Math.round(base + HALL_AHEAD + (askedMs + thereMs + heldMs) * speed);
  return { askedMs, heardMs: askedMs + thereMs + heldMs + backMs, receivedMs, repliedMs, hallTime: { hallMs, speed } };
}
const ms = (max: number) => fc.double({ min: 0, max, noNaN: true });
const way = (after: number): fc.Arbitrary<Way> =>
  fc.record({ askedMs: fc.constant(after), thereMs: ms(3000), heldMs: ms(200), backMs: ms(3000) });
const ways = fc
  .array(way(0), { minLength: 1, maxLength: 20 })
  .map((list) => list.map((one, at) => ({ ...one, askedMs: at * 60_000 })));

const kept = (list: readonly Exchange[]) =>
  list.reduce<readonly Measurement[]>((held, one) => {
    const measured = measure(one);
    return measured ? withMeasurement(held, measured) : held;
  }, []);

test('an even way gives the server clocks exactly', () => {
  const measured = measure(exchange({ askedMs: 1000, thereMs: 10, heldMs: 5, backMs: 10 }));
  expect(measured).toMatchObject({ rttMs: 20, wallBaseMs: BASE, hallTime: { hallMs: BASE + HALL_AHEAD + 1012.5 } });
});

test('whatever the ways: a measurement is no more wrong than it says, for the wall and for the hall', () => {
  fc.assert(
    fc.property(ways, fc.constantFrom(1, 60), (list, speed) => {
      for (const one of list) {
        const measured = measure(exchange(one, { speed }));
        if (!measured) throw new Error('a possible exchange was refused');
        const mostMs = errorMs(measured, measured.atMs);
        expect(Math.abs(measured.wallBaseMs - BASE)).toBeLessThanOrEqual(mostMs);
        const hallMs = BASE + HALL_AHEAD + measured.atMs * speed;
        expect(Math.abs(measured.hallTime.hallMs - hallMs)).toBeLessThanOrEqual(mostMs * speed + 1);
      }
    }),
  );
});

test('of a steady clock all of the newest eight are kept, and the best is within the bound of each of them', () => {
  fc.assert(
    fc.property(ways, (list) => {
      const held = kept(list.map((one) => exchange(one)));
      expect(held).toHaveLength(Math.min(KEPT, list.length));
      const nowMs = held.at(-1)?.atMs ?? 0;
      const best = bestOf(held, nowMs);
      const bounds = held.map((one) => errorMs(one, nowMs));
      expect(Math.abs((best?.wallBaseMs ?? 0) - BASE)).toBeLessThanOrEqual(Math.min(...bounds));
    }),
  );
});

test('the shortest way of eight wins over later ones, and is forgotten with the ninth', () => {
  const slow = { thereMs: 300, heldMs: 0, backMs: 0 };
  const list = [{ askedMs: 0, thereMs: 1, heldMs: 0, backMs: 1 }].concat(
    Array.from({ length: 8 }, (_, at) => ({ ...slow, askedMs: (at + 1) * 60_000 })),
  );
  const first = kept(list.slice(0, 8).map((one) => exchange(one)));
  expect(bestOf(first, 480_000)?.rttMs).toBe(2);
  expect(bestOf(kept(list.map((one) => exchange(one))), 540_000)?.rttMs).toBe(300);
});

test('a server clock that was set is followed with the next measurement, forwards and backwards', () => {
  fc.assert(
    fc.property(ways, fc.constantFrom(-86_400_000, -7000, 7000, 86_400_000), way(1_300_000), (before, step, after) => {
      const held = kept([...before.map((one) => exchange(one)), exchange(after, { base: BASE + step })]);
      expect(held).toHaveLength(1);
      expect(Math.abs((bestOf(held, 1_300_000)?.wallBaseMs ?? 0) - BASE - step)).toBeLessThanOrEqual(3001);
    }),
  );
});

test('stamps that cannot be are refused', () => {
  const good = exchange({ askedMs: 1000, thereMs: 10, heldMs: 5, backMs: 10 });
  expect(measure({ ...good, repliedMs: good.receivedMs - 1 })).toBeUndefined();
  expect(measure({ ...good, heardMs: good.askedMs - 5 })).toBeUndefined();
});
