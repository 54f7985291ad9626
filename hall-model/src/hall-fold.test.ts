import type { HallEvent, WindowLive } from '@hall/contracts';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { HallFold } from './hall-fold.ts';
import { SAMPLE_SOURCE, sampleEvent, sampleHall } from './sample-hall.ts';
import { parseSnapshot, type HallSnapshot } from './snapshot.ts';
import { foldTicket, type TicketEvent } from './ticket.ts';
import { foldWindow, type WindowEvent } from './window.ts';

const START = Date.UTC(2026, 10, 23, 1, 0);
const MINUTE = 60_000;
const DAY = 86_400_000;

const issued = (subject: string, minute: number, extra: object = {}) =>
  sampleEvent('ticket.issued', subject, 1, START + minute * MINUTE, {
    ticket: subject.toUpperCase(),
    service: 'tax-general',
    ...extra,
  });
const called = (subject: string, sequence: number, minute: number, window = 'w1') =>
  sampleEvent('ticket.called', subject, sequence, START + minute * MINUTE, { ticket: subject.toUpperCase(), window });
const ended = (subject: string, sequence: number, minute: number) =>
  sampleEvent('ticket.ended', subject, sequence, START + minute * MINUTE, { ticket: subject.toUpperCase() });
const windowEvent = (word: 'opened' | 'closed' | 'resumed' | 'fault' | 'fault_cleared', sequence: number, window = 'w1') =>
  sampleEvent(`window.${word}`, window, sequence, START + sequence * MINUTE, { window });
const paused = (sequence: number) =>
  sampleEvent('window.paused', 'w1', sequence, START + sequence * MINUTE, {
    window: 'w1',
    reason: 'meeting',
    expectedReturnAt: '2026-11-23T10:40:00+08:00',
  });
const reset = (businessDay: string, time: number): HallEvent => ({
  id: `reset-${businessDay}`,
  source: SAMPLE_SOURCE,
  type: 'hall.queue_reset',
  subject: '',
  sequence: 0,
  time,
  data: { businessDay },
});
const foldOf = (...events: HallEvent[]) => {
  const fold = new HallFold(sampleHall);
  const applied = events.map((event) => fold.apply(event));
  return { fold, applied, newest: applied.at(-1) };
};

describe('a window', () => {
  test('of which nothing was heard has no data', () => {
    expect(foldOf().fold.windowLive('w1')).toEqual({
      kind: 'window',
      window: 'w1',
      state: 'no_data',
      department: 'tax',
      services: ['tax-general'],
    });
    expect(foldOf().fold.windowLive('w9')).toBeUndefined();
  });

  test('shows its newest call', () => {
    const { fold, newest } = foldOf(issued('a1', 0), called('a1', 2, 5));
    expect(newest).toEqual({
      windows: ['w1'],
      services: ['tax-general'],
      entities: [`ticket a1 ${SAMPLE_SOURCE}`],
    });
    expect(fold.windowLive('w1')).toEqual({
      kind: 'window',
      window: 'w1',
      state: 'serving',
      ticket: 'A1',
      callNumber: 1,
      calledAt: START + 5 * MINUTE,
      department: 'tax',
      services: ['tax-general'],
    });
  });

  test('goes back to open when its ticket has ended, not to an older ticket', () => {
    const { fold } = foldOf(called('a1', 1, 1), called('a2', 1, 2), ended('a2', 2, 3));
    expect(fold.windowLive('w1')).toMatchObject({ state: 'open' });
    expect(fold.windowLive('w1')?.ticket).toBeUndefined();
  });

  test('loses its ticket to the window that calls it next', () => {
    const { fold, newest } = foldOf(called('a1', 1, 1), called('a1', 2, 2, 'w2'));
    expect(newest?.windows.toSorted()).toEqual(['w1', 'w2']);
    expect([fold.windowLive('w1')?.ticket, fold.windowLive('w2')?.ticket]).toEqual([undefined, 'A1']);
  });

  test('decides between two calls of one moment by subject', () => {
    for (const order of [
      ['a1', 'a2'],
      ['a2', 'a1'],
    ]) {
      const { fold } = foldOf(...order.map((subject) => called(subject, 1, 1)));
      expect(fold.windowLive('w1')?.ticket).toBe('A2');
    }
  });

  test.each([
    { events: [windowEvent('opened', 1)], state: 'serving' },
    { events: [windowEvent('opened', 1), paused(2)], state: 'paused' },
    { events: [paused(1), windowEvent('resumed', 2)], state: 'serving' },
    { events: [windowEvent('closed', 1)], state: 'closed' },
    { events: [paused(1), windowEvent('fault', 2)], state: 'fault' },
    { events: [windowEvent('closed', 1), windowEvent('fault', 2)], state: 'fault' },
    { events: [windowEvent('closed', 1), windowEvent('fault', 2), windowEvent('fault_cleared', 3)], state: 'closed' },
  ])('with a ticket at it is $state after $events.length window events', ({ events, state }) => {
    const live = foldOf(called('a1', 1, 1), ...events).fold.windowLive('w1');
    expect(live?.state).toBe(state);
    expect(live?.ticket).toBe(state === 'serving' ? 'A1' : undefined);
  });

  test('says why it is paused and until when, only while it is', () => {
    const { fold } = foldOf(windowEvent('opened', 1), paused(2));
    expect(fold.windowLive('w1')).toMatchObject({ reason: 'meeting', expectedReturnAt: Date.UTC(2026, 10, 23, 2, 40) });
    fold.apply(windowEvent('fault', 3));
    expect(fold.windowLive('w1')?.reason).toBeUndefined();
  });

  test('changes when only its time of return does', () => {
    const later = sampleEvent('window.paused', 'w1', 2, START, {
      window: 'w1',
      reason: 'meeting',
      expectedReturnAt: '2026-11-23T11:00:00+08:00',
    });
    const { fold, newest } = foldOf(paused(1), later);
    expect(newest?.windows).toEqual(['w1']);
    expect(fold.windowLive('w1')?.expectedReturnAt).toBe(Date.UTC(2026, 10, 23, 3, 0));
  });

  test('shows who is signed on and the services set there', () => {
    const { fold } = foldOf(
      sampleEvent('window.staff_on', 'w1', 1, START, { window: 'w1', staff: 's2', department: 'market' }),
      sampleEvent('window.services_set', 'w1', 2, START, { window: 'w1', services: ['licence', 'gone'] }),
    );
    expect(fold.windowLive('w1')).toEqual({
      kind: 'window',
      window: 'w1',
      state: 'open',
      staff: 's2',
      department: 'market',
      services: ['licence'],
    });
  });

  test('is not reported as changed by what changes nothing on it', () => {
    const arrived = sampleEvent('ticket.arrived', 'a1', 2, START + 3 * MINUTE, { ticket: 'A1', window: 'w1' });
    const { fold, applied } = foldOf(called('a1', 1, 1), arrived);
    const before = fold.windowLive('w1');
    expect(applied[1]?.windows).toEqual([]);
    fold.apply(arrived);
    expect(fold.windowLive('w1')).toBe(before);
  });
});

describe('a queue', () => {
  test('counts who waits and names the next by priority, issue time and subject', () => {
    const { fold } = foldOf(
      issued('a3', 3),
      issued('a1', 1),
      issued('a5', 2),
      issued('a4', 2),
      issued('a7', 9, { priority: 'green' }),
      issued('a6', 8, { priority: 'elder' }),
      issued('a9', 1, { service: 'licence' }),
    );
    expect(fold.queueLive('tax-general')).toEqual({
      kind: 'queue',
      service: 'tax-general',
      waiting: 6,
      next: ['A7', 'A6', 'A1', 'A4', 'A5'],
    });
    expect(fold.waitingFor(['tax-general', 'licence', 'licence'])).toBe(7);
    expect(fold.queueLive('gone')).toBeUndefined();
  });

  test('loses a ticket that is called and gets one that is transferred', () => {
    const moved = sampleEvent('ticket.transferred', 'a1', 3, START, { ticket: 'A1', toService: 'licence' });
    const { fold, applied } = foldOf(issued('a1', 0), called('a1', 2, 1), moved);
    expect(applied.map(({ services }) => services)).toEqual([['tax-general'], ['tax-general'], ['licence']]);
    expect([fold.queueLive('tax-general')?.waiting, fold.queueLive('licence')?.next]).toEqual([0, ['A1']]);
  });
});

describe('flags', () => {
  test('say why an event did not simply follow', () => {
    const { applied } = foldOf(
      issued('a1', 0),
      called('a1', 3, 2),
      sampleEvent('ticket.requeued', 'a1', 2, START + 1, { ticket: 'A1' }),
      sampleEvent('ticket.resumed', 'a1', 4, START + 4, { ticket: 'A1' }),
      windowEvent('opened', 1),
      windowEvent('opened', 2),
      sampleEvent('case.accepted', 'c1', 1, START, { case: 'c1' }),
      sampleEvent('feed.heartbeat', '', 0, START, {}),
      sampleEvent('rating.given', '', 0, START, { window: 'w1', grade: 5 }),
    );
    expect(applied.map(({ flag }) => flag)).toEqual([
      undefined,
      'gap',
      'late',
      'does_not_fit',
      undefined,
      'does_not_fit',
      'does_not_fit',
      undefined,
      undefined,
    ]);
  });

  test('a misfit changes no live value', () => {
    const { newest } = foldOf(
      issued('a1', 0),
      ended('a1', 2, 1),
      sampleEvent('ticket.called', 'a1', 3, START, { ticket: 'A1', window: 'w1' }),
    );
    expect(newest).toEqual({ flag: 'does_not_fit', windows: [], services: [], entities: [`ticket a1 ${SAMPLE_SOURCE}`] });
  });
});

describe('a queue reset', () => {
  const morning = Date.UTC(2026, 10, 23, 16, 0);

  test('removes what was issued before that day and leaves nothing in limbo', () => {
    const { fold, newest } = foldOf(
      issued('a1', 0),
      issued('a2', 0),
      called('a2', 2, 1),
      issued('a3', 24 * 60),
      reset('2026-11-24', morning),
    );
    expect(newest?.windows).toEqual(['w1']);
    expect(newest?.services).toEqual(['tax-general']);
    expect(fold.queueLive('tax-general')).toMatchObject({ waiting: 1, next: ['A3'] });
    expect(fold.windowLive('w1')?.state).toBe('open');
    expect(fold.ticket(SAMPLE_SOURCE, 'a1')).toMatchObject({ state: 'removed' });
  });

  test('keeps a ticket booked for the new day', () => {
    const { fold } = foldOf(issued('a1', 0, { appointmentAt: '2026-11-24T09:30:00+08:00' }), reset('2026-11-24', morning));
    expect(fold.queueLive('tax-general')?.waiting).toBe(1);
  });

  test('no later event brings a removed ticket back', () => {
    const late = called('a1', 2, 3);
    const after = { ...called('a1', 3, 24 * 60 + 5), id: 'after' };
    const { fold, applied } = foldOf(issued('a1', 0), reset('2026-11-24', morning), late, after);
    expect(applied.slice(2).map(({ flag }) => flag)).toEqual(['late', 'does_not_fit']);
    expect(fold.windowLive('w1')?.ticket).toBeUndefined();
  });

  test('twice, or for a day that is over, changes nothing', () => {
    const { applied } = foldOf(
      reset('2026-11-24', morning),
      { ...reset('2026-11-24', morning), id: 'again' },
      reset('2026-11-23', morning),
    );
    expect(applied.map(({ flag, entities }) => [flag, entities])).toEqual([
      [undefined, ['hall']],
      [undefined, []],
      ['late', []],
    ]);
  });

  test.each(['2027-02-30', '9999-12-31'])('for %s does not fit', (day) => {
    const { fold, newest } = foldOf(issued('a1', 0), reset(day, morning));
    expect(newest?.flag).toBe('does_not_fit');
    expect(fold.queueLive('tax-general')?.waiting).toBe(1);
  });

  test('does not make a window without window events forget that it was at work', () => {
    const { fold } = foldOf(called('a1', 1, 0), reset('2026-11-24', morning), reset('2026-11-25', morning + DAY));
    expect(fold.ticket(SAMPLE_SOURCE, 'a1')).toBeUndefined();
    expect(fold.windowLive('w1')?.state).toBe('open');
    const restored = new HallFold(sampleHall);
    restored.restore([...fold.keys()].map((key) => [key, fold.exportRow(key) ?? '']));
    expect(restored.windowLive('w1')?.state).toBe('open');
  });

  test('forgets tickets a day later', () => {
    const { fold } = foldOf(issued('a1', 0), ended('a1', 2, 1), issued('a2', 0), reset('2026-11-24', morning));
    expect([...fold.keys()]).toHaveLength(3);
    fold.apply(reset('2026-11-25', morning + DAY));
    expect([...fold.keys()]).toEqual(['hall']);
    expect(fold.windowLive('w1')?.state).toBe('no_data');
    expect(fold.ticket(SAMPLE_SOURCE, 'a1')).toBeUndefined();
  });
});

describe('a snapshot', () => {
  const snapshot = (minute: number, parts: Partial<HallSnapshot> = {}): HallSnapshot => ({
    source: SAMPLE_SOURCE,
    time: START + minute * MINUTE,
    tickets: [],
    windows: [],
    ...parts,
  });
  const namedTicket = (
    subject: string,
    sequence: number,
    state: 'waiting' | 'called' | 'serving' | 'parked',
    extra: object = {},
  ) => ({
    subject,
    sequence,
    state,
    ticket: subject.toUpperCase(),
    service: 'tax-general',
    issuedAt: START,
    calledAt: undefined,
    ...extra,
  });
  const namedWindow = (state: 'open' | 'paused' | 'closed' | 'fault', sequence: number, extra: object = {}) => ({
    subject: 'w1',
    sequence,
    window: 'w1',
    state,
    expectedReturnAt: undefined,
    ...extra,
  });

  test('ends what it does not name and closes the windows it does not name', () => {
    const { fold } = foldOf(called('a1', 1, 1), issued('a2', 2), windowEvent('opened', 1), windowEvent('opened', 1, 'w2'));
    const applied = fold.applySnapshot(snapshot(10));
    expect(applied?.windows.toSorted()).toEqual(['w1', 'w2', 'w3']);
    expect(applied?.services).toEqual(['tax-general']);
    expect(fold.windowLive('w1')?.state).toBe('closed');
    expect(fold.queueLive('tax-general')?.waiting).toBe(0);
    expect(fold.exportRow(`ticket a1 ${SAMPLE_SOURCE}`)).toBeUndefined();
    expect(applied?.entities).toContain(`ticket a1 ${SAMPLE_SOURCE}`);
  });

  test('sets what it names at its sequence; later events go on, older ones are late', () => {
    const { fold } = foldOf(issued('a1', 0));
    fold.applySnapshot(
      snapshot(10, {
        tickets: [namedTicket('a1', 4, 'called', { window: 'w1', calledAt: START + 9 * MINUTE, callNumber: 2 })],
        windows: [namedWindow('open', 7)],
      }),
    );
    expect(fold.windowLive('w1')).toMatchObject({ state: 'serving', ticket: 'A1', callNumber: 2 });
    expect(fold.apply(ended('a1', 3, 8))).toMatchObject({ flag: 'late', windows: [] });
    expect(fold.apply(windowEvent('closed', 6))).toMatchObject({ flag: 'late', windows: [] });
    expect(fold.apply(ended('a1', 5, 11))).toMatchObject({ windows: ['w1'] });
    expect(fold.windowLive('w1')?.state).toBe('open');
  });

  test('keeps an event that is already known and follows it', () => {
    const { fold } = foldOf(issued('a1', 0), called('a1', 5, 12), issued('a2', 11));
    fold.applySnapshot(snapshot(10, { tickets: [namedTicket('a1', 4, 'waiting')], windows: [namedWindow('open', 0)] }));
    expect(fold.windowLive('w1')?.ticket).toBe('A1');
    expect(fold.queueLive('tax-general')?.next).toEqual(['A2']);
  });

  test('makes every event of an unnamed ticket late that is not newer', () => {
    const { fold } = foldOf();
    fold.applySnapshot(snapshot(10));
    expect(fold.apply(called('a1', 2, 9))).toEqual({ flag: 'late', windows: [], services: [], entities: [] });
    expect([...fold.keys()]).not.toContain(`ticket a1 ${SAMPLE_SOURCE}`);
    expect(fold.apply(called('a1', 3, 11)).flag).toBe('gap');
    expect(fold.apply({ ...ended('a1', 4, 10) }).flag).toBe('late');
    expect(fold.windowLive('w2')?.state).toBe('closed');
  });

  test('cures a window of an event with a sequence out of all order', () => {
    const { fold } = foldOf({ ...windowEvent('closed', 1), sequence: 999_999_999 }, windowEvent('opened', 2));
    expect(fold.windowLive('w1')?.state).toBe('closed');
    fold.applySnapshot(snapshot(10, { windows: [namedWindow('open', 2)] }));
    expect(fold.windowLive('w1')?.state).toBe('open');
    expect(fold.apply({ ...windowEvent('closed', 3), time: START + 11 * MINUTE }).windows).toEqual(['w1']);
  });

  test('older than the newest is refused', () => {
    const { fold } = foldOf();
    expect(fold.applySnapshot(snapshot(10))).toBeDefined();
    expect(fold.applySnapshot(snapshot(9))).toBeUndefined();
    expect(fold.applySnapshot(snapshot(10))).toBeDefined();
  });

  test('leaves the tickets and windows of another source alone', () => {
    const { fold } = foldOf(called('a1', 1, 1), windowEvent('opened', 1));
    fold.applySnapshot(snapshot(10, { source: '/platform/other' }));
    expect(fold.windowLive('w1')?.ticket).toBe('A1');
  });

  test('shows states, reason and return as it names them', () => {
    const { fold } = foldOf();
    const back = START + 20 * MINUTE;
    fold.applySnapshot(
      snapshot(1, { windows: [namedWindow('paused', 1, { reason: 'office', expectedReturnAt: back, staff: 's1' })] }),
    );
    expect(fold.windowLive('w1')).toMatchObject({ state: 'paused', reason: 'office', expectedReturnAt: back, staff: 's1' });
    fold.applySnapshot(snapshot(2, { windows: [namedWindow('fault', 2)] }));
    expect(fold.windowLive('w1')?.state).toBe('fault');
    fold.apply({ ...windowEvent('fault_cleared', 3), time: START + 3 * MINUTE });
    expect(fold.windowLive('w1')?.state).toBe('open');
  });

  test('with a time that does not exist is refused with its field', () => {
    const given = { source: SAMPLE_SOURCE, time: '2026-02-30T00:00:00Z', tickets: [], windows: [] };
    expect(() => parseSnapshot(given)).toThrow(
      expect.objectContaining({ code: 'SNAPSHOT_INVALID', details: expect.objectContaining({ field: '/time' }) }),
    );
    const ticket = { subject: 'a', sequence: 1, ticket: 'A1', service: 'x', state: 'waiting' as const, issuedAt: 'soon' };
    expect(() => parseSnapshot({ ...given, time: '2026-02-20T00:00:00Z', tickets: [ticket] })).toThrow(
      expect.objectContaining({ details: expect.objectContaining({ field: '/tickets/0/issuedAt' }) }),
    );
  });
});

test('changed content changes live values and keeps the facts', () => {
  const { fold } = foldOf(called('a1', 1, 1), issued('a2', 1, { service: 'seal' }));
  const applied = fold.setContent({
    ...sampleHall,
    services: sampleHall.services.filter(({ id }) => id !== 'seal'),
    windows: [{ id: 'w1', number: '1', department: 'market', services: ['licence'] }],
  });
  expect(applied.windows.toSorted()).toEqual(['w1', 'w2', 'w3']);
  expect(applied.services).toEqual(['seal']);
  expect(fold.windowLive('w1')).toMatchObject({ department: 'market', ticket: 'A1' });
  expect([fold.windowLive('w2'), fold.queueLive('seal')]).toEqual([undefined, undefined]);
  expect(fold.setContent(sampleHall).services).toEqual(['seal']);
  expect(fold.queueLive('seal')?.waiting).toBe(1);
});

test('a row never holds a name', () => {
  const { fold } = foldOf(
    issued('a1', 0, { name: '张**' }),
    sampleEvent('case.received', 'c1', 1, START, { case: 'c1', applicant: '李**' }),
  );
  const rows = [...fold.keys()].map((key) => fold.exportRow(key)).join();
  expect(rows).toContain('a1-1');
  expect(rows).not.toContain('**');
});

// ---- every set of events

const tickets = ['t1', 't2', 't3', 't4'];
const ticketTypes = [
  'issued',
  'called',
  'recalled',
  'arrived',
  'transferred',
  'requeued',
  'parked',
  'resumed',
  'no_show',
  'abandoned',
  'removed',
  'ended',
] as const;
const arbWindowId = fc.constantFrom('w1', 'w2');
const arbTime = fc.integer({ min: 0, max: 60 * 40 }).map((minute) => START + minute * MINUTE);
const arbTicketEvent: fc.Arbitrary<HallEvent> = fc
  .record({
    subject: fc.constantFrom(...tickets),
    word: fc.oneof({ weight: 3, arbitrary: fc.constantFrom('issued', 'called', 'called') }, fc.constantFrom(...ticketTypes)),
    sequence: fc.integer({ min: 1, max: 6 }),
    time: arbTime,
    window: arbWindowId,
    service: fc.constantFrom('tax-general', 'licence'),
    priority: fc.constantFrom('normal', 'green'),
  })
  .map(({ subject, word, sequence, time, window, service, priority }) => {
    const data = {
      ticket: subject.toUpperCase(),
      ...(word === 'issued' ? { service, priority } : {}),
      ...(['called', 'recalled', 'arrived'].includes(word) ? { window } : {}),
      ...(word === 'transferred' ? { toService: service } : {}),
    };
    const id = JSON.stringify([subject, word, sequence, time, data]);
    return { ...sampleEvent(`ticket.${word as 'issued'}`, subject, sequence, time, data as never), id };
  });
const arbWindowEvent: fc.Arbitrary<HallEvent> = fc
  .record({
    window: arbWindowId,
    word: fc.constantFrom(
      'opened',
      'closed',
      'paused',
      'resumed',
      'fault',
      'fault_cleared',
      'staff_on',
      'staff_off',
      'services_set',
    ),
    sequence: fc.integer({ min: 1, max: 6 }),
    time: arbTime,
  })
  .map(({ window, word, sequence, time }) => {
    const data = {
      window,
      ...(word === 'paused' ? { reason: 'office' } : {}),
      ...(word === 'staff_on' ? { staff: 's1' } : {}),
      ...(word === 'services_set' ? { services: ['seal'] } : {}),
    };
    return {
      ...sampleEvent(`window.${word as 'opened'}`, window, sequence, time, data as never),
      id: JSON.stringify([window, word, sequence, time]),
    };
  });
const arbEvents = fc.array(fc.oneof({ weight: 3, arbitrary: arbTicketEvent }, arbWindowEvent), { maxLength: 30 });
const arbReset = fc.constantFrom('2026-11-23', '2026-11-24').map((day) => reset(day, START + DAY));
const arbSnapshot: fc.Arbitrary<HallSnapshot> = fc.record({
  source: fc.constant(SAMPLE_SOURCE),
  time: arbTime,
  tickets: fc.uniqueArray(
    fc.record({
      subject: fc.constantFrom(...tickets),
      sequence: fc.integer({ min: 1, max: 6 }),
      ticket: fc.constant('T9'),
      service: fc.constant('licence'),
      state: fc.constantFrom('waiting', 'called', 'serving', 'parked'),
      window: arbWindowId,
      issuedAt: arbTime,
      calledAt: fc.option(arbTime, { nil: undefined }),
    }),
    { selector: ({ subject }) => subject, maxLength: 3 },
  ),
  windows: fc.uniqueArray(
    fc.record({
      subject: fc.constant('w'),
      sequence: fc.integer({ min: 0, max: 6 }),
      window: arbWindowId,
      state: fc.constantFrom('open', 'paused', 'closed', 'fault'),
      expectedReturnAt: fc.constant(undefined),
    }),
    { selector: ({ window }) => window },
  ),
});

const pictureOf = (fold: HallFold) => ({
  windows: sampleHall.windows.map(({ id }) => fold.windowLive(id)),
  queues: sampleHall.services.map(({ id }) => fold.queueLive(id)),
  waiting: fold.waitingFor(['tax-general', 'licence']),
});
type Act = HallEvent | HallSnapshot;
const play = (acts: readonly Act[], fold = new HallFold(sampleHall)) => {
  for (const act of acts) {
    if ('tickets' in act) fold.applySnapshot(act);
    else fold.apply(act);
  }
  return fold;
};
const shuffledWithRepeats = <T>(items: readonly T[]): fc.Arbitrary<T[]> =>
  fc
    .tuple(fc.shuffledSubarray([...items], { minLength: items.length }), fc.shuffledSubarray([...items]), fc.nat())
    .map(([all, again, at]) => all.toSpliced(items.length === 0 ? 0 : at % items.length, 0, ...again));

/** What the rules say, worked out from scratch in the plainest way. */
function plainPicture(events: readonly HallEvent[]) {
  const bySubject = (subject: string, prefix: string) =>
    events.filter((event) => event.subject === subject && event.type.startsWith(prefix));
  const lives = tickets.map((subject) => ({ subject, ...foldTicket(bySubject(subject, 'ticket.') as TicketEvent[]).state }));
  const waiting = (service: string) => lives.filter((life) => life.state === 'waiting' && life.service === service);
  const windows = sampleHall.windows.map(({ id, department, services }): WindowLive => {
    const { state: facts } = foldWindow(bySubject(id, 'window.') as WindowEvent[]);
    const [newest] = lives
      .flatMap((life) => life.calls.filter(({ window }) => window === id).map((call) => ({ ...call, life })))
      .toSorted((a, b) => b.at - a.at || (a.life.subject < b.life.subject ? 1 : -1));
    const current =
      newest && newest.life.window === id && ['called', 'serving'].includes(newest.life.state) ? newest.life : undefined;
    const word = facts.fault
      ? 'fault'
      : facts.condition === 'closed' || facts.condition === 'paused'
        ? facts.condition
        : current
          ? 'serving'
          : facts.condition === 'open' || newest || facts.staff
            ? 'open'
            : 'no_data';
    return {
      kind: 'window',
      window: id,
      state: word,
      department,
      services: [...(facts.services ?? services)],
      ...(word === 'serving'
        ? { ticket: current?.ticket ?? '', callNumber: Math.max(1, current?.callNumber ?? 0), calledAt: current?.calledAt ?? 0 }
        : {}),
      ...(word === 'paused' ? { reason: facts.reason ?? 'other' } : {}),
      ...(facts.staff ? { staff: facts.staff } : {}),
    };
  });
  return { windows, queues: sampleHall.services.map(({ id }) => waiting(id).length) };
}

describe('for every set of events', () => {
  test('windows and queues are what the rules say, worked out from scratch', () => {
    fc.assert(
      fc.property(arbEvents, (events) => {
        const { windows, queues } = pictureOf(play(events));
        expect({ windows, queues: queues.map((queue) => queue?.waiting) }).toEqual(plainPicture(events));
      }),
      { numRuns: 300 },
    );
  });

  test('order and repeats of events, a reset and a snapshot make no difference', () => {
    const arb = fc
      .tuple(arbEvents, fc.option(arbReset), fc.option(arbSnapshot))
      .map(([events, one, other]): Act[] => [...events, ...(one ? [one] : []), ...(other ? [other] : [])])
      .chain((acts) => fc.tuple(fc.constant(acts), shuffledWithRepeats(acts)));
    fc.assert(
      fc.property(arb, ([acts, shuffled]) => {
        expect(pictureOf(play(shuffled))).toEqual(pictureOf(play(acts)));
      }),
      { numRuns: 500 },
    );
  });

  test('what it reports as changed is exactly what changed', () => {
    fc.assert(
      fc.property(fc.tuple(arbEvents, fc.option(arbReset), fc.option(arbSnapshot)), ([events, one, other]) => {
        const fold = new HallFold(sampleHall);
        for (const act of [...events, ...(one ? [one] : []), ...(other ? [other] : []), ...events]) {
          const before = pictureOf(fold);
          const applied = 'tickets' in act ? fold.applySnapshot(act) : fold.apply(act);
          const after = pictureOf(fold);
          const windows = before.windows.filter((live, at) => JSON.stringify(live) !== JSON.stringify(after.windows[at]));
          const queues = before.queues.filter((live, at) => JSON.stringify(live) !== JSON.stringify(after.queues[at]));
          expect(applied?.windows.toSorted()).toEqual(windows.map((live) => live?.window));
          expect(applied?.services.toSorted()).toEqual(queues.map((live) => live?.service ?? '').toSorted());
        }
      }),
      { numRuns: 150 },
    );
  });

  test('a fold restored from its rows goes on as the one that wrote them', () => {
    fc.assert(
      fc.property(arbEvents, fc.option(arbReset), fc.option(arbSnapshot), arbEvents, (events, first, other, more) => {
        const acts: Act[] = [...events, ...(first ? [first] : []), ...(other ? [other] : [])];
        const rows = new Map<string, string>();
        const fold = new HallFold(sampleHall);
        for (const act of acts) {
          const applied = 'tickets' in act ? fold.applySnapshot(act) : fold.apply(act);
          for (const key of applied?.entities ?? []) {
            const row = fold.exportRow(key);
            if (row === undefined) rows.delete(key);
            else rows.set(key, row);
          }
        }
        const restored = new HallFold(sampleHall);
        restored.restore(rows);
        expect(pictureOf(restored)).toEqual(pictureOf(fold));
        const flags = more.map((event) => fold.apply(event));
        expect(more.map((event) => restored.apply(event))).toEqual(flags);
        expect(pictureOf(restored)).toEqual(pictureOf(fold));
        const rowsOf = (one: HallFold) => new Map([...one.keys()].map((key) => [key, one.exportRow(key)]));
        expect(rowsOf(restored)).toEqual(rowsOf(fold));
      }),
      { numRuns: 200 },
    );
  });

  test('no ended ticket is ever shown', () => {
    fc.assert(
      fc.property(arbEvents, (events) => {
        const fold = play(events);
        for (const { id } of sampleHall.windows) {
          const shown = fold.windowLive(id)?.ticket;
          if (shown === undefined) continue;
          expect(['called', 'serving']).toContain(fold.ticket(SAMPLE_SOURCE, shown.toLowerCase())?.state);
        }
      }),
    );
  });
});

test('cases are folded beside the queue and forgotten when long ended', () => {
  const received = sampleEvent('case.received', 'c1', 1, START, { case: 'c1' });
  const gone = sampleEvent('case.withdrawn', 'c1', 2, START + 1, { case: 'c1' });
  const { fold } = foldOf(received, sampleEvent('case.received', 'c2', 1, START, { case: 'c2' }), gone);
  expect(fold.case(SAMPLE_SOURCE, 'c1')).toMatchObject({ state: 'withdrawn', sequence: 2 });
  fold.apply(reset('2026-11-24', START + DAY));
  fold.apply(reset('2026-11-25', START + 2 * DAY));
  expect(fold.case(SAMPLE_SOURCE, 'c1')).toBeUndefined();
  expect(fold.case(SAMPLE_SOURCE, 'c2')).toMatchObject({ state: 'received' });
});
