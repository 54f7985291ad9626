/** The values of live fields, from facts and hall content. */
import type { QueueLive, Window, WindowLive, WindowState } from '@hall/contracts';
import type { TicketFacts } from './ticket.ts';
import type { WindowFacts } from './window.ts';

const MAX_CALL_NUMBER = 999;
const MAX_SERVICES = 64;

/** What is there to say about a window, besides its content. */
export interface WindowSources {
  readonly facts: WindowFacts;
  /** Ticket of the newest call, while it is called or served here. */
  readonly current: TicketFacts | undefined;
  /** Tickets were called here, so it cannot be without data. */
  readonly heard: boolean;
}

/** Strongest first: fault, closed, paused, serving, open; a window of which nothing was heard has no data. */
function stateOf({ facts, current, heard }: WindowSources): WindowState {
  if (facts.fault) return 'fault';
  if (facts.condition === 'closed' || facts.condition === 'paused') return facts.condition;
  if (current) return 'serving';
  return facts.condition === 'open' || heard || facts.staff !== undefined ? 'open' : 'no_data';
}

/** The value of `window/{id}`. Services and departments that the content does not know are left out. */
export function windowLiveOf(
  window: Window,
  sources: WindowSources,
  known: { readonly services: ReadonlySet<string>; readonly departments: ReadonlySet<string> },
): WindowLive {
  const { facts, current } = sources;
  const state = stateOf(sources);
  const live: WindowLive = {
    kind: 'window',
    window: window.id,
    state,
    department: facts.department !== undefined && known.departments.has(facts.department) ? facts.department : window.department,
    services: (facts.services ?? window.services).filter((service) => known.services.has(service)).slice(0, MAX_SERVICES),
  };
  if (state === 'serving' && current?.ticket !== undefined) {
    live.ticket = current.ticket;
    live.callNumber = Math.min(Math.max(current.callNumber, 1), MAX_CALL_NUMBER);
    if (current.calledAt !== undefined) live.calledAt = current.calledAt;
  }
  if (state === 'paused') {
    if (facts.reason !== undefined) live.reason = facts.reason;
    if (facts.expectedReturnAt !== undefined) live.expectedReturnAt = facts.expectedReturnAt;
  }
  if (facts.staff !== undefined) live.staff = facts.staff;
  return live;
}

const sameList = (a: readonly string[], b: readonly string[]): boolean =>
  a.length === b.length && a.every((item, at) => item === b[at]);

export const sameWindow = (a: WindowLive, b: WindowLive): boolean =>
  a.state === b.state &&
  a.ticket === b.ticket &&
  a.callNumber === b.callNumber &&
  a.calledAt === b.calledAt &&
  a.reason === b.reason &&
  a.expectedReturnAt === b.expectedReturnAt &&
  a.staff === b.staff &&
  a.department === b.department &&
  sameList(a.services, b.services);

export const sameQueue = (a: QueueLive, b: QueueLive): boolean => a.waiting === b.waiting && sameList(a.next, b.next);
