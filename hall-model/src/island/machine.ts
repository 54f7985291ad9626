/** A hall alone: what the keys at windows do while the server is away. Pure; the agent keeps the state and makes it true. */
import type { IslandActName, IslandPhase, IslandRefusal, WaitingList, WindowLive } from '@hall/contracts';

/** What was last done at a window by its keys. */
export interface LocalWindow {
  readonly live: WindowLive;
  /** Hall time of the newest call here, Unix ms; 0 before the first. */
  readonly calledAt: number;
}

export interface IslandState {
  readonly phase: IslandPhase;
  /** Hall time at which the island began, Unix ms. */
  readonly since: number;
  /** Acts so far; never goes back. */
  readonly seq: number;
  /** Business day of what follows, as days since 1970-01-01. */
  readonly day: number;
  /** Windows that were acted on since the server was lost. */
  readonly windows: Readonly<Record<string, LocalWindow>>;
  /** Tickets called here, and where; none of them is called a second time by `next`. */
  readonly used: Readonly<Record<string, string>>;
  /** The newest call made here at windows of which the server knew only an older one when it came back. */
  readonly held: Readonly<Record<string, LastCall>>;
}

/** A call that no older one may follow on the screen. `ticket`: the one that was at the window last, if any. */
interface LastCall {
  readonly calledAt: number;
  readonly ticket?: string;
}

export const noIsland: IslandState = { phase: 'connected', since: 0, seq: 0, day: 0, windows: {}, used: {}, held: {} };

/** A value of the server, with its seq. */
export interface Told {
  readonly seq: number;
  readonly live: WindowLive;
}
/** What the agent knows from the server. */
export interface Known {
  /** The newest value of each window the agent has heard of. */
  readonly told: ReadonlyMap<string, Told>;
  /** Windows whose keys this agent serves. */
  readonly windows: ReadonlySet<string>;
  /** Its share of the waiting tickets, by service. */
  readonly lists: ReadonlyMap<string, WaitingList>;
}
export interface Moment {
  /** Hall time, Unix ms. */
  readonly hallMs: number;
  readonly day: number;
  /** Hall time at which this business day began, Unix ms. */
  readonly dayMs: number;
}

/** An act that was done. */
export interface Done {
  readonly act: IslandActName;
  readonly islandSeq: number;
  readonly window: string;
  readonly ticket?: string;
  readonly service?: string;
  readonly callNumber?: number;
  readonly listAt?: number;
}
export type Outcome = { readonly done: Done; readonly state: IslandState } | { readonly refused: IslandRefusal };

const MAX_CALL_NUMBER = 999;

/** Yesterday's numbers mean nothing today. */
export const onDay = (state: IslandState, day: number): IslandState =>
  state.day === day ? state : { ...state, day, windows: {}, used: {}, held: {} };

/** The server is away and its word has run out. What was done before a restart of the agent counts on. */
export const begin = (state: IslandState, { hallMs, day }: Moment): IslandState =>
  state.phase === 'connected' ? { ...onDay(state, day), phase: 'island', since: hallMs } : { ...state, phase: 'island' };

/** The server has answered; the hall still calls alone until its truth is vouched for. */
export const answered = (state: IslandState): IslandState =>
  state.phase === 'island' ? { ...state, phase: 'reconciling' } : state;

/** The value of the server says another ticket, called earlier than the last call made here. */
const isOlder = (told: WindowLive, { calledAt, ticket }: LastCall): boolean =>
  told.ticket !== undefined && told.ticket !== ticket && (told.calledAt ?? 0) < calledAt;

/** The server's truth is whole and vouched for: it counts from here on, but for numbers that were overtaken meanwhile. */
export function settle(state: IslandState, told: Known['told']): IslandState {
  const held: Record<string, LastCall> = { ...state.held };
  for (const [window, { calledAt, live }] of Object.entries(state.windows)) {
    const last: LastCall = { calledAt, ...(live.ticket !== undefined && { ticket: live.ticket }) };
    const value = told.get(window);
    if (value && calledAt > 0 && isOlder(value.live, last)) held[window] = last;
  }
  return heard({ ...state, phase: 'connected', windows: {}, held }, told);
}

/** Forgets what is held back where the server has said a newer call. The same state where nothing changes. */
export function heard(state: IslandState, told: Known['told']): IslandState {
  const kept = Object.entries(state.held).filter(([window, last]) => (told.get(window)?.live.calledAt ?? 0) < last.calledAt);
  return kept.length === Object.keys(state.held).length ? state : { ...state, held: Object.fromEntries(kept) };
}

/** The value without a number: the window is what it is, and nobody is called wrongly. */
export function withoutTicket(value: WindowLive): WindowLive {
  const { ticket: _ticket, callNumber: _callNumber, calledAt: _calledAt, ...live } = value;
  return live;
}

/**
 * What is shown of a window instead of the server's value: `local` is fresh knowledge, `held` is as fresh as that value.
 * Undefined where the server's value counts.
 */
export function shownOf(
  state: IslandState,
  window: string,
  told: Known['told'],
): { readonly live: WindowLive; readonly by: 'local' | 'held' } | undefined {
  const local = state.phase === 'connected' ? undefined : state.windows[window];
  if (local) return { live: local.live, by: 'local' };
  const value = told.get(window);
  const { ticket } = value?.live ?? {};
  if (!value || ticket === undefined) return undefined;
  const last = state.held[window];
  const overtaken = last !== undefined && isOlder(value.live, last);
  // A ticket called here is not shown a second time by what the server says of another window.
  const twice = state.phase !== 'connected' && (state.used[ticket] ?? window) !== window && stillShown(state, ticket);
  return overtaken || twice ? { live: withoutTicket(value.live), by: 'held' } : undefined;
}

const stillShown = ({ windows, used }: IslandState, ticket: string): boolean =>
  windows[used[ticket] ?? '']?.live.ticket === ticket;

/** What is at the window: by its keys, or by the server's last word as far as it may be shown. */
function currentOf(state: IslandState, window: string, told: Known['told']): WindowLive | undefined {
  return shownOf(state, window, told)?.live ?? told.get(window)?.live;
}

/** The first of the window's services, in their order, that has somebody waiting; of it the first ticket not yet called. */
function nextFor(
  state: IslandState,
  services: readonly string[],
  known: Known,
  { dayMs }: Moment,
): { ticket: string; service: string; listAt: number } | undefined {
  const shown = new Set([...known.told.values()].flatMap(({ live }) => live.ticket ?? []));
  for (const service of services) {
    const list = known.lists.get(service);
    const first = list?.tickets.find(
      ({ ticket, since }) => since >= dayMs && state.used[ticket] === undefined && !shown.has(ticket),
    );
    if (list && first) return { ticket: first.ticket, service, listAt: list.at };
  }
  return undefined;
}

const refuse = (refused: IslandRefusal): Outcome => ({ refused });

/** One press of a key. Total: every state and every act has an outcome. */
export function act(before: IslandState, name: IslandActName, window: string, known: Known, moment: Moment): Outcome {
  if (before.phase === 'connected') return refuse('waiting');
  const state = onDay(before, moment.day);
  if (!known.windows.has(window)) return refuse('window_not_here');
  const current = currentOf(state, window, known.told);
  if (!current) return refuse('window_unknown');
  if (current.state === 'closed' || current.state === 'fault') return refuse('window_closed');
  const paused = current.state === 'paused';
  if (paused && name !== 'resume') return refuse('window_paused');
  if (!paused && name === 'resume') return refuse('window_open');

  const { reason: _reason, expectedReturnAt: _expectedReturnAt, ...plain } = withoutTicket(current);
  const base: WindowLive = { ...plain, island: true };
  const local = state.windows[window];
  const calledAt = local?.calledAt ?? 0;
  const islandSeq = state.seq + 1;
  const done = (live: WindowLive, more: Partial<Done> = {}, called = calledAt, used = state.used): Outcome => ({
    done: { act: name, islandSeq, window, ...more },
    state: { ...state, seq: islandSeq, used, windows: { ...state.windows, [window]: { live, calledAt: called } } },
  });
  const call = (ticket: string, callNumber: number, more: Partial<Done>): Outcome =>
    done(
      { ...base, state: 'serving', ticket, callNumber, calledAt: moment.hallMs },
      { ticket, callNumber, ...more },
      moment.hallMs,
      { ...state.used, [ticket]: window },
    );

  switch (name) {
    case 'next': {
      const next = nextFor(state, current.services, known, moment);
      if (!next) return done({ ...base, state: 'open' });
      return call(next.ticket, 1, { service: next.service, listAt: next.listAt });
    }
    case 'recall':
    case 'no_show': {
      const { ticket } = current;
      if (ticket === undefined) return refuse('no_ticket');
      if ((state.used[ticket] ?? window) !== window) return refuse('ticket_elsewhere');
      if (isElsewhere(ticket, window, state, known)) return refuse('ticket_elsewhere');
      if (name === 'recall') return call(ticket, Math.min((current.callNumber ?? 0) + 1, MAX_CALL_NUMBER), {});
      return done({ ...base, state: 'open' }, { ticket }, Math.max(calledAt, moment.hallMs), { ...state.used, [ticket]: window });
    }
    case 'pause':
      return done({ ...base, state: 'paused' });
    case 'resume':
      return done({ ...base, state: 'open' });
  }
}

/** The server has it at another window. */
const isElsewhere = (ticket: string, window: string, { windows }: IslandState, { told }: Known): boolean =>
  [...told].some(([other, { live }]) => other !== window && windows[other] === undefined && live.ticket === ticket);
