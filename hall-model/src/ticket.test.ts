import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { Thread, BEFORE_ALL_MS } from './thread.ts';
import {
  finalTicketStates,
  foldTicket,
  isFinalTicket,
  ticketEventTypes,
  ticketStates,
  ticketStep,
  ticketTable,
  ticketTableAcrossGap,
  unknownTicket,
  type TicketEvent,
  type TicketEventType,
  type TicketStateName,
} from './ticket.ts';

const dataOf: Record<TicketEventType, TicketEvent['data']> = {
  'ticket.issued': { ticket: 'A001', service: 'tax-general' },
  'ticket.called': { ticket: 'A001', window: 'w1' },
  'ticket.recalled': { ticket: 'A001', window: 'w1' },
  'ticket.arrived': { ticket: 'A001', window: 'w1' },
  'ticket.transferred': { ticket: 'A001', toService: 'licence' },
  'ticket.requeued': { ticket: 'A001', placesBack: 3 },
  'ticket.parked': { ticket: 'A001' },
  'ticket.resumed': { ticket: 'A001' },
  'ticket.no_show': { ticket: 'A001' },
  'ticket.abandoned': { ticket: 'A001' },
  'ticket.removed': { ticket: 'A001', by: 'staff' },
  'ticket.ended': { ticket: 'A001', outcome: 'done' },
};
const event = (type: TicketEventType, sequence: number, extra: object = {}): TicketEvent =>
  ({ id: `e${sequence}`, type, sequence, time: sequence * 1000, data: { ...dataOf[type], ...extra } }) as TicketEvent;
const short = (name: string) => `ticket.${name}` as TicketEventType;
/** `issued called` → consecutive events; a dot is a missing one. */
const life = (words: string): TicketEvent[] =>
  words.split(' ').flatMap((word, at) => (word === '.' ? [] : [event(short(word), at + 1)]));

const arbEvents = fc
  .array(
    fc.record({
      type: fc.constantFrom(...ticketEventTypes),
      sequence: fc.integer({ min: 1, max: 12 }),
      time: fc.integer({ min: 0, max: 50 }),
      id: fc.constantFrom('x', 'y', 'z'),
      window: fc.constantFrom('w1', 'w2'),
    }),
    { maxLength: 20 },
  )
  .map((rows) =>
    rows.map(({ type, sequence, time, id, window }) => {
      const data = { ...dataOf[type], ...('window' in dataOf[type] ? { window } : {}) };
      return { id: `${sequence}-${id}-${type}-${time}-${window}`, type, sequence, time, data } as TicketEvent;
    }),
  );

describe('the transition table', () => {
  // Rows: state; columns: what each event leads to, in the order of `ticketEventTypes`; '-' does not fit.
  const expected = `
    unknown   waiting called -      -       -       -       -      -       -       abandoned removed ended
    waiting   -       called -      -       waiting waiting parked -       -       abandoned removed ended
    called    -       called called serving waiting waiting parked -       no_show abandoned removed ended
    serving   -       -      called -       waiting waiting parked -       -       abandoned removed ended
    parked    -       called called -       waiting waiting -      waiting -       abandoned removed ended
    no_show   -       called called serving waiting waiting -      -       -       abandoned removed ended
    abandoned -       -      -      -       -       -       -      -       -       -         -       -
    removed   -       -      -      -       -       -       -      -       -       -         -       -
    ended     -       -      -      -       -       -       -      -       -       -         -       -`;
  const rows = expected
    .trim()
    .split('\n')
    .map((row) => row.trim().split(/\s+/));

  test('names every state and every event', () => {
    expect(rows.map(([state]) => state)).toEqual([...ticketStates]);
    expect(rows.every((row) => row.length === ticketEventTypes.length + 1)).toBe(true);
  });

  test.each(rows)('%s goes where it should on every event', (state = '', ...targets) => {
    const answers = ticketEventTypes.map((type) => ticketTable[state as TicketStateName][type] ?? '-');
    expect(answers).toEqual(targets);
  });

  test('across a gap everything fits except leaving a final state and issuing a known ticket', () => {
    for (const state of ticketStates) {
      for (const type of ticketEventTypes) {
        const fits = !isFinalTicket(state) && (type !== 'ticket.issued' || state === 'unknown');
        expect([state, type, ticketTableAcrossGap[state][type] !== null]).toEqual([state, type, fits]);
      }
    }
  });
});

describe('a ticket', () => {
  test.each([
    { words: 'issued called arrived ended', state: 'ended', misfits: [] },
    { words: 'issued called no_show recalled arrived', state: 'serving', misfits: [] },
    { words: 'issued called no_show requeued called', state: 'called', misfits: [] },
    { words: 'issued called arrived parked resumed called arrived', state: 'serving', misfits: [] },
    { words: 'issued called arrived transferred called', state: 'called', misfits: [] },
    { words: 'called recalled', state: 'called', misfits: [] },
    { words: 'issued recalled', state: 'waiting', misfits: ['e2'] },
    { words: 'issued called ended recalled called', state: 'ended', misfits: ['e4', 'e5'] },
    { words: 'issued issued', state: 'waiting', misfits: ['e2'] },
    { words: 'issued . recalled', state: 'called', misfits: [] },
    { words: '. . . arrived', state: 'serving', misfits: [] },
    { words: 'arrived', state: 'unknown', misfits: ['e1'] },
    { words: 'called . issued', state: 'called', misfits: ['e3'] },
    { words: 'issued abandoned . called', state: 'abandoned', misfits: ['e4'] },
    { words: 'issued removed ended', state: 'removed', misfits: ['e3'] },
  ])('$words → $state', ({ words, state, misfits }) => {
    const folded = foldTicket(life(words));
    expect(folded.state.state).toBe(state);
    expect(folded.misfits).toEqual(misfits);
  });

  test('carries the times of its life', () => {
    const { state } = foldTicket(life('issued called recalled arrived . ended'));
    expect(state).toEqual({
      ...unknownTicket,
      state: 'ended',
      ticket: 'A001',
      service: 'tax-general',
      window: 'w1',
      issuedAt: 1000,
      firstCalledAt: 2000,
      calledAt: 3000,
      callNumber: 2,
      arrivedAt: 4000,
      endedAt: 6000,
      calls: [{ window: 'w1', at: 3000 }],
      sequence: 6,
      gaps: 1,
    });
  });

  test('counts its calls per window, and believes the source where it counts itself', () => {
    const called = [event('ticket.called', 2), event('ticket.recalled', 3), event('ticket.called', 4, { window: 'w2' })];
    expect(foldTicket([event('ticket.issued', 1), ...called.slice(0, 2)]).state.callNumber).toBe(2);
    expect(foldTicket([event('ticket.issued', 1), ...called]).state).toMatchObject({ callNumber: 1, window: 'w2' });
    expect(foldTicket([event('ticket.called', 1, { callNumber: 7 })]).state.callNumber).toBe(7);
  });

  test('takes service, priority and appointment from its events', () => {
    const issued = event('ticket.issued', 1, { priority: 'elder', appointmentAt: '2026-11-23T10:00:00+08:00' });
    const { state } = foldTicket([issued, event('ticket.transferred', 2, { toWindow: 'w3' })]);
    expect(state).toMatchObject({ priority: 'elder', service: 'licence', toWindow: 'w3', state: 'waiting' });
    const then = foldTicket([issued, event('ticket.transferred', 2, { toWindow: 'w3' }), event('ticket.called', 3)]);
    expect(then.state.toWindow).toBeUndefined();
    expect(state.appointmentAt).toBe(Date.UTC(2026, 10, 23, 2));
  });

  test('is the same however its events are ordered and repeated', () => {
    fc.assert(
      fc.property(
        arbEvents.chain((events) => fc.tuple(fc.constant(events), shuffledWithRepeats(events))),
        ([events, shuffled]) => {
          const expected = foldTicket(events);
          expect(foldTicket(shuffled)).toEqual(expected);
          const thread = new Thread(ticketStep, { state: unknownTicket, sequence: 0, afterMs: BEFORE_ALL_MS }, shuffled);
          expect({ ...thread.state, sequence: thread.sequence, gaps: thread.gaps }).toEqual(expected.state);
        },
      ),
      { numRuns: 400 },
    );
  });

  test('once at an end, is at an end whatever arrives late', () => {
    fc.assert(
      fc.property(arbEvents, arbEvents, (some, more) => {
        const ended = isFinalTicket(foldTicket(some).state.state);
        const sequences = new Set(some.map(({ sequence }) => sequence));
        const late = more.filter(({ sequence }) => !sequences.has(sequence));
        fc.pre(ended);
        expect(isFinalTicket(foldTicket([...some, ...late]).state.state)).toBe(true);
      }),
    );
  });

  test('an event that does not fit changes nothing', () => {
    fc.assert(
      fc.property(arbEvents, (events) => {
        const { state, misfits } = foldTicket(events);
        const { sequence: _, gaps: __, ...facts } = state;
        const fitting = events.filter(({ id }) => !misfits.includes(id));
        const highest = new Set(events.map((one) => one.sequence));
        fc.pre(highest.size === Math.max(0, ...highest));
        const thread = new Thread(ticketStep, { state: unknownTicket, sequence: 0, afterMs: BEFORE_ALL_MS });
        for (const one of fitting.toSorted((a, b) => a.sequence - b.sequence)) thread.insert(one);
        expect(thread.state).toEqual(facts);
      }),
    );
  });
});

describe('a thread', () => {
  const start = { state: unknownTicket, sequence: 0, afterMs: BEFORE_ALL_MS };

  test('says why an event did not simply follow', () => {
    const thread = new Thread(ticketStep, start);
    expect(thread.insert(event('ticket.issued', 1))).toEqual({ kept: true });
    expect(thread.insert(event('ticket.called', 3))).toEqual({ kept: true, flag: 'gap' });
    expect(thread.insert(event('ticket.called', 3))).toEqual({ kept: false });
    expect(thread.insert({ ...event('ticket.called', 3), id: 'a' })).toEqual({ kept: false, flag: 'does_not_fit' });
    expect(thread.insert(event('ticket.transferred', 2))).toEqual({ kept: true, flag: 'late' });
    expect(thread.insert(event('ticket.resumed', 4))).toEqual({ kept: true, flag: 'does_not_fit' });
    expect(thread.gaps).toBe(0);
  });

  test('a late event can make a later one not fit', () => {
    const thread = new Thread(ticketStep, start, life('issued . arrived'));
    expect(thread.state.state).toBe('serving');
    thread.insert(event('ticket.requeued', 2));
    expect(thread.state.state).toBe('waiting');
  });

  test('keeps a bounded number of events, and the same state', () => {
    const events = [event('ticket.issued', 1)];
    for (let at = 2; at <= 5000; at += 1) events.push(event(at % 2 ? 'ticket.recalled' : 'ticket.called', at));
    const thread = new Thread(ticketStep, start, events);
    expect(thread.events.length).toBeLessThanOrEqual(128);
    expect(thread.state).toEqual(foldTicketFacts(events));
    expect(thread.gaps).toBe(0);
    expect(thread.insert(event('ticket.ended', 3))).toEqual({ kept: false, flag: 'late' });
  });
});

function foldTicketFacts(events: readonly TicketEvent[]) {
  const { sequence: _, gaps: __, ...facts } = foldTicket(events).state;
  return facts;
}

function shuffledWithRepeats<T>(items: readonly T[]): fc.Arbitrary<T[]> {
  if (items.length === 0) return fc.constant([]);
  return fc
    .tuple(
      fc.shuffledSubarray([...items], { minLength: items.length }),
      fc.array(fc.tuple(fc.nat(items.length - 1), fc.nat(items.length))),
    )
    .map(([shuffled, repeats]) => {
      const list = [...shuffled];
      for (const [which, where] of repeats) list.splice(where, 0, items[which] as T);
      return list;
    });
}

test('the final states are those that nothing leaves', () => {
  const stuck = ticketStates.filter((state) => Object.values(ticketTable[state]).every((next) => next === null));
  expect(stuck).toEqual([...finalTicketStates]);
});
