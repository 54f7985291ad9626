/** The life of a ticket: a total transition table, and the fold of its events in source sequence. */
import type { HallEvent, QueueEventType } from '@hall/contracts';
import type { priorities } from '@hall/contracts';
import { parseTime } from './source-time.ts';
import { foldAll, type Folded } from './thread.ts';

export const ticketStates = [
  'unknown',
  'waiting',
  'called',
  'serving',
  'parked',
  'no_show',
  'abandoned',
  'removed',
  'ended',
] as const;
export type TicketStateName = (typeof ticketStates)[number];
export type TicketEventType = Extract<QueueEventType, `ticket.${string}`>;
export type TicketPriority = (typeof priorities)[number];

/** States that nothing leaves. */
export const finalTicketStates = ['abandoned', 'removed', 'ended'] as const satisfies readonly TicketStateName[];
const FINAL: ReadonlySet<TicketStateName> = new Set(finalTicketStates);
export const isFinalTicket = (state: TicketStateName): boolean => FINAL.has(state);

const ALIVE = ['unknown', 'waiting', 'called', 'serving', 'parked', 'no_show'] as const;

/** Per event: the states it fits in, and the one state it leads to. */
export const ticketRules: Readonly<
  Record<TicketEventType, { readonly from: readonly TicketStateName[]; readonly to: TicketStateName }>
> = {
  'ticket.issued': { from: ['unknown'], to: 'waiting' },
  // A hall may send calls only: a call needs no issue before it.
  'ticket.called': { from: ['unknown', 'waiting', 'called', 'parked', 'no_show'], to: 'called' },
  'ticket.recalled': { from: ['called', 'serving', 'parked', 'no_show'], to: 'called' },
  'ticket.arrived': { from: ['called', 'no_show'], to: 'serving' },
  'ticket.transferred': { from: ['waiting', 'called', 'serving', 'parked', 'no_show'], to: 'waiting' },
  'ticket.requeued': { from: ['waiting', 'called', 'serving', 'parked', 'no_show'], to: 'waiting' },
  'ticket.parked': { from: ['waiting', 'called', 'serving'], to: 'parked' },
  // Back to its queue with its old issue time; a call follows.
  'ticket.resumed': { from: ['parked'], to: 'waiting' },
  'ticket.no_show': { from: ['called'], to: 'no_show' },
  // The three ends fit everywhere in a life, so that no lost event leaves a ticket in limbo.
  'ticket.abandoned': { from: ALIVE, to: 'abandoned' },
  'ticket.removed': { from: ALIVE, to: 'removed' },
  'ticket.ended': { from: ALIVE, to: 'ended' },
};
export const ticketEventTypes = Object.keys(ticketRules) as TicketEventType[];

type Table = Readonly<Record<TicketStateName, Readonly<Record<TicketEventType, TicketStateName | null>>>>;
const tableOf = (fits: (state: TicketStateName, type: TicketEventType) => boolean): Table =>
  Object.fromEntries(
    ticketStates.map((state) => [
      state,
      Object.fromEntries(ticketEventTypes.map((type) => [type, fits(state, type) ? ticketRules[type].to : null])),
    ]),
  ) as Table;

/** Every state and every event: the next state, or null where the event does not fit. For consecutive sequences. */
export const ticketTable: Table = tableOf((state, type) => ticketRules[type].from.includes(state));

function reachable(from: TicketStateName): ReadonlySet<TicketStateName> {
  const seen = new Set<TicketStateName>([from]);
  for (const state of seen) {
    for (const next of Object.values(ticketTable[state])) if (next) seen.add(next);
  }
  return seen;
}

/**
 * The same across missing events: an event fits if some run of missing events leads to a state in which it fits. So
 * everything fits except leaving a final state, and issuing a ticket of which an earlier event is known.
 */
export const ticketTableAcrossGap: Table = tableOf((state, type) =>
  [...reachable(state)].some((between) => ticketTable[between][type] !== null),
);

/** A newest accepted call at one window. */
export interface TicketCall {
  readonly window: string;
  /** Source time, Unix ms. */
  readonly at: number;
}

/** What the events of a ticket say; all times are source times in Unix ms. */
export interface TicketFacts {
  readonly state: TicketStateName;
  readonly ticket: string | undefined;
  /** The service it waits for or is served in; a transfer changes it. */
  readonly service: string | undefined;
  /** Where it was called or served last. */
  readonly window: string | undefined;
  /** The window a transfer named, while it waits for it. */
  readonly toWindow: string | undefined;
  readonly priority: TicketPriority;
  readonly issuedAt: number | undefined;
  readonly appointmentAt: number | undefined;
  readonly firstCalledAt: number | undefined;
  /** The newest call. */
  readonly calledAt: number | undefined;
  /** How often it was called at `window` in a row; 0 before the first call. */
  readonly callNumber: number;
  readonly arrivedAt: number | undefined;
  /** When it came to a final state. */
  readonly endedAt: number | undefined;
  /** The newest call at each window it was ever called at. */
  readonly calls: readonly TicketCall[];
}

export interface TicketState extends TicketFacts {
  /** Highest known sequence. */
  readonly sequence: number;
  /** How many events up to there are missing. */
  readonly gaps: number;
}

/** What the fold keeps of a ticket event; every `HallEvent` of a ticket is one. */
export type TicketEvent = {
  [K in TicketEventType]: Pick<HallEvent<K>, 'id' | 'type' | 'time' | 'sequence' | 'data'>;
}[TicketEventType];

export const unknownTicket: TicketFacts = {
  state: 'unknown',
  ticket: undefined,
  service: undefined,
  window: undefined,
  toWindow: undefined,
  priority: 'normal',
  issuedAt: undefined,
  appointmentAt: undefined,
  firstCalledAt: undefined,
  calledAt: undefined,
  callNumber: 0,
  arrivedAt: undefined,
  endedAt: undefined,
  calls: [],
};

/** One step of a ticket: the next facts, or undefined where the event does not fit. */
export function ticketStep(facts: TicketFacts, event: TicketEvent, gap: boolean): TicketFacts | undefined {
  const state = (gap ? ticketTableAcrossGap : ticketTable)[facts.state][event.type];
  if (state === null) return undefined;
  const { time, data } = event;
  const next = { ...facts, state, ticket: data.ticket };
  switch (event.type) {
    case 'ticket.issued':
      next.service = event.data.service;
      next.priority = event.data.priority ?? 'normal';
      next.issuedAt = time;
      next.appointmentAt = event.data.appointmentAt === undefined ? undefined : parseTime(event.data.appointmentAt);
      break;
    case 'ticket.called':
    case 'ticket.recalled': {
      const { window, callNumber } = event.data;
      next.callNumber = callNumber ?? (facts.window === window ? facts.callNumber + 1 : 1);
      next.window = window;
      next.toWindow = undefined;
      next.firstCalledAt ??= time;
      next.calledAt = time;
      next.calls = [...facts.calls.filter((call) => call.window !== window), { window, at: time }];
      break;
    }
    case 'ticket.arrived':
      if (facts.window !== event.data.window) next.callNumber = 0;
      next.window = event.data.window;
      next.arrivedAt = time;
      break;
    case 'ticket.transferred':
      next.service = event.data.toService ?? facts.service;
      next.toWindow = event.data.toWindow;
      break;
    case 'ticket.abandoned':
    case 'ticket.removed':
    case 'ticket.ended':
      next.endedAt = time;
      break;
    case 'ticket.requeued':
    case 'ticket.parked':
    case 'ticket.resumed':
    case 'ticket.no_show':
      break;
  }
  return next;
}

/** The state of one ticket from all its known events, in any order, with any repeats. */
export function foldTicket(events: readonly TicketEvent[]): Folded<TicketState> {
  const { state, misfits, sequence, gaps } = foldAll(ticketStep, unknownTicket, events);
  return { state: { ...state, sequence, gaps }, misfits };
}
