/** The values of live fields, from facts and hall content. */
import type { HallContent, QueueLive, Window, WindowLive, WindowState } from '@hall/contracts';
import type { TicketIndex, Touched } from './ticket-index.ts';
import type { TicketFacts } from './ticket.ts';
import type { WindowFacts } from './window.ts';

const MAX_CALL_NUMBER = 999;
const MAX_WAITING = 100_000;
const NEXT_SHOWN = 5;
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
function windowLiveOf(
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

const sameWindow = (a: WindowLive, b: WindowLive): boolean =>
  a.state === b.state &&
  a.ticket === b.ticket &&
  a.callNumber === b.callNumber &&
  a.calledAt === b.calledAt &&
  a.reason === b.reason &&
  a.expectedReturnAt === b.expectedReturnAt &&
  a.staff === b.staff &&
  a.department === b.department &&
  sameList(a.services, b.services);

const sameQueue = (a: QueueLive, b: QueueLive): boolean => a.waiting === b.waiting && sameList(a.next, b.next);

/** The present value of every live field of the content; each stays the same object until its value changes. */
export class LiveValues {
  #content: ReadonlyMap<string, Window> = new Map();
  #known = { services: new Set<string>(), departments: new Set<string>() };
  readonly #windows = new Map<string, WindowLive>();
  readonly #queues = new Map<string, QueueLive>();

  /** Touches everything that is, or was, in the content. */
  setContent(content: HallContent, touched: Touched): void {
    this.#content = new Map(content.windows.map((window) => [window.id, window]));
    this.#known = {
      services: new Set(content.services.map(({ id }) => id)),
      departments: new Set(content.departments.map(({ id }) => id)),
    };
    for (const id of [...this.#content.keys(), ...this.#windows.keys()]) touched.windows.add(id);
    for (const id of [...this.#known.services, ...this.#queues.keys()]) touched.services.add(id);
  }

  window(id: string): WindowLive | undefined {
    return this.#windows.get(id);
  }

  queue(id: string): QueueLive | undefined {
    return this.#queues.get(id);
  }

  /** Ids of all windows of the content. */
  windows(): Iterable<string> {
    return this.#content.keys();
  }

  /** Works the value out anew; answers whether it is another one. */
  refreshWindow(id: string, sources: WindowSources): boolean {
    const content = this.#content.get(id);
    if (!content) return this.#windows.delete(id);
    const now = windowLiveOf(content, sources, this.#known);
    const before = this.#windows.get(id);
    if (before && sameWindow(before, now)) return false;
    this.#windows.set(id, now);
    return true;
  }

  /** Works the value out anew; answers whether it is another one. */
  refreshQueue(id: string, index: TicketIndex): boolean {
    if (!this.#known.services.has(id)) return this.#queues.delete(id);
    const waiting = Math.min(index.waiting(id), MAX_WAITING);
    const now: QueueLive = { kind: 'queue', service: id, waiting, next: index.next(id, NEXT_SHOWN) };
    const before = this.#queues.get(id);
    if (before && sameQueue(before, now)) return false;
    this.#queues.set(id, now);
    return true;
  }
}
