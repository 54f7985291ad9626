/** How good the alarms are: too many, too seldom answered, always the same. Pure. */
import type { AlarmObject, AlarmReport, AlarmTypeId } from '@hall/contracts';
import { businessDay } from '../calendar.ts';
import { DAY_MS, offsetMs } from '../zone.ts';
import { alarmKey } from './topology.ts';
import { alarmTypes } from './types.ts';

/** An alarm of the span. */
export interface ReportedAlarm {
  readonly type: AlarmTypeId;
  readonly object: AlarmObject;
  readonly raisedMs: number;
  readonly clearedMs: number | null;
  readonly acknowledgedMs: number | null;
}
/** Each time an alarm was raised, flapping included, oldest first. `hallMs`: what the clock of the hall said. */
export interface Raise {
  readonly type: AlarmTypeId;
  readonly object: AlarmObject;
  readonly atMs: number;
  readonly hallMs: number;
}

const FLOOD = { ms: 600_000, raises: 10 };
const STANDING_MS = DAY_MS;
const HOUR_MS = 3_600_000;

/** The middle value; of two in the middle their mean. Null for none. */
export function median(values: readonly number[]): number | null {
  if (values.length === 0) return null;
  const sorted = values.toSorted((a, b) => a - b);
  const half = Math.floor(sorted.length / 2);
  const upper = sorted[half] ?? 0;
  return sorted.length % 2 === 1 ? upper : ((sorted[half - 1] ?? 0) + upper) / 2;
}

/** Spans in which more than ten alarms were raised within ten minutes; spans that touch are one. `raises` in order. */
export function floodsOf(raises: readonly Raise[]): AlarmReport['floods'] {
  const spans: Array<{ first: number; last: number }> = [];
  let first = 0;
  raises.forEach(({ atMs }, last) => {
    while (atMs - (raises[first]?.atMs ?? atMs) > FLOOD.ms) first += 1;
    if (last - first + 1 <= FLOOD.raises) return;
    const held = spans.at(-1);
    if (held && first <= held.last) held.last = last;
    else spans.push({ first, last });
  });
  return spans.map((span) => ({
    from: raises[span.first]?.atMs ?? 0,
    until: raises[span.last]?.atMs ?? 0,
    raises: span.last - span.first + 1,
  }));
}

export interface ReportInput {
  readonly alarms: readonly ReportedAlarm[];
  readonly raises: readonly Raise[];
  readonly zone: string;
  /** Span by the clock of the hall, and its end by the wall clock. */
  readonly fromMs: number;
  readonly untilMs: number;
  readonly nowMs: number;
}

export function alarmReport({ alarms, raises, zone, fromMs, untilMs, nowMs }: ReportInput): AlarmReport {
  const days = new Map<string, number>();
  for (let at = fromMs; at < untilMs; at += DAY_MS) days.set(businessDay(zone, at), 0);
  days.set(businessDay(zone, untilMs), 0);
  const hours = Array.from({ length: 24 }, () => 0);
  const objects = new Map<string, { type: AlarmTypeId; object: AlarmObject; raises: number }>();
  for (const { type, object, hallMs } of raises) {
    const day = businessDay(zone, hallMs);
    days.set(day, (days.get(day) ?? 0) + 1);
    const hour = Math.floor((hallMs + offsetMs(zone, hallMs)) / HOUR_MS) % 24;
    hours[hour] = (hours[hour] ?? 0) + 1;
    const key = alarmKey(type, object);
    objects.set(key, { type, object, raises: (objects.get(key)?.raises ?? 0) + 1 });
  }
  const acknowledged = alarms.filter(({ acknowledgedMs }) => acknowledgedMs !== null);
  return {
    from: fromMs,
    until: untilMs,
    alarms: alarms.length,
    raises: raises.length,
    days: [...days].map(([day, count]) => ({ day, raises: count })).toSorted((a, b) => (a.day < b.day ? -1 : 1)),
    hours,
    priorities: [1, 2, 3].map((priority) => ({
      priority,
      alarms: alarms.filter(({ type }) => alarmTypes[type].priority === priority).length,
    })),
    floods: floodsOf(raises),
    standing: alarms
      .filter(({ raisedMs, clearedMs }) => (clearedMs ?? nowMs) - raisedMs > STANDING_MS)
      .map(({ type, object, raisedMs }) => ({ type, object, raisedAt: raisedMs })),
    topTen: [...objects.values()].toSorted((a, b) => b.raises - a.raises).slice(0, 10),
    neverAcknowledged: alarms.length === 0 ? null : (alarms.length - acknowledged.length) / alarms.length,
    medianAcknowledgeMs: median(
      acknowledged.map(({ raisedMs, acknowledgedMs }) => Math.max(0, (acknowledgedMs ?? 0) - raisedMs)),
    ),
    medianClearMs: median(
      alarms.flatMap(({ raisedMs, clearedMs }) => (clearedMs === null ? [] : [Math.max(0, clearedMs - raisedMs)])),
    ),
  };
}
