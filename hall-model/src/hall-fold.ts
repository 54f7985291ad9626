/** The whole queue of a hall as a fold over its events: what every window and every queue shows now. */
import type { HallContent, HallEvent, QueueLive, WaitingTicket, WindowLive } from '@hall/contracts';
import { startOfBusinessDay } from './calendar.ts';
import { caseStep, isFinalCase, unknownCase, type CaseEvent, type CaseFacts, type CaseState } from './case.ts';
import { caseKey, HALL_KEY, readThreadRow, thin, threadRow, ticketKey, windowKey } from './fold-row.ts';
import { LiveValues, type WindowSources } from './live-values.ts';
import { ticketOfSnapshot, windowOfSnapshot, type HallSnapshot } from './snapshot.ts';
import { BEFORE_ALL_MS, Thread, type Base, type Flag, type Inserted } from './thread.ts';
import { bornAt, TicketIndex, Touched, type TicketEntity } from './ticket-index.ts';
import { isFinalTicket, ticketStep, unknownTicket, type TicketEvent, type TicketFacts, type TicketState } from './ticket.ts';
import { unknownWindow, windowStep, type WindowCondensed, type WindowEvent, type WindowFacts } from './window.ts';
import { DAY_MS } from './zone.ts';

/** What one event, snapshot or change of content has changed. */
export interface Applied {
  /** Why the event did not simply follow; an event without effect on the fold has none. */
  readonly flag?: Flag;
  /** Windows whose `windowLive` is another value now. */
  readonly windows: readonly string[];
  /** Services whose `queueLive` is another value now. */
  readonly services: readonly string[];
  /** Keys of the rows to write (`exportRow`), or to delete where `exportRow` answers undefined. */
  readonly entities: readonly string[];
}

interface WindowEntity {
  readonly key: string;
  readonly thread: Thread<WindowFacts, WindowEvent>;
  /** Who spoke of it last. */
  source: string;
  /** Tickets that are forgotten by now were called here. */
  heard: boolean;
}
interface CaseEntity {
  readonly key: string;
  readonly thread: Thread<CaseFacts, CaseEvent>;
}

/** Tickets remembered: several of the busiest days. Beyond that the oldest that no screen can need any more are forgotten. */
export const MAX_TICKETS = 20_000;
/** They are forgotten this many at a time, as a part of all. */
const FORGET_SHARE = 0.05;
/** A queue reset further ahead of its own time than this is a mistake, ms. */
const RESET_AHEAD_MS = 31 * DAY_MS;
/** An event this much older than a snapshot, yet with a higher sequence, contradicts it: the snapshot counts. */
const SNAPSHOT_SLACK_MS = 60_000;
const NOTHING: Applied = { windows: [], services: [], entities: [] };
const fresh = <S>(state: S, afterMs = BEFORE_ALL_MS): Base<S> => ({ state, sequence: 0, afterMs });

/**
 * Folds events of any order, with any repeats: the state depends only on the set of events, the newest snapshot of each
 * source and the newest queue reset. What it remembers is bounded: of one subject the newest 64 events, of tickets that have
 * ended or were called and overtaken the newest 20,000, of tickets before the newest reset those of one more day.
 *
 * A ticket is ordered by the sequence of its subject within its source, a window by the sequence of its events whatever
 * their subject, since a window is one thing of the hall.
 */
export class HallFold {
  #zone = 'UTC';
  readonly #tickets = new Map<string, TicketEntity>();
  readonly #windows = new Map<string, WindowEntity>();
  readonly #cases = new Map<string, CaseEntity>();
  readonly #index = new TicketIndex();
  readonly #live = new LiveValues();
  readonly #snapshotAt = new Map<string, number>();
  /** Tickets born before this are removed, Unix ms. */
  #resetMs = BEFORE_ALL_MS;
  /** No forgotten ticket has an event after this, Unix ms. */
  #forgottenMs = BEFORE_ALL_MS;
  readonly #maxTickets: number;
  /** How many tickets there may be before the next look for what can be forgotten. */
  #roomTickets: number;

  constructor(content: HallContent, maxTickets = MAX_TICKETS) {
    this.#maxTickets = maxTickets;
    this.#roomTickets = maxTickets;
    this.setContent(content);
  }

  /** Takes one event. O(log n) for an event in order. */
  apply(event: HallEvent): Applied {
    const touched = new Touched();
    let flag: Flag | undefined;
    if (event.type.startsWith('ticket.')) flag = this.#applyTicket(event, touched);
    else if (event.type.startsWith('window.')) flag = this.#applyWindow(event, touched);
    else if (event.type.startsWith('case.')) flag = this.#applyCase(event, touched);
    else if (event.type === 'hall.queue_reset') flag = this.#applyReset(event, touched);
    return this.#settle(touched, flag);
  }

  /**
   * Takes the full state of a source: tickets it names are as it says, later events go on from there; of the others only
   * events after it are left; windows of this source that it does not name are closed.
   * Answers undefined, and changes nothing, for a snapshot older than the newest.
   */
  applySnapshot(snapshot: HallSnapshot): Applied | undefined {
    const { source, time } = snapshot;
    if (time < (this.#snapshotAt.get(source) ?? BEFORE_ALL_MS)) return undefined;
    const touched = new Touched();
    this.#snapshotAt.set(source, time);
    touched.entities.add(HALL_KEY);
    const afterMs = time - SNAPSHOT_SLACK_MS;

    const named = new Map(snapshot.tickets.map((ticket) => [ticketKey(source, ticket.subject), ticket]));
    for (const entity of this.#tickets.values()) {
      if (entity.source !== source || named.has(entity.key)) continue;
      entity.thread.rebase(fresh(unknownTicket, time));
      if (entity.thread.events.length > 0) this.#placeTicket(entity, touched);
      else this.#dropTicket(entity, touched);
    }
    for (const [key, ticket] of named) {
      const entity = this.#tickets.get(key) ?? this.#newTicket(key, source, ticket.subject, fresh(unknownTicket));
      entity.thread.rebase({ state: ticketOfSnapshot(ticket), sequence: ticket.sequence, afterMs });
      this.#placeTicket(entity, touched);
    }

    const windows = new Map(snapshot.windows.map((window) => [window.window, window]));
    for (const id of new Set([...this.#live.windows(), ...windows.keys()])) {
      const given = windows.get(id);
      const window = this.#windowEntity(id, source);
      if (given) {
        window.source = source;
        window.thread.rebase({ state: windowOfSnapshot(given, time), sequence: given.sequence, afterMs });
      } else if (window.source === source) {
        window.thread.rebase(fresh({ ...unknownWindow, condition: 'closed', changedAt: time }, time));
      }
      touched.windows.add(id);
      touched.entities.add(window.key);
    }
    return this.#settle(touched);
  }

  /** Takes changed hall content. */
  setContent(content: HallContent): Applied {
    this.#zone = content.calendar.zone;
    const touched = new Touched();
    this.#live.setContent(content, touched);
    return this.#settle(touched);
  }

  /** The value of `window/{id}`; undefined for a window that the content does not have. The same object until it changes. */
  windowLive(window: string): WindowLive | undefined {
    return this.#live.window(window);
  }

  /** The value of `queue/{service}`; undefined for a service that the content does not have. The same object until it changes. */
  queueLive(service: string): QueueLive | undefined {
    return this.#live.queue(service);
  }

  /** How many tickets wait for any of the services. */
  waitingFor(services: Iterable<string>): number {
    let waiting = 0;
    for (const service of new Set(services)) waiting += this.#index.waiting(service);
    return waiting;
  }

  /** The first tickets that wait for a service, in the order in which they are to be called. */
  waitingList(service: string, count: number): WaitingTicket[] {
    return this.#index.waitingList(service, count);
  }

  /** All tickets that bear one of the numbers, of whatever day and source, as they count now. */
  ticketsNumbered(numbers: ReadonlySet<string>): TicketFacts[] {
    const found: TicketFacts[] = [];
    for (const { facts } of this.#tickets.values()) {
      if (facts.ticket !== undefined && numbers.has(facts.ticket)) found.push(facts);
    }
    return found;
  }

  /** A ticket as it counts now; undefined where nothing is known of it, or nothing any more. */
  ticket(source: string, subject: string): TicketState | undefined {
    const entity = this.#tickets.get(ticketKey(source, subject));
    return entity && { ...entity.facts, sequence: entity.thread.sequence, gaps: entity.thread.gaps };
  }

  window(id: string): WindowCondensed | undefined {
    const thread = this.#windows.get(id)?.thread;
    return thread && { ...thread.state, sequence: thread.sequence, gaps: thread.gaps };
  }

  case(source: string, subject: string): CaseState | undefined {
    const thread = this.#cases.get(caseKey(source, subject))?.thread;
    return thread && { ...thread.state, sequence: thread.sequence, gaps: thread.gaps };
  }

  /** The row of an entity as JSON; undefined where it is to be deleted. */
  exportRow(key: string): string | undefined {
    if (key === HALL_KEY) {
      const snapshotAt = Object.fromEntries(this.#snapshotAt);
      return JSON.stringify({ resetMs: this.#resetMs, forgottenMs: this.#forgottenMs, snapshotAt });
    }
    const ticket = this.#tickets.get(key);
    if (ticket) return threadRow(ticket.thread);
    const window = this.#windows.get(key.slice(key.lastIndexOf(' ') + 1));
    if (window?.key === key) return threadRow(window.thread, { source: window.source, heard: window.heard });
    const found = this.#cases.get(key);
    return found && threadRow(found.thread);
  }

  /** Every key that has a row. */
  *keys(): Iterable<string> {
    yield HALL_KEY;
    yield* this.#tickets.keys();
    for (const { key } of this.#windows.values()) yield key;
    yield* this.#cases.keys();
  }

  /** Fills a new fold with exported rows, in any order. */
  restore(rows: Iterable<readonly [key: string, row: string]>): void {
    const touched = new Touched();
    const tickets: TicketEntity[] = [];
    for (const [key, row] of rows) {
      const [kind, name = ''] = key.split(' ', 2);
      if (key === HALL_KEY) {
        const hall = JSON.parse(row) as { resetMs: number; forgottenMs: number; snapshotAt: Record<string, number> };
        this.#resetMs = hall.resetMs;
        this.#forgottenMs = hall.forgottenMs;
        for (const [source, ms] of Object.entries(hall.snapshotAt)) this.#snapshotAt.set(source, ms);
      } else if (kind === 'ticket') {
        const { base, events } = readThreadRow<TicketFacts, TicketEvent>(row, unknownTicket);
        const source = key.slice(`ticket ${name} `.length);
        tickets.push(ticketEntity(key, source, name, base, events));
      } else if (kind === 'window') {
        const { base, events, further } = readThreadRow<WindowFacts, WindowEvent>(row, unknownWindow);
        const thread = new Thread(windowStep, base, events);
        this.#windows.set(name, { key, thread, source: String(further['source']), heard: further['heard'] === true });
        touched.windows.add(name);
      } else if (kind === 'case') {
        const { base, events } = readThreadRow<CaseFacts, CaseEvent>(row, unknownCase);
        this.#cases.set(key, { key, thread: new Thread(caseStep, base, events) });
      }
    }
    for (const entity of tickets.toSorted((a, b) => bornAt(a) - bornAt(b))) {
      this.#tickets.set(entity.key, entity);
      this.#placeTicket(entity, touched);
    }
    this.#settle(touched);
  }

  #applyTicket(event: HallEvent, touched: Touched): Flag | undefined {
    const { source, subject } = event;
    const key = ticketKey(source, subject);
    const known = this.#tickets.get(key);
    const snapshotAt = this.#snapshotAt.get(source) ?? BEFORE_ALL_MS;
    if (!known && event.time <= Math.max(snapshotAt, this.#forgottenMs)) return 'late';
    const entity = known ?? this.#newTicket(key, source, subject, fresh(unknownTicket, snapshotAt));
    const inserted = entity.thread.insert(thin(event) as TicketEvent);
    if (!inserted.kept) return inserted.flag;
    this.#placeTicket(entity, touched);
    if (!known && this.#tickets.size > this.#roomTickets) this.#forgetTickets(touched);
    if (entity.facts.state !== entity.thread.state.state) return event.time < this.#resetMs ? 'late' : 'does_not_fit';
    return inserted.flag;
  }

  #applyWindow(event: HallEvent, touched: Touched): Flag | undefined {
    const given = thin(event) as WindowEvent;
    const { window } = given.data;
    const entity = this.#windowEntity(window, event.source);
    const inserted = entity.thread.insert(given);
    if (!inserted.kept) return inserted.flag;
    entity.source = event.source;
    touched.windows.add(window);
    touched.entities.add(entity.key);
    return inserted.flag;
  }

  #applyCase(event: HallEvent, touched: Touched): Flag | undefined {
    const key = caseKey(event.source, event.subject);
    let entity = this.#cases.get(key);
    if (!entity) this.#cases.set(key, (entity = { key, thread: new Thread(caseStep, fresh(unknownCase)) }));
    const inserted: Inserted = entity.thread.insert(thin(event) as CaseEvent);
    if (inserted.kept) touched.entities.add(key);
    return inserted.flag;
  }

  /** Tickets of earlier days are removed; those that an earlier reset had removed are forgotten, and so are cases long ended. */
  #applyReset(event: Extract<HallEvent, { type: 'hall.queue_reset' }>, touched: Touched): Flag | undefined {
    const resetMs = startOfBusinessDay(this.#zone, event.data.businessDay);
    if (resetMs === undefined || resetMs > event.time + RESET_AHEAD_MS) return 'does_not_fit';
    if (resetMs <= this.#resetMs) return resetMs < this.#resetMs ? 'late' : undefined;
    const forgetMs = this.#resetMs;
    this.#resetMs = resetMs;
    touched.entities.add(HALL_KEY);
    for (const entity of this.#tickets.values()) {
      const born = bornAt(entity);
      if (born < forgetMs) this.#dropTicket(entity, touched);
      else if (born < resetMs && !isFinalTicket(entity.facts.state)) this.#placeTicket(entity, touched);
    }
    for (const [key, { thread }] of this.#cases) {
      if (!isFinalCase(thread.state.state) || (thread.state.endedAt ?? 0) >= forgetMs) continue;
      this.#cases.delete(key);
      touched.entities.add(key);
    }
    return undefined;
  }

  #newTicket(key: string, source: string, subject: string, base: Base<TicketFacts>): TicketEntity {
    const entity = ticketEntity(key, source, subject, base);
    this.#tickets.set(key, entity);
    return entity;
  }

  #windowEntity(id: string, source: string): WindowEntity {
    let entity = this.#windows.get(id);
    if (!entity) {
      entity = { key: windowKey(id), thread: new Thread(windowStep, fresh(unknownWindow)), source, heard: false };
      this.#windows.set(id, entity);
    }
    return entity;
  }

  /** Brings the effective facts and the indexes of a ticket up to its thread. */
  #placeTicket(entity: TicketEntity, touched: Touched): void {
    touched.entities.add(entity.key);
    entity.facts = entity.thread.state;
    const final = isFinalTicket(entity.facts.state);
    if (!final && bornAt(entity) < this.#resetMs) entity.facts = { ...entity.facts, state: 'removed', endedAt: this.#resetMs };
    this.#index.place(entity, touched);
  }

  #dropTicket(entity: TicketEntity, touched: Touched): void {
    this.#tickets.delete(entity.key);
    touched.entities.add(entity.key);
    for (const id of this.#index.drop(entity, touched)) {
      const window = this.#windowEntity(id, entity.source);
      if (window.heard) continue;
      window.heard = true;
      touched.entities.add(window.key);
    }
  }

  /** Oldest first, and only what no event in order can bring back to a screen. */
  #forgetTickets(touched: Touched): void {
    const enough = this.#maxTickets * (1 - FORGET_SHARE);
    for (const entity of this.#tickets.values()) {
      if (this.#tickets.size <= enough) break;
      if (!isFinalTicket(entity.facts.state) && !this.#index.overtaken(entity)) continue;
      this.#forgottenMs = Math.max(this.#forgottenMs, lastHeardMs(entity));
      this.#dropTicket(entity, touched);
    }
    touched.entities.add(HALL_KEY);
    this.#roomTickets = Math.max(this.#maxTickets, this.#tickets.size + this.#maxTickets * FORGET_SHARE);
  }

  /** Compares the live values of what was touched with what they were. */
  #settle(touched: Touched, flag?: Flag): Applied {
    if (touched.entities.size === 0 && touched.windows.size === 0 && touched.services.size === 0) {
      return flag === undefined ? NOTHING : { ...NOTHING, flag };
    }
    const windows: string[] = [];
    for (const id of touched.windows) if (this.#live.refreshWindow(id, this.#sourcesOf(id))) windows.push(id);
    const services: string[] = [];
    for (const id of touched.services) if (this.#live.refreshQueue(id, this.#index)) services.push(id);
    const entities = [...touched.entities];
    return flag === undefined ? { windows, services, entities } : { flag, windows, services, entities };
  }

  #sourcesOf(id: string): WindowSources {
    const entity = this.#windows.get(id);
    return {
      facts: entity?.thread.state ?? unknownWindow,
      current: this.#index.currentAt(id),
      heard: this.#index.heardOf(id) || entity?.heard === true,
    };
  }
}

function ticketEntity(
  key: string,
  source: string,
  subject: string,
  base: Base<TicketFacts>,
  events?: readonly TicketEvent[],
): TicketEntity {
  const thread = new Thread(ticketStep, base, events);
  return { key, source, subject, thread, facts: thread.state, queued: undefined, called: [] };
}

/** Source time of the newest event of a ticket, Unix ms. */
function lastHeardMs({ facts, thread }: TicketEntity): number {
  const { calledAt = BEFORE_ALL_MS, endedAt = BEFORE_ALL_MS } = facts;
  return thread.events.reduce((newest, { time }) => Math.max(newest, time), Math.max(calledAt, endedAt));
}
