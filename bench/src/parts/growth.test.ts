import { expect, test } from 'vitest';
import { figuresOf, slopes } from './growth.ts';

test('a straight line has equal slopes', () => {
  expect(slopes((size) => 500 + 30 * size)).toEqual({ first: 30, second: 30, bend: 0 });
});

const bent = (factor: number) => (size: number) => (size <= 100 ? size : 100 + (size - 100) * factor);
const goals = (weight: (what: string) => (size: number) => number, lost = 0) =>
  Object.fromEntries(
    figuresOf((size, what) => weight(what)(size), lost).flatMap(({ name, met }) => (met === undefined ? [] : [[name, met]])),
  );

test.each([
  ['straight', bent(1), true, true],
  ['a little up', bent(1.15), true, true],
  ['up', bent(1.25), false, false],
  // Less memory by the device would mean that it was not measured; less processor time is what company costs less.
  ['down', bent(0.75), false, true],
])('%s', (_, line, memory, time) => {
  const met = goals(() => line);
  expect(met['memory: second slope differs from the first by']).toBe(memory);
  expect(met['processor time: second slope above the first by']).toBe(time);
});

test('a call may cost half more in a large hall', () => {
  const call = (more: number) =>
    goals((what) => (what === 'callMs' ? (size) => (size === 1000 ? more : 1) : bent(1)))[
      'a call with 1,000 devices as a multiple of one with 10'
    ];
  expect([call(1.5), call(1.6)]).toEqual([true, false]);
});

test('one lost event misses the goal', () => {
  const name = 'events lost, or calls that never reached their strip';
  const met = (lost: number) => goals(() => bent(1), lost)[name];
  expect([met(0), met(1)]).toEqual([true, false]);
});
