import type { WaitingList, WindowLive } from '@hall/contracts';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import * as island from './machine.ts';
import type { IslandState, Known, Told } from './machine.ts';

const DAY = 20_000;
const at = (hallMs: number): island.Moment => ({ hallMs, day: DAY, dayMs: 0 });
const value = (window: string, more: Partial<WindowLive> = {}): WindowLive => ({
  kind: 'window',
  window,
  state: 'open',
  department: 'tax',
  services: ['pay', 'print'],
  ...more,
});
const list = (service: string, ...tickets: string[]): [string, WaitingList] => [
  service,
  { service, at: 90, tickets: tickets.map((ticket, n) => ({ ticket, since: n + 1 })) },
];
const known = (told: Record<string, Partial<WindowLive>>, ...lists: [string, WaitingList][]): Known => ({
  told: new Map(Object.entries(told).map(([window, more], n) => [window, { seq: n + 1, live: value(window, more) }])),
  windows: new Set(Object.keys(told)),
  lists: new Map(lists),
});
const alone = island.begin(island.noIsland, at(100));
/** Presses keys one after the other; refusals change nothing. */
function press(state: IslandState, about: Known, ...keys: [Parameters<typeof island.act>[1], string][]): IslandState {
  let now = state;
  keys.forEach(([name, window], n) => {
    const outcome = island.act(now, name, window, about, at(200 + n));
    if ('state' in outcome) now = outcome.state;
  });
  return now;
}
const refusal = (state: IslandState, name: Parameters<typeof island.act>[1], window: string, about: Known) => {
  const outcome = island.act(state, name, window, about, at(300));
  return 'refused' in outcome ? outcome.refused : undefined;
};
const shown = (state: IslandState, window: string, { told }: Pick<Known, 'told'>) =>
  (island.shownOf(state, window, told)?.live ?? told.get(window)?.live)?.ticket;

describe('next', () => {
  test('goes by the order of the services of the window, then by the list; a service with nobody waiting is passed over', () => {
    const about = known({ w1: {} }, list('print', 'P001'), list('pay', 'A001', 'A002'));
    const steps = [1, 2, 3].map((times) => press(alone, about, ...Array<['next', string]>(times).fill(['next', 'w1'])));
    expect(steps.map((state) => state.windows['w1']?.live.ticket)).toEqual(['A001', 'A002', 'P001']);
    expect(press(steps[2] ?? alone, about, ['next', 'w1']).windows['w1']?.live).toMatchObject({ state: 'open', island: true });
  });

  test('never calls a ticket that another window shows, called here or by the server', () => {
    const about = known({ w1: { state: 'serving', ticket: 'A001' }, w2: {}, w3: {} }, list('pay', 'A001', 'A002', 'A003'));
    const state = press(alone, about, ['next', 'w2'], ['next', 'w3']);
    expect([state.windows['w2']?.live.ticket, state.windows['w3']?.live.ticket]).toEqual(['A002', 'A003']);
  });

  test('a list of yesterday calls nobody, and yesterday is forgotten', () => {
    const about = known({ w1: {} }, list('pay', 'A001'));
    const before = press(alone, about, ['next', 'w1']);
    const outcome = island.act(before, 'next', 'w1', about, { hallMs: 500, day: DAY + 1, dayMs: 400 });
    expect(outcome).toMatchObject({ done: { act: 'next' }, state: { used: {}, windows: { w1: { live: { state: 'open' } } } } });
  });
});

test('what does not fit is refused with its reason', () => {
  const about = known({ w1: {}, w2: { state: 'closed' }, w3: { state: 'paused' }, w4: { state: 'serving', ticket: 'A001' } });
  expect(refusal(island.noIsland, 'next', 'w1', about)).toBe('waiting');
  expect(refusal(alone, 'next', 'w9', about)).toBe('window_not_here');
  expect(refusal(alone, 'next', 'w1', { ...about, told: new Map() })).toBe('window_unknown');
  expect(refusal(alone, 'next', 'w2', about)).toBe('window_closed');
  expect(refusal(alone, 'next', 'w3', about)).toBe('window_paused');
  expect(refusal(alone, 'resume', 'w1', about)).toBe('window_open');
  expect(refusal(alone, 'recall', 'w1', about)).toBe('no_ticket');
  const twice = known({ w4: { state: 'serving', ticket: 'A001' }, w5: { state: 'serving', ticket: 'A001' } });
  expect(refusal(alone, 'recall', 'w4', twice)).toBe('ticket_elsewhere');
});

describe('the server is back', () => {
  const about = known({ w1: { state: 'serving', ticket: 'A001', calledAt: 50 } }, list('pay', 'A002'));
  const called = press(alone, about, ['next', 'w1']);

  test('until its truth is vouched for the screen keeps what was called here', () => {
    expect(shown(island.answered(called), 'w1', about)).toBe('A002');
  });
  test('a number older than the call made here is not shown again, whatever else the server says of the window', () => {
    const settled = island.settle(island.answered(called), about.told);
    expect(shown(settled, 'w1', about)).toBeUndefined();
    const again = known({ w1: { state: 'serving', ticket: 'A001', calledAt: 50, staff: 'li' } });
    expect(shown(island.heard(settled, again.told), 'w1', again)).toBeUndefined();
    const newer = known({ w1: { state: 'serving', ticket: 'A003', calledAt: 900 } });
    const told = island.heard(settled, newer.told);
    expect(shown(told, 'w1', newer)).toBe('A003');
    expect(told.held).toEqual({});
  });
  test('a newer truth, a truth without a number and the same ticket count at once', () => {
    for (const more of [
      { state: 'serving', ticket: 'A009', calledAt: 900 },
      { state: 'closed' },
      { state: 'serving', ticket: 'A002' },
    ] as const) {
      const truth = known({ w1: more });
      expect(island.shownOf(island.settle(called, truth.told), 'w1', truth.told)).toBeUndefined();
    }
  });
});

/** A platform that calls at windows with ever newer times, and an agent that loses and finds it, hears it late and is pressed. */
const steps = fc.array(
  fc.oneof(
    fc.record({
      is: fc.constant('key' as const),
      act: fc.constantFrom('next', 'recall', 'no_show', 'pause', 'resume'),
      window: fc.nat(2),
    }),
    fc.record({ is: fc.constant('truth' as const), ticket: fc.option(fc.integer({ min: 1, max: 4 })), window: fc.nat(2) }),
    fc.record({ is: fc.constantFrom('lost' as const, 'answered' as const, 'vouched' as const, 'live' as const) }),
  ),
  { maxLength: 60, size: 'max' },
);

test('whatever the order: no ticket at two windows, no older call over a newer, and in the end the truth of the platform', () => {
  const windows = ['w1', 'w2', 'w3'];
  fc.assert(
    fc.property(steps, (given) => {
      const lists = new Map([list('pay', ...Array.from({ length: 12 }, (_, n) => `A${String(n + 1).padStart(3, '0')}`))]);
      const truth = new Map<string, Told>(windows.map((window, n) => [window, { seq: n + 1, live: value(window) }]));
      let told = new Map(truth);
      let state = island.noIsland;
      let reachable = true;
      let seq = 10;
      let now = 1000;
      const newest = new Map<string, { ticket: string; at: number }>();
      const look = () => {
        const tickets = windows.flatMap((window) => {
          const live = island.shownOf(state, window, told)?.live ?? told.get(window)?.live;
          if (live?.ticket === undefined) return [];
          const calledAt = live.calledAt ?? 0;
          const last = newest.get(window);
          const before = last && last.ticket !== live.ticket ? last.at : 0;
          expect(calledAt).toBeGreaterThanOrEqual(before);
          newest.set(window, { ticket: live.ticket, at: Math.max(calledAt, last?.ticket === live.ticket ? last.at : 0) });
          return [live.ticket];
        });
        expect(new Set(tickets).size).toBe(tickets.length);
      };
      for (const step of given) {
        now += 1;
        if (step.is === 'truth') {
          const window = windows[step.window] ?? '';
          const ticket = step.ticket === null ? undefined : `A${String(step.ticket).padStart(3, '0')}`;
          // A platform has a ticket at one window at a time.
          for (const [other, { live }] of truth) {
            if (live.ticket !== undefined && live.ticket === ticket) truth.set(other, { seq: (seq += 1), live: value(other) });
          }
          const live = value(window, ticket === undefined ? {} : { state: 'serving', ticket, callNumber: 1, calledAt: now });
          truth.set(window, { seq: (seq += 1), live });
          if (reachable && state.phase === 'connected') told = new Map(truth);
          state = island.heard(state, told);
        } else if (step.is === 'key') {
          const outcome = island.act(
            state,
            step.act,
            windows[step.window] ?? '',
            { told, windows: new Set(windows), lists },
            at(now),
          );
          if ('state' in outcome) state = outcome.state;
        } else if (step.is === 'lost') {
          reachable = false;
          state = island.begin(state, at(now));
        } else if (step.is === 'answered') {
          reachable = true;
          state = island.answered(state);
        } else if (reachable && state.phase !== 'island') {
          told = new Map(truth);
          if (step.is === 'vouched') state = island.settle(state, told);
          state = island.heard(state, told);
        }
        look();
      }
      // The platform is heard again, and calls once more everywhere.
      told = new Map(truth);
      state = island.settle(island.answered(state), told);
      look();
      windows.forEach((window, n) => {
        now += 1;
        told.set(window, { seq: (seq += 1), live: value(window, { state: 'serving', ticket: `Z${n}`, calledAt: now }) });
      });
      state = island.heard(state, told);
      expect(windows.map((window) => island.shownOf(state, window, told))).toEqual([undefined, undefined, undefined]);
      expect(state.held).toEqual({});
    }),
    { numRuns: 1000 },
  );
}, 60_000);
