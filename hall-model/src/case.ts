/** The life of a case (办件): a total transition table, and the fold of its events in source sequence. */
import type { CaseEventType, HallEvent } from '@hall/contracts';
import type { Span } from './calendar.ts';
import { foldAll, type Folded } from './thread.ts';

export const caseStates = [
  'unknown',
  'received',
  'accepted',
  'not_accepted',
  'correcting',
  'processing',
  'suspended',
  'granted',
  'refused',
  'certified',
  'delivered',
  'returned',
  'withdrawn',
  'voided',
  'forwarded',
  'other',
] as const;
export type CaseStateName = (typeof caseStates)[number];

/** Chinese words of the states, as staff say them. */
export const caseStateZh: Readonly<Record<CaseStateName, string>> = {
  unknown: '未知',
  received: '已收件',
  accepted: '已受理',
  not_accepted: '不予受理',
  correcting: '补正中',
  processing: '办理中',
  suspended: '特别程序',
  granted: '准予许可',
  refused: '不予许可',
  certified: '已出证',
  delivered: '已送达',
  returned: '已退件',
  withdrawn: '已撤回',
  voided: '已作废',
  forwarded: '已转报',
  other: '其他',
};

/** States that nothing leaves. */
export const finalCaseStates = [
  'not_accepted',
  'delivered',
  'returned',
  'withdrawn',
  'voided',
] as const satisfies readonly CaseStateName[];
const FINAL: ReadonlySet<CaseStateName> = new Set(finalCaseStates);
export const isFinalCase = (state: CaseStateName): boolean => FINAL.has(state);

const ALIVE = caseStates.filter((state) => !FINAL.has(state));
const UNDECIDED = ['unknown', 'received', 'accepted', 'correcting', 'processing', 'suspended', 'forwarded', 'other'] as const;

/** `back`: where the correction or suspension began. `decision`: by the event's data. */
type Target = CaseStateName | 'back' | 'decision';

/**
 * Per event: the states it fits in, and where it leads. A status of an unknown kind stands in nobody's way: in `other`
 * everything fits that fits anywhere in a life.
 */
export const caseRules: Readonly<
  Record<CaseEventType, { readonly from: readonly CaseStateName[]; readonly to: Target; readonly acrossGap?: CaseStateName }>
> = {
  'case.received': { from: ['unknown', 'other'], to: 'received' },
  'case.accepted': { from: ['received', 'other'], to: 'accepted' },
  'case.not_accepted': { from: ['received', 'correcting', 'other'], to: 'not_accepted' },
  'case.correction_started': { from: ['received', 'accepted', 'processing', 'other'], to: 'correcting' },
  'case.correction_ended': { from: ['correcting', 'other'], to: 'back', acrossGap: 'received' },
  'case.processing_started': { from: ['received', 'accepted', 'forwarded', 'other'], to: 'processing' },
  'case.suspended': { from: ['accepted', 'processing', 'other'], to: 'suspended' },
  'case.resumed': { from: ['suspended', 'other'], to: 'back', acrossGap: 'processing' },
  // An instant case (即办件) is decided as soon as it is received.
  'case.decided': { from: ['received', 'accepted', 'processing', 'forwarded', 'other'], to: 'decision' },
  'case.certificate_issued': { from: ['granted', 'other'], to: 'certified' },
  'case.delivered': { from: ['granted', 'refused', 'certified', 'other'], to: 'delivered' },
  'case.returned': { from: UNDECIDED, to: 'returned' },
  'case.withdrawn': { from: UNDECIDED, to: 'withdrawn' },
  'case.voided': { from: ALIVE, to: 'voided' },
  'case.forwarded': { from: ['received', 'accepted', 'processing', 'other'], to: 'forwarded' },
  'case.status_other': { from: ALIVE, to: 'other' },
};
export const caseEventTypes = Object.keys(caseRules) as CaseEventType[];

/** What the events of a case say; times are source times in Unix ms. */
export interface CaseFacts {
  readonly state: CaseStateName;
  /** The platform's own word while the state is `other`. */
  readonly status: string | undefined;
  readonly case: string | undefined;
  readonly item: string | undefined;
  readonly department: string | undefined;
  readonly window: string | undefined;
  readonly kind: 'instant' | 'promised' | undefined;
  /** Promised working days. */
  readonly promisedDays: number | undefined;
  readonly receivedAt: number | undefined;
  readonly acceptedAt: number | undefined;
  readonly decidedAt: number | undefined;
  /** When it came to a final state. */
  readonly endedAt: number | undefined;
  /** Where an ended correction or suspension leads back to. */
  readonly back: CaseStateName | undefined;
  /** Since when the clock stands (correction, special procedure). */
  readonly standsSince: number | undefined;
  /** When the clock stood; for `workingDaysBetween`. */
  readonly stood: readonly Span[];
}

export interface CaseState extends CaseFacts {
  readonly sequence: number;
  readonly gaps: number;
}

/** What the fold keeps of a case event; every `HallEvent` of a case is one. */
export type CaseEvent = {
  [K in CaseEventType]: Pick<HallEvent<K>, 'id' | 'type' | 'time' | 'sequence' | 'data'>;
}[CaseEventType];

export const unknownCase: CaseFacts = {
  state: 'unknown',
  status: undefined,
  case: undefined,
  item: undefined,
  department: undefined,
  window: undefined,
  kind: undefined,
  promisedDays: undefined,
  receivedAt: undefined,
  acceptedAt: undefined,
  decidedAt: undefined,
  endedAt: undefined,
  back: undefined,
  standsSince: undefined,
  stood: [],
};

/**
 * Whether an event fits. Across missing events everything fits except leaving a final state and receiving a case of
 * which an earlier event is known.
 */
export function caseFits(state: CaseStateName, type: CaseEventType, gap: boolean): boolean {
  if (caseRules[type].from.includes(state)) return true;
  return gap && !isFinalCase(state) && type !== 'case.received';
}

function targetOf(facts: CaseFacts, event: CaseEvent): CaseStateName {
  const { to, acrossGap } = caseRules[event.type];
  if (to === 'decision') return event.type === 'case.decided' ? event.data.decision : 'other';
  if (to !== 'back') return to;
  return facts.back ?? acrossGap ?? 'other';
}

const STANDING: ReadonlySet<CaseStateName> = new Set(['correcting', 'suspended']);

/** One step of a case: the next facts, or undefined where the event does not fit. */
export function caseStep(facts: CaseFacts, event: CaseEvent, gap: boolean): CaseFacts | undefined {
  if (!caseFits(facts.state, event.type, gap)) return undefined;
  const { time, data } = event;
  const state = targetOf(facts, event);
  const next = {
    ...facts,
    state,
    case: data.case,
    item: data.item ?? facts.item,
    department: data.department ?? facts.department,
    window: data.window ?? facts.window,
    status: event.type === 'case.status_other' ? event.data.status : undefined,
  };
  // An unknown status says nothing about the clock: it stands or runs as before.
  if (state !== 'other') {
    const stands = STANDING.has(state);
    if (stands && facts.standsSince === undefined) {
      next.standsSince = time;
      next.back = facts.state === 'other' || facts.state === 'unknown' ? undefined : facts.state;
    } else if (!stands && facts.standsSince !== undefined) {
      if (time > facts.standsSince) next.stood = [...facts.stood, { fromMs: facts.standsSince, toMs: time }];
      next.standsSince = undefined;
      next.back = undefined;
    }
  }
  if (event.type === 'case.received') {
    next.receivedAt = time;
    next.kind = event.data.kind;
    next.promisedDays = event.data.promisedDays;
  } else if (event.type === 'case.accepted') {
    next.acceptedAt = time;
  } else if (event.type === 'case.decided') {
    next.decidedAt = time;
  }
  if (isFinalCase(state)) next.endedAt = time;
  return next;
}

/** The state of one case from all its known events, in any order, with any repeats. */
export function foldCase(events: readonly CaseEvent[]): Folded<CaseState> {
  const { state, misfits, sequence, gaps } = foldAll(caseStep, unknownCase, events);
  return { state: { ...state, sequence, gaps }, misfits };
}
