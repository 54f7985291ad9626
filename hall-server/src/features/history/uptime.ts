/** How much of the opening hours a screen was right. Pure. */
import { conditions, type Condition, type HallCalendar, type UptimeRow } from '@hall/contracts';
import { businessDay, phaseAt } from '@hall/model';

export interface OpenSpan {
  readonly from: number;
  readonly to: number;
  /** Civil day in the zone of the hall. */
  readonly day: string;
}
export interface ConditionChange {
  readonly at: number;
  readonly value: Condition;
}
export type ConditionMs = Readonly<Record<Condition, number>>;

/** While visitors are served: shifts and the tail in which tickets already taken are finished, for a window its own. */
export function openSpans(calendar: HallCalendar, from: number, to: number, window?: string): OpenSpan[] {
  const spans: OpenSpan[] = [];
  for (let at = from; at < to;) {
    const { phase, nextChangeAt } = phaseAt(calendar, at, window);
    const end = Math.min(nextChangeAt ?? to, to);
    if (phase === 'open' || phase === 'tail') spans.push({ from: at, to: end, day: businessDay(calendar.zone, at) });
    at = end;
  }
  return spans;
}

export const noTime: ConditionMs = { right: 0, stale: 0, offline: 0, maintenance: 0, unknown: 0 };
export const added = (left: ConditionMs, right: ConditionMs): ConditionMs =>
  Object.fromEntries(conditions.map((condition) => [condition, left[condition] + right[condition]])) as unknown as ConditionMs;

/**
 * Milliseconds of each span in each condition, by day. `changes`: oldest first, the one that held at the beginning included;
 * before the first nothing is known.
 */
export function conditionTimes(changes: readonly ConditionChange[], spans: readonly OpenSpan[]): Map<string, ConditionMs> {
  const days = new Map<string, Record<Condition, number>>();
  let next = 0;
  let value: Condition = 'unknown';
  for (const { from, to, day } of spans) {
    let times = days.get(day);
    if (!times) days.set(day, (times = { ...noTime }));
    let at = from;
    while (at < to) {
      for (let change = changes[next]; change && change.at <= at; change = changes[next]) {
        ({ value } = change);
        next += 1;
      }
      const end = Math.min(to, changes[next]?.at ?? to);
      times[value] += end - at;
      at = end;
    }
  }
  return days;
}

/** Right, of the time that is neither maintenance nor unknown; null when there was none. */
export function uptimeOf({ right, stale, offline }: ConditionMs): UptimeRow['uptime'] {
  const known = right + stale + offline;
  return known === 0 ? null : right / known;
}
