/**
 * The life of one alarm: one for each object and type. The same input twice changes nothing the second time, so it does not
 * matter how often or in which order alarms are looked at. Moments are Unix ms of a clock that does not step while the server
 * runs; `countFromMs` is stored, so a delay goes on over a restart.
 */
import type { AlarmEvidence, AlarmHappening, AlarmObject, AlarmTypeId } from '@hall/contracts';
import type { AlarmType } from './types.ts';

/**
 * `quiet`: the condition does not hold. `pending`: it holds, not yet for long enough. `active`: raised. `ending`: raised, and
 * the condition is gone, not yet for long enough.
 */
export const alarmPhases = ['quiet', 'pending', 'active', 'ending'] as const;
export type AlarmPhase = (typeof alarmPhases)[number];

export interface Shelf {
  readonly by: string;
  readonly at: number;
  readonly until: number;
  readonly reason: string;
}

export interface AlarmRecord {
  readonly id: number;
  readonly type: AlarmTypeId;
  readonly object: AlarmObject;
  readonly phase: AlarmPhase;
  /** When the condition began. */
  readonly sinceMs: number;
  /** From here the delay counts: the beginning, or the end of what held the alarm back. */
  readonly countFromMs: number;
  /** When the condition was gone, while `ending`. */
  readonly endedMs: number | null;
  readonly raisedMs: number | null;
  readonly clearedMs: number | null;
  /** When a cleared alarm that nobody acknowledged left the list. */
  readonly lapsedMs: number | null;
  readonly count: number;
  readonly evidence: AlarmEvidence;
  readonly acknowledged: { readonly by: string; readonly at: number } | null;
  readonly assignee: string | null;
  readonly shelved: Shelf | null;
}

/** What is known of the condition. `unknown`: its source cannot tell, so everything stays as it is. */
export type Seen =
  | { readonly is: 'holds'; readonly sinceMs?: number; readonly evidence?: AlarmEvidence }
  | { readonly is: 'gone' }
  | { readonly is: 'unknown' };

/**
 * What stands in the way of raising. `wait`: something that would explain it is not decided yet; the delay goes on.
 * `suppress`: closed hours, maintenance, or explained by another alarm; afterwards the delay counts anew.
 */
export type Hold = 'none' | 'wait' | 'suppress';

/** What happens in each phase for what is seen; `due` asks the delay of that phase. The only place that decides. */
type Move = 'stay' | 'begin' | 'forget' | 'raise_when_due' | 'end' | 'resume' | 'clear_when_due';
export const moves: Readonly<Record<AlarmPhase, Readonly<Record<Seen['is'], Move>>>> = {
  quiet: { holds: 'begin', gone: 'stay', unknown: 'stay' },
  pending: { holds: 'raise_when_due', gone: 'forget', unknown: 'stay' },
  active: { holds: 'stay', gone: 'end', unknown: 'stay' },
  ending: { holds: 'resume', gone: 'clear_when_due', unknown: 'stay' },
};

/** An acknowledged alarm that comes again within so long is the same one, ms. */
export const FLAP_MS = 600_000;
/** A cleared alarm that nobody acknowledges leaves the list after so long, ms. */
export const LAPSE_MS = 86_400_000;

export const isActive = ({ phase }: Pick<AlarmRecord, 'phase'>): boolean => phase === 'active' || phase === 'ending';
/** Whether somebody should still look at it. */
export const isOpen = (record: AlarmRecord): boolean =>
  isActive(record) || (record.raisedMs !== null && record.acknowledged === null && record.lapsedMs === null);
/** Whether a raise now would be the same alarm again, and not another one. */
const comesAgain = (record: AlarmRecord, nowMs: number): boolean =>
  isOpen(record) || (record.clearedMs !== null && nowMs - record.clearedMs < FLAP_MS);

export interface Stepped {
  /** Undefined: there is nothing to remember. */
  readonly record: AlarmRecord | undefined;
  /** What happened, in order. */
  readonly happened: readonly Extract<AlarmHappening, 'raised' | 'cleared' | 'lapsed' | 'unshelved'>[];
  /** The record that ended because this is another alarm; it is history now. */
  readonly before?: AlarmRecord;
}

export interface StepInput {
  readonly record: AlarmRecord | undefined;
  readonly seen: Seen;
  readonly hold: Hold;
  readonly rule: Pick<AlarmType, 'delayS' | 'clearS'>;
  readonly nowMs: number;
  /** A new record, if one is needed; its number has not been used. */
  readonly fresh: () => Pick<AlarmRecord, 'id' | 'type' | 'object'>;
}

const blank = {
  phase: 'quiet',
  endedMs: null,
  raisedMs: null,
  clearedMs: null,
  lapsedMs: null,
  count: 0,
  evidence: {},
  acknowledged: null,
  assignee: null,
  shelved: null,
} as const;

/** What becomes of an alarm at a moment. */
export function stepAlarm({ record: held, seen, hold, rule, nowMs, fresh }: StepInput): Stepped {
  const happened: Array<Stepped['happened'][number]> = [];
  let before: AlarmRecord | undefined;
  let record = held;
  const set = (changes: Partial<AlarmRecord>) => {
    if (record) record = { ...record, ...changes };
  };

  if (record?.shelved && record.shelved.until <= nowMs) {
    set({ shelved: null });
    if (isOpen(record)) happened.push('unshelved');
  }
  switch (moves[record?.phase ?? 'quiet'][seen.is]) {
    case 'begin': {
      if (seen.is !== 'holds') break;
      const sinceMs = Math.min(seen.sinceMs ?? nowMs, nowMs);
      record ??= { ...fresh(), ...blank, sinceMs, countFromMs: sinceMs };
      set({ phase: 'pending', sinceMs, countFromMs: hold === 'suppress' ? nowMs : sinceMs, evidence: seen.evidence ?? {} });
      break;
    }
    case 'forget':
      set({ phase: 'quiet' });
      break;
    case 'end':
      set({ phase: 'ending', endedMs: nowMs });
      break;
    case 'resume':
      set({ phase: 'active', endedMs: null });
      break;
    case 'stay':
    case 'raise_when_due':
    case 'clear_when_due':
      break;
  }
  if (record?.phase === 'pending' && hold === 'suppress') set({ countFromMs: nowMs });
  if (record?.phase === 'pending' && seen.is === 'holds' && hold === 'none' && nowMs - record.countFromMs >= rule.delayS * 1000) {
    const again = record.raisedMs !== null && comesAgain(record, nowMs);
    if (!again && record.raisedMs !== null) {
      before = { ...record, phase: 'quiet' };
      record = { ...fresh(), ...blank, sinceMs: record.sinceMs, countFromMs: record.countFromMs, shelved: record.shelved };
    }
    set({
      phase: 'active',
      raisedMs: again ? record.raisedMs : nowMs,
      clearedMs: null,
      count: record.count + 1,
      evidence: seen.evidence ?? {},
    });
    happened.push('raised');
  }
  if (
    record?.phase === 'ending' &&
    seen.is === 'gone' &&
    record.endedMs !== null &&
    nowMs - record.endedMs >= rule.clearS * 1000
  ) {
    set({ phase: 'quiet', endedMs: null, clearedMs: nowMs });
    happened.push('cleared');
  }
  if (record && !isActive(record) && isOpen(record) && nowMs - (record.clearedMs ?? nowMs) >= LAPSE_MS) {
    set({ lapsedMs: nowMs });
    happened.push('lapsed');
  }
  // What was never raised, and what is over for good, need not be remembered.
  if (record?.phase === 'quiet' && !record.shelved && !comesAgain(record, nowMs)) {
    if (record.raisedMs !== null) before = record;
    record = undefined;
  }
  return { record, happened, ...(before && { before }) };
}
