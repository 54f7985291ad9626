import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { MINUTE } from './fixture.ts';
import { afterOutcome, circuitState, closedCircuit, MOST_TRIES, nextMessage, nextTry, type WaitingRow } from './pace.ts';

const NOW = 10 * MINUTE;
const row = (seq: number, more: Partial<WaitingRow> = {}): WaitingRow => ({
  seq,
  nextAt: 0,
  batch: null,
  sameAs: 'min',
  ...more,
});
const rows = (count: number) => Array.from({ length: count }, (_, at) => row(at + 1));

test('rows go alone while the rate lasts, and together above it', () => {
  expect(nextMessage([], [], 20, NOW)).toBeUndefined();
  expect(nextMessage(rows(20), [], 20, NOW)).toEqual({ send: [row(1)] });
  expect(nextMessage(rows(21), [], 20, NOW)).toEqual({ send: rows(21) });
  expect(nextMessage([row(1), row(2, { sameAs: 'li' }), row(3)], [NOW - 1], 2, NOW)).toEqual({ send: [row(1), row(3)] });
});

test('a spent rate waits until its oldest send is a minute old', () => {
  expect(nextMessage(rows(3), [NOW - 50_000, NOW - 1000], 2, NOW)).toEqual({ waitUntil: NOW + 10_000 });
  expect(nextMessage(rows(1), [NOW - MINUTE], 1, NOW)).toEqual({ send: [row(1)] });
});

test('rows of a batch stay together, whatever came since', () => {
  const batch = [row(1, { batch: 'x' }), row(2, { batch: 'x' })];
  expect(nextMessage([...batch, row(3)], [], 20, NOW)).toEqual({ send: batch });
});

test('a row whose next try is later does not hold up the others', () => {
  expect(nextMessage([row(1, { nextAt: NOW + 5 }), row(2)], [], 20, NOW)).toEqual({ send: [row(2)] });
  expect(nextMessage([row(1, { nextAt: NOW + 5 })], [], 20, NOW)).toEqual({ waitUntil: NOW + 5 });
});

describe('properties of every channel', () => {
  test('never more than the rate in any minute, and every row goes out once', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 30 }),
        fc.array(fc.integer({ min: 0, max: 5 * MINUTE }), { maxLength: 120 }),
        (rate, arrivals) => {
          let waiting = arrivals.toSorted((a, b) => a - b).map((nextAt, at) => row(at + 1, { nextAt }));
          const sends: number[] = [];
          const gone: number[] = [];
          let now = 0;
          let ahead = true;
          for (let turn = 0; waiting.length > 0 && turn < 1000; turn += 1) {
            const arrived = waiting.filter(({ nextAt }) => nextAt <= now);
            const next = nextMessage(arrived.length > 0 ? arrived : waiting, sends, rate, now);
            if (!next) break;
            if ('waitUntil' in next) {
              ahead &&= next.waitUntil > now;
              now = next.waitUntil;
              continue;
            }
            const out = new Set(next.send.map(({ seq }) => seq));
            gone.push(...out);
            waiting = waiting.filter(({ seq }) => !out.has(seq));
            sends.push(now);
          }
          expect(ahead).toBe(true);
          expect(gone.toSorted((a, b) => a - b)).toEqual(arrivals.map((_, at) => at + 1));
          for (const at of sends)
            expect(sends.filter((other) => other > at - MINUTE && other <= at).length).toBeLessThanOrEqual(rate);
        },
      ),
    );
  });
});

test('tries grow further apart, end, and honour what the receiver asks', () => {
  const waits = Array.from({ length: MOST_TRIES }, (_, at) => nextTry(at + 1, {}, 0));
  expect(waits.at(-1)).toBeUndefined();
  const ends = waits.slice(0, -1).map(Number);
  expect(ends).toEqual(ends.toSorted((a, b) => a - b));
  expect(nextTry(1, { retryAfterMs: 90_000 }, NOW)).toBe(NOW + 90_000);
  expect(nextTry(5, { retryAfterMs: 10 }, NOW)).toBe(NOW + 300_000);
});

test('the circuit opens after five failures in a row, longer each time, and one answer closes it', () => {
  let circuit = closedCircuit;
  for (let failure = 1; failure < 5; failure += 1) circuit = afterOutcome(circuit, { verdict: 'later' }, NOW);
  expect(circuitState(circuit, NOW)).toBe('closed');
  circuit = afterOutcome(circuit, { verdict: 'later' }, NOW);
  expect(circuit.openUntil).toBe(NOW + 30_000);
  expect([circuitState(circuit, NOW), circuitState(circuit, NOW + 30_000)]).toEqual(['open', 'half_open']);
  expect(afterOutcome(circuit, { verdict: 'later' }, NOW).openUntil).toBe(NOW + 60_000);
  for (let failure = 0; failure < 60; failure += 1) circuit = afterOutcome(circuit, { verdict: 'later' }, NOW);
  expect(circuit.openUntil).toBe(NOW + 600_000);
  expect(afterOutcome(circuit, { verdict: 'refused' }, NOW)).toEqual(closedCircuit);
});
