import type { AlarmPriority, NoticeStep } from '@hall/contracts';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { due, type ToldSteps } from './escalation.ts';
import { MINUTE, step } from './fixture.ts';

const T0 = Date.UTC(2026, 10, 23, 2, 20);
const alarm = { priority: 1 as AlarmPriority, anchor: T0, acknowledged: false };
const ids = ({ due: steps }: ReturnType<typeof due>) => steps.map(({ step: { id } }) => id);

describe('a step at once, one after ten minutes, repeated twice', () => {
  const steps = [step(), step({ id: 'second', afterMin: 10, repeatMin: 5, repeats: 2 })];
  const settings = { steps, quiet: [] };

  test('tells at its time and not before', () => {
    const first = due(settings, alarm, {}, T0, null);
    expect(ids(first)).toEqual(['first']);
    expect(first.nextAt).toBe(T0 + 10 * MINUTE);
    expect(ids(due(settings, alarm, first.told, T0 + 10 * MINUTE - 1, null))).toEqual([]);
    const second = due(settings, alarm, first.told, T0 + 10 * MINUTE, null);
    expect(ids(second)).toEqual(['second']);
    expect(second.due[0]?.repeated).toBe(false);
    const third = due(settings, alarm, second.told, second.nextAt ?? 0, null);
    expect(third.due[0]?.repeated).toBe(true);
    const fourth = due(settings, alarm, third.told, third.nextAt ?? 0, null);
    expect(ids(fourth)).toEqual(['second']);
    expect(fourth.nextAt).toBeNull();
  });

  test('an acknowledged alarm tells nobody any more', () => {
    expect(due(settings, { ...alarm, acknowledged: true }, {}, T0 + 99 * MINUTE, null)).toMatchObject({ due: [], nextAt: null });
  });

  test('another priority is not told', () => {
    expect(due(settings, { ...alarm, priority: 3 }, {}, T0, null)).toEqual({ due: [], told: {}, nextAt: null });
  });

  test('a quiet priority waits for the end of the quiet hours, another does not', () => {
    const quiet = { steps, quiet: [1 as AlarmPriority] };
    const waits = due(quiet, alarm, {}, T0, T0 + 60 * MINUTE);
    expect(waits).toEqual({ due: [], told: {}, nextAt: T0 + 60 * MINUTE });
    expect(ids(due(quiet, alarm, {}, T0 + 60 * MINUTE, null))).toEqual(['first', 'second']);
    expect(ids(due({ steps, quiet: [3] }, alarm, {}, T0, T0 + 60 * MINUTE))).toEqual(['first']);
  });
});

const arbStep: fc.Arbitrary<NoticeStep> = fc.record({
  id: fc.constantFrom('a', 'b', 'c', 'd'),
  priorities: fc.subarray([1, 2, 3] as AlarmPriority[], { minLength: 1 }),
  afterMin: fc.integer({ min: 0, max: 60 }),
  channels: fc.constant(['hook']),
  people: fc.constant([]),
  repeatMin: fc.integer({ min: 0, max: 30 }),
  repeats: fc.integer({ min: 0, max: 5 }),
});
const arbSteps = fc.uniqueArray(arbStep, { maxLength: 4, selector: ({ id }) => id });

/** Asks at the given moments, and in between whenever the rule says; answers how often each step told, and when. */
function run(steps: readonly NoticeStep[], moments: readonly number[]): Map<string, number[]> {
  const told = new Map<string, number[]>();
  let held: ToldSteps = {};
  let next: number | null = T0;
  const ask = (now: number) => {
    // A restart keeps exactly this.
    held = JSON.parse(JSON.stringify(held)) as ToldSteps;
    const answer = due({ steps: [...steps], quiet: [] }, alarm, held, now, null);
    for (const { step: one } of answer.due) told.set(one.id, [...(told.get(one.id) ?? []), now]);
    held = answer.told;
    next = answer.nextAt;
  };
  for (const moment of [...moments.toSorted((a, b) => a - b), Number.MAX_SAFE_INTEGER]) {
    while (next !== null && next <= moment) ask(next);
    if (moment !== Number.MAX_SAFE_INTEGER) ask(moment);
  }
  return told;
}

describe('properties of every set of steps', () => {
  test('each step of the priority tells once and its repetitions, each at its own time', () => {
    fc.assert(
      fc.property(arbSteps, (steps) => {
        const told = run(steps, []);
        for (const one of steps) {
          const mine = one.priorities.includes(1);
          const times = !mine ? 0 : one.repeatMin > 0 ? 1 + one.repeats : 1;
          const expected = Array.from({ length: times }, (_, at) => T0 + (one.afterMin + at * one.repeatMin) * MINUTE);
          expect(told.get(one.id) ?? []).toEqual(expected);
        }
      }),
    );
  });

  test('asking in between changes nothing', () => {
    const moments = fc.array(fc.integer({ min: 0, max: 200 * MINUTE }), { maxLength: 20 });
    fc.assert(
      fc.property(arbSteps, moments, (steps, between) => {
        expect(
          run(
            steps,
            between.map((ms) => T0 + ms),
          ),
        ).toEqual(run(steps, []));
      }),
    );
  });

  test('what it answers as the next moment lies ahead, and nothing is due before it', () => {
    fc.assert(
      fc.property(arbSteps, fc.integer({ min: 0, max: 100 * MINUTE }), (steps, ms) => {
        const now = T0 + ms;
        const { told, nextAt } = due({ steps, quiet: [] }, alarm, {}, now, null);
        if (nextAt === null) return;
        expect(nextAt).toBeGreaterThan(now);
        expect(due({ steps, quiet: [] }, alarm, told, nextAt - 1, null).due).toEqual([]);
        expect(due({ steps, quiet: [] }, alarm, told, nextAt, null).due.length).toBeGreaterThan(0);
      }),
    );
  });
});
