import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  foldWindow,
  unknownWindow,
  windowConditions,
  windowEventTypes,
  windowMove,
  type WindowEvent,
  type WindowEventType,
} from './window.ts';

const dataOf: Record<WindowEventType, WindowEvent['data']> = {
  'window.opened': { window: 'w1' },
  'window.closed': { window: 'w1' },
  'window.paused': { window: 'w1', reason: 'meeting', expectedReturnAt: '2026-11-23T10:40:00+08:00' },
  'window.resumed': { window: 'w1' },
  'window.staff_on': { window: 'w1', staff: 's1', department: 'tax' },
  'window.staff_off': { window: 'w1' },
  'window.services_set': { window: 'w1', services: ['licence'] },
  'window.fault': { window: 'w1' },
  'window.fault_cleared': { window: 'w1' },
};
const event = (word: string, sequence: number, extra: object = {}): WindowEvent => {
  const type = `window.${word}` as WindowEventType;
  return { id: `e${sequence}`, type, sequence, time: sequence * 1000, data: { ...dataOf[type], ...extra } } as WindowEvent;
};
const life = (words: string) => words.split(' ').flatMap((word, at) => (word === '.' ? [] : [event(word, at + 1)]));

describe('the transition table', () => {
  // Rows: condition; columns: opened closed paused resumed.
  test.each([
    ['unknown', 'open', 'closed', 'paused', 'open'],
    ['open', '-', 'closed', 'paused', '-'],
    ['paused', 'open', 'closed', 'paused', 'open'],
    ['closed', 'open', '-', '-', '-'],
  ] as const)('%s goes where it should', (condition, ...targets) => {
    const types = ['window.opened', 'window.closed', 'window.paused', 'window.resumed'] as const;
    for (const fault of [true, false]) {
      const moves = types.map((type) => windowMove({ condition, fault }, type, false));
      expect(moves.map((move) => (move === null ? '-' : move.condition))).toEqual(targets);
    }
  });

  test('a fault comes once and is cleared once, whatever lies below', () => {
    for (const condition of windowConditions) {
      expect(windowMove({ condition, fault: false }, 'window.fault', false)).toEqual({ fault: true });
      expect(windowMove({ condition, fault: true }, 'window.fault', false)).toBeNull();
      expect(windowMove({ condition, fault: true }, 'window.fault_cleared', false)).toEqual({ fault: false });
      expect(windowMove({ condition, fault: false }, 'window.fault_cleared', false)).toBeNull();
    }
  });

  test('staff and services fit in every condition, and across a gap everything fits', () => {
    for (const condition of windowConditions) {
      for (const fault of [true, false]) {
        for (const word of ['staff_on', 'staff_off', 'services_set'] as const) {
          expect(windowMove({ condition, fault }, `window.${word}`, false)).toEqual({});
        }
        for (const type of windowEventTypes) expect(windowMove({ condition, fault }, type, true)).not.toBeNull();
      }
    }
  });
});

describe('a window', () => {
  test.each([
    { words: 'opened paused resumed closed', condition: 'closed', misfits: [] },
    { words: 'opened opened', condition: 'open', misfits: ['e2'] },
    { words: 'closed paused', condition: 'closed', misfits: ['e2'] },
    { words: 'closed . resumed', condition: 'open', misfits: [] },
    { words: 'opened resumed', condition: 'open', misfits: ['e2'] },
    { words: 'staff_on services_set', condition: 'unknown', misfits: [] },
  ])('$words → $condition', ({ words, condition, misfits }) => {
    const folded = foldWindow(life(words));
    expect(folded.state.condition).toBe(condition);
    expect(folded.misfits).toEqual(misfits);
  });

  test('a fault lies over the pause and gives it back', () => {
    expect(foldWindow(life('opened paused fault')).state).toMatchObject({ condition: 'paused', fault: true });
    expect(foldWindow(life('opened paused fault fault_cleared')).state).toMatchObject({
      condition: 'paused',
      fault: false,
      reason: 'meeting',
      expectedReturnAt: Date.UTC(2026, 10, 23, 2, 40),
    });
  });

  test('forgets reason and time of return when it goes on', () => {
    const { state } = foldWindow(life('opened paused resumed'));
    expect([state.reason, state.expectedReturnAt]).toEqual([undefined, undefined]);
    const again = foldWindow([...life('opened paused'), event('paused', 3, { reason: 'office', expectedReturnAt: undefined })]);
    expect(again.state).toMatchObject({ reason: 'office', expectedReturnAt: undefined });
  });

  test('at a hand-over the person who signed on stays', () => {
    const on = [event('staff_on', 1), event('staff_on', 2, { staff: 's2', department: undefined })];
    expect(foldWindow([...on, event('staff_off', 3, { staff: 's1' })]).state.staff).toBe('s2');
    expect(foldWindow([...on, event('staff_off', 3, { staff: 's2' })]).state.staff).toBeUndefined();
    expect(foldWindow([...on, event('staff_off', 3)]).state).toMatchObject({ staff: undefined, department: undefined });
  });

  test('of which nothing is known says so', () => {
    expect(foldWindow([]).state).toEqual({ ...unknownWindow, sequence: 0, gaps: 0 });
  });

  test('is the same however its events are ordered and repeated', () => {
    const arb = fc.uniqueArray(
      fc
        .tuple(fc.constantFrom(...windowEventTypes), fc.integer({ min: 1, max: 12 }))
        .map(([type, sequence]) => event(type.slice('window.'.length), sequence)),
      { selector: ({ sequence }) => sequence },
    );
    fc.assert(
      fc.property(
        arb.chain((events) =>
          fc.tuple(fc.constant(events), fc.shuffledSubarray(events, { minLength: events.length }), fc.shuffledSubarray(events)),
        ),
        ([events, shuffled, repeats]) => {
          expect(foldWindow([...repeats, ...shuffled])).toEqual(foldWindow(events));
        },
      ),
    );
  });
});
