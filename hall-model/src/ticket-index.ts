/** Who waits where, and who was called where: kept up to date one ticket at a time. */
import { SortedList } from './sorted-list.ts';
import type { Thread } from './thread.ts';
import type { TicketEvent, TicketFacts, TicketPriority } from './ticket.ts';

export interface TicketEntity {
  readonly key: string;
  readonly source: string;
  readonly subject: string;
  readonly thread: Thread<TicketFacts, TicketEvent>;
  /** What counts: the facts of the thread, or removed by a queue reset. */
  facts: TicketFacts;
  queued: Queued | undefined;
  called: readonly Called[];
}

interface Queued {
  readonly service: string;
  readonly rank: number;
  readonly since: number;
  readonly born: number;
  readonly ticket: string;
  readonly key: string;
}
interface Called {
  readonly window: string;
  readonly at: number;
  readonly entity: TicketEntity;
}

/** What one change has touched; live values are compared afterwards. */
export class Touched {
  readonly windows = new Set<string>();
  readonly services = new Set<string>();
  readonly entities = new Set<string>();
}

const RANK: Readonly<Record<TicketPriority, number>> = { green: 0, elder: 1, appointment: 2, normal: 3 };
const byText = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0);
/** A key orders by subject first. */
const firstToCall = (a: Queued, b: Queued): number => a.rank - b.rank || a.since - b.since || byText(a.key, b.key);
const newestLast = (a: Called, b: Called): number =>
  a.at - b.at || byText(a.entity.subject, b.entity.subject) || byText(a.entity.key, b.entity.key);

/** The moment that decides to which business day a ticket belongs: its issue or, if booked ahead, its appointment. */
export function bornAt({ facts, thread }: Pick<TicketEntity, 'facts' | 'thread'>): number {
  const { issuedAt, appointmentAt = 0, calledAt, endedAt } = facts;
  if (issuedAt !== undefined) return Math.max(issuedAt, appointmentAt);
  return thread.events[0]?.time ?? calledAt ?? endedAt ?? 0;
}

function queuedOf(entity: TicketEntity): Queued | undefined {
  const { state, service, ticket, priority, issuedAt } = entity.facts;
  if (state !== 'waiting' || service === undefined || ticket === undefined) return undefined;
  const born = bornAt(entity);
  return { service, ticket, rank: RANK[priority], since: issuedAt ?? born, born, key: entity.key };
}

const samePlace = (a: Queued | undefined, b: Queued | undefined): boolean =>
  a === b || (!!a && !!b && a.service === b.service && a.rank === b.rank && a.since === b.since && a.ticket === b.ticket);

export class TicketIndex {
  readonly #queues = new Map<string, SortedList<Queued>>();
  readonly #calls = new Map<string, SortedList<Called>>();

  /** Puts a ticket where its facts say it belongs. */
  place(entity: TicketEntity, touched: Touched): void {
    this.#queue(entity, queuedOf(entity), touched);
    const { calls } = entity.facts;
    const old = entity.called;
    for (const { window } of old) touched.windows.add(window);
    const same = old.length === calls.length && calls.every(({ window, at }, n) => old[n]?.window === window && old[n].at === at);
    if (same) return;
    for (const call of old) this.#calls.get(call.window)?.delete(call);
    entity.called = calls.map(({ window, at }) => ({ window, at, entity }));
    for (const call of entity.called) {
      touched.windows.add(call.window);
      listOf(this.#calls, call.window, newestLast).add(call);
    }
  }

  /** Forgets a ticket. Answers the windows at which it had been called. */
  drop(entity: TicketEntity, touched: Touched): readonly string[] {
    this.#queue(entity, undefined, touched);
    for (const call of entity.called) {
      touched.windows.add(call.window);
      this.#calls.get(call.window)?.delete(call);
    }
    return entity.called.map(({ window }) => window);
  }

  /** The ticket of the newest call at the window, if it is still called or served there. */
  currentAt(window: string): TicketFacts | undefined {
    const facts = this.#calls.get(window)?.last?.entity.facts;
    if (!facts || facts.window !== window) return undefined;
    return facts.state === 'called' || facts.state === 'serving' ? facts : undefined;
  }

  /** Whether a ticket that is called or served is no longer the newest at its window: people there see another one. */
  overtaken({ facts }: TicketEntity): boolean {
    if ((facts.state !== 'called' && facts.state !== 'serving') || facts.window === undefined) return false;
    return this.#calls.get(facts.window)?.last?.entity.facts !== facts;
  }

  /** Whether any ticket was called at the window. */
  heardOf(window: string): boolean {
    return (this.#calls.get(window)?.size ?? 0) > 0;
  }

  waiting(service: string): number {
    return this.#queues.get(service)?.size ?? 0;
  }

  /** Ticket numbers of the next to be called: by priority, then issue time, then subject. */
  next(service: string, count: number): string[] {
    return (
      this.#queues
        .get(service)
        ?.first(count)
        .map(({ ticket }) => ticket) ?? []
    );
  }

  /** The first that wait for a service, in order, each with the moment that puts it into its business day. */
  waitingList(service: string, count: number): { readonly ticket: string; readonly since: number }[] {
    return (
      this.#queues
        .get(service)
        ?.first(count)
        .map(({ ticket, born }) => ({ ticket, since: born })) ?? []
    );
  }

  #queue(entity: TicketEntity, queued: Queued | undefined, touched: Touched): void {
    const old = entity.queued;
    if (samePlace(old, queued)) return;
    if (old) {
      this.#queues.get(old.service)?.delete(old);
      touched.services.add(old.service);
    }
    if (queued) {
      listOf(this.#queues, queued.service, firstToCall).add(queued);
      touched.services.add(queued.service);
    }
    entity.queued = queued;
  }
}

function listOf<T>(lists: Map<string, SortedList<T>>, key: string, compare: (a: T, b: T) => number): SortedList<T> {
  let list = lists.get(key);
  if (!list) lists.set(key, (list = new SortedList(compare)));
  return list;
}
