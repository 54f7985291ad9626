/** The life of a window: condition, fault and staff, folded from its events in source sequence. */
import type { HallEvent, PauseReason, QueueEventType } from '@hall/contracts';
import { parseTime } from './source-time.ts';
import { foldAll, type Folded } from './thread.ts';

export const windowConditions = ['unknown', 'open', 'paused', 'closed'] as const;
export type WindowCondition = (typeof windowConditions)[number];
export type WindowEventType = Extract<QueueEventType, `window.${string}`>;

/** A fault lies over the condition: when it is cleared the condition below shows again. */
interface WindowPosition {
  readonly condition: WindowCondition;
  readonly fault: boolean;
}

type Next = Partial<WindowPosition> | null;
const same = (next: Next) => ({ unknown: next, open: next, paused: next, closed: next });

/** Every condition and every event: what changes, or null where the event does not fit. For consecutive sequences. */
export const windowTable: Readonly<Record<WindowEventType, Readonly<Record<WindowCondition, Next>>>> = {
  'window.opened': { ...same({ condition: 'open' }), open: null },
  'window.closed': { ...same({ condition: 'closed' }), closed: null },
  // A second pause brings another reason or another time of return.
  'window.paused': { ...same({ condition: 'paused' }), closed: null },
  'window.resumed': { ...same({ condition: 'open' }), open: null, closed: null },
  'window.fault': same({ fault: true }),
  'window.fault_cleared': same({ fault: false }),
  'window.staff_on': same({}),
  'window.staff_off': same({}),
  'window.services_set': same({}),
};
export const windowEventTypes = Object.keys(windowTable) as WindowEventType[];

const acrossGap: Readonly<Record<WindowEventType, Partial<WindowPosition>>> = {
  'window.opened': { condition: 'open' },
  'window.closed': { condition: 'closed' },
  'window.paused': { condition: 'paused' },
  'window.resumed': { condition: 'open' },
  'window.fault': { fault: true },
  'window.fault_cleared': { fault: false },
  'window.staff_on': {},
  'window.staff_off': {},
  'window.services_set': {},
};

/** What an event does in a position; null where it does not fit. Across missing events everything fits: no state is final. */
export function windowMove(position: WindowPosition, type: WindowEventType, gap: boolean): Next {
  if (gap) return acrossGap[type];
  if (type === 'window.fault' && position.fault) return null;
  if (type === 'window.fault_cleared' && !position.fault) return null;
  return windowTable[type][position.condition];
}

/** What the events of a window say; times in Unix ms. */
export interface WindowFacts extends WindowPosition {
  /** While paused. */
  readonly reason: PauseReason | undefined;
  readonly expectedReturnAt: number | undefined;
  /** Who is signed on. */
  readonly staff: string | undefined;
  /** Department of whoever is signed on, where the source says it. */
  readonly department: string | undefined;
  /** Services set at the window; undefined: those of the hall content. */
  readonly services: readonly string[] | undefined;
  /** Source time of the newest event that fitted. */
  readonly changedAt: number | undefined;
}

export interface WindowCondensed extends WindowFacts {
  readonly sequence: number;
  readonly gaps: number;
}

/** What the fold keeps of a window event; every `HallEvent` of a window is one. */
export type WindowEvent = {
  [K in WindowEventType]: Pick<HallEvent<K>, 'id' | 'type' | 'time' | 'sequence' | 'data'>;
}[WindowEventType];

export const unknownWindow: WindowFacts = {
  condition: 'unknown',
  fault: false,
  reason: undefined,
  expectedReturnAt: undefined,
  staff: undefined,
  department: undefined,
  services: undefined,
  changedAt: undefined,
};

/** One step of a window: the next facts, or undefined where the event does not fit. */
export function windowStep(facts: WindowFacts, event: WindowEvent, gap: boolean): WindowFacts | undefined {
  const move = windowMove(facts, event.type, gap);
  if (move === null) return undefined;
  const next = { ...facts, ...move, changedAt: event.time };
  switch (event.type) {
    case 'window.paused':
      next.reason = event.data.reason;
      next.expectedReturnAt = event.data.expectedReturnAt === undefined ? undefined : parseTime(event.data.expectedReturnAt);
      break;
    case 'window.opened':
    case 'window.closed':
    case 'window.resumed':
      next.reason = undefined;
      next.expectedReturnAt = undefined;
      break;
    case 'window.staff_on':
      next.staff = event.data.staff;
      next.department = event.data.department;
      break;
    case 'window.staff_off':
      // At a hand-over the new person may sign on before the old one signs off.
      if (event.data.staff === undefined || event.data.staff === facts.staff) {
        next.staff = undefined;
        next.department = undefined;
      }
      break;
    case 'window.services_set':
      next.services = event.data.services;
      break;
    case 'window.fault':
    case 'window.fault_cleared':
      break;
  }
  return next;
}

/** The state of one window from all its known events, in any order, with any repeats. */
export function foldWindow(events: readonly WindowEvent[]): Folded<WindowCondensed> {
  const { state, misfits, sequence, gaps } = foldAll(windowStep, unknownWindow, events);
  return { state: { ...state, sequence, gaps }, misfits };
}
