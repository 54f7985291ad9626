import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  caseEventTypes,
  caseFits,
  caseRules,
  caseStates,
  caseStateZh,
  finalCaseStates,
  foldCase,
  isFinalCase,
  unknownCase,
  type CaseEvent,
} from './case.ts';

const event = (word: string, sequence: number, extra: object = {}): CaseEvent =>
  ({
    id: `e${sequence}`,
    type: `case.${word}`,
    sequence,
    time: sequence * 1000,
    data: {
      case: 'C-1',
      ...(word === 'decided' ? { decision: 'granted' } : {}),
      ...(word === 'status_other' ? { status: '归档待审' } : {}),
      ...extra,
    },
  }) as CaseEvent;
const life = (words: string) => words.split(' ').flatMap((word, at) => (word === '.' ? [] : [event(word, at + 1)]));

describe('the transition table', () => {
  test('answers every state and every event, and leaves no final state', () => {
    for (const state of caseStates) {
      for (const type of caseEventTypes) {
        const consecutive = caseFits(state, type, false);
        const acrossGap = !isFinalCase(state) && (type !== 'case.received' || consecutive);
        expect([state, type, caseFits(state, type, true)]).toEqual([state, type, acrossGap]);
        expect(consecutive && isFinalCase(state)).toBe(false);
      }
    }
  });

  test('fits exactly here', () => {
    const table = Object.fromEntries(
      caseStates.map((state) => [
        state,
        caseEventTypes
          .filter((type) => caseFits(state, type, false))
          .map((type) => type.slice(5))
          .join(' '),
      ]),
    );
    expect(table).toEqual({
      unknown: 'received returned withdrawn voided status_other',
      received:
        'accepted not_accepted correction_started processing_started decided returned withdrawn voided forwarded status_other',
      accepted: 'correction_started processing_started suspended decided returned withdrawn voided forwarded status_other',
      not_accepted: '',
      correcting: 'not_accepted correction_ended returned withdrawn voided status_other',
      processing: 'correction_started suspended decided returned withdrawn voided forwarded status_other',
      suspended: 'resumed returned withdrawn voided status_other',
      granted: 'certificate_issued delivered voided status_other',
      refused: 'delivered voided status_other',
      certified: 'delivered voided status_other',
      delivered: '',
      returned: '',
      withdrawn: '',
      voided: '',
      forwarded: 'processing_started decided returned withdrawn voided status_other',
      other: caseEventTypes.map((type) => type.slice(5)).join(' '),
    });
  });

  test('every state but unknown is reached, final states are left by nothing, all have a Chinese word', () => {
    const targets = new Set<string>(Object.values(caseRules).map(({ to }) => to));
    for (const state of caseStates) {
      const reached = targets.has(state) || ['unknown', 'granted', 'refused'].includes(state);
      expect([state, reached]).toEqual([state, true]);
      expect(caseStateZh[state]).toMatch(/^\p{Script=Han}+$/u);
    }
    for (const state of finalCaseStates) expect(caseEventTypes.some((type) => caseRules[type].from.includes(state))).toBe(false);
  });
});

describe('a case', () => {
  test.each([
    { words: 'received accepted processing_started decided certificate_issued delivered', state: 'delivered', misfits: [] },
    { words: 'received decided delivered', state: 'delivered', misfits: [] },
    { words: 'received correction_started correction_ended accepted', state: 'accepted', misfits: [] },
    { words: 'received accepted processing_started suspended resumed', state: 'processing', misfits: [] },
    { words: 'received accepted suspended resumed', state: 'accepted', misfits: [] },
    { words: 'received correction_started correction_ended accepted suspended resumed', state: 'accepted', misfits: [] },
    { words: 'received correction_started status_other . resumed', state: 'received', misfits: [] },
    { words: 'received correction_started . accepted status_other resumed', state: 'processing', misfits: [] },
    { words: 'received not_accepted accepted', state: 'not_accepted', misfits: ['e3'] },
    { words: 'received accepted withdrawn decided', state: 'withdrawn', misfits: ['e4'] },
    { words: 'accepted', state: 'unknown', misfits: ['e1'] },
    { words: '. accepted', state: 'accepted', misfits: [] },
    { words: 'received . resumed', state: 'processing', misfits: [] },
    { words: 'received . correction_ended', state: 'received', misfits: [] },
    { words: 'received status_other', state: 'other', misfits: [] },
    { words: 'received accepted status_other decided delivered', state: 'delivered', misfits: [] },
    { words: 'received decided delivered status_other', state: 'delivered', misfits: ['e4'] },
  ])('$words → $state', ({ words, state, misfits }) => {
    const folded = foldCase(life(words));
    expect(folded.state.state).toBe(state);
    expect(folded.misfits).toEqual(misfits);
  });

  test('keeps the word of an unknown status while it has it', () => {
    expect(foldCase(life('received status_other')).state.status).toBe('归档待审');
    expect(foldCase(life('received status_other accepted')).state.status).toBeUndefined();
  });

  test('knows when its clock stood', () => {
    const { state } = foldCase(life('received correction_started correction_ended accepted suspended . resumed decided'));
    expect(state.stood).toEqual([
      { fromMs: 2000, toMs: 3000 },
      { fromMs: 5000, toMs: 7000 },
    ]);
    expect(state.standsSince).toBeUndefined();
    const atOnce = [...life('received correction_started'), { ...event('correction_ended', 3), time: 2000 }];
    expect(foldCase(atOnce).state).toMatchObject({ state: 'received', standsSince: undefined, stood: [] });
    expect(foldCase(life('received accepted suspended')).state).toMatchObject({ standsSince: 3000, stood: [] });
    expect(foldCase(life('received accepted suspended withdrawn')).state.stood).toEqual([{ fromMs: 3000, toMs: 4000 }]);
  });

  test('carries what its events say', () => {
    const { state } = foldCase([
      event('received', 1, { kind: 'promised', promisedDays: 20, department: 'tax', item: 'licence-new' }),
      event('accepted', 2, { window: 'w1' }),
      event('decided', 3, { decision: 'refused' }),
    ]);
    expect(state).toEqual({
      ...unknownCase,
      state: 'refused',
      case: 'C-1',
      item: 'licence-new',
      department: 'tax',
      window: 'w1',
      kind: 'promised',
      promisedDays: 20,
      receivedAt: 1000,
      acceptedAt: 2000,
      decidedAt: 3000,
      sequence: 3,
      gaps: 0,
    });
  });

  test('is the same however its events are ordered and repeated', () => {
    const arb = fc.uniqueArray(
      fc
        .tuple(fc.constantFrom(...caseEventTypes), fc.integer({ min: 1, max: 14 }))
        .map(([type, sequence]) => event(type.slice('case.'.length), sequence)),
      { selector: ({ sequence }) => sequence },
    );
    fc.assert(
      fc.property(
        arb.chain((events) =>
          fc.tuple(fc.constant(events), fc.shuffledSubarray(events, { minLength: events.length }), fc.shuffledSubarray(events)),
        ),
        ([events, shuffled, repeats]) => {
          expect(foldCase([...shuffled, ...repeats])).toEqual(foldCase(events));
        },
      ),
    );
  });
});
