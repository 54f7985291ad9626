/** The hall calendar (大厅日历): which phase a moment lies in, for the hall or for one window, and when that changes. */
import type { HallCalendar } from '@hall/contracts';
import { DAY_MS, dayNumber, dayOfText, dayText, offsetMs, startOfDay, momentOf, weekdayOf } from './zone.ts';

export type Phase = 'open' | 'lunch' | 'tail' | 'closed';

/** From inclusive, to exclusive, ms. */
export interface Span {
  readonly fromMs: number;
  readonly toMs: number;
}

export interface PhaseAt {
  readonly phase: Phase;
  /** When this phase began, Unix ms; absent where it has lasted for more than 400 days. */
  readonly since?: number;
  /** The next moment of another phase, Unix ms; null where none comes within 400 days. */
  readonly nextChangeAt: number | null;
  /** The shift that runs, while open. */
  readonly shift?: Span;
  /** The next moment after this one at which an open phase begins, Unix ms. */
  readonly nextOpenAt: number | null;
}

interface PhaseSpan extends Span {
  readonly phase: Phase;
}
interface Shift {
  readonly from: string;
  readonly to: string;
}

const MAX_DAYS_AHEAD = 400;
const MAX_CACHED_DAYS = 1024;

/** What is looked up again and again about one calendar document. */
interface Compiled {
  readonly holidays: ReadonlySet<string>;
  readonly makeUp: ReadonlyMap<string, number>;
  readonly lunchWindows: ReadonlySet<string>;
  /** `window weekday` → shifts. */
  readonly windowHours: ReadonlyMap<string, readonly Shift[]>;
  readonly specialWindows: ReadonlySet<string>;
  readonly days: Map<string, Map<number, readonly PhaseSpan[]>>;
  readonly newest: Map<string, { from: number; to: number; at: PhaseAt }>;
}
const compiledCalendars = new WeakMap<HallCalendar, Compiled>();

function compile(calendar: HallCalendar): Compiled {
  let compiled = compiledCalendars.get(calendar);
  if (!compiled) {
    const { holidays, makeUpDays, lunchWindows, windowHours } = calendar;
    compiled = {
      holidays: new Set(holidays.map(({ day }) => day)),
      makeUp: new Map(makeUpDays.map(({ day, as }) => [day, as])),
      lunchWindows: new Set(lunchWindows),
      windowHours: new Map(windowHours.map(({ window, weekday, shifts }) => [`${window} ${weekday}`, shifts])),
      specialWindows: new Set([...lunchWindows, ...windowHours.map(({ window }) => window)]),
      days: new Map(),
      newest: new Map(),
    };
    compiledCalendars.set(calendar, compiled);
  }
  return compiled;
}

const minuteOf = (time: string): number => Number(time.slice(0, 2)) * 60 + Number(time.slice(3, 5));
const timeText = (minute: number): string =>
  `${String(Math.floor(minute / 60)).padStart(2, '0')}:${String(minute % 60).padStart(2, '0')}`;

/** The shifts of a civil day in minutes, in order, shifts that touch or overlap as one. */
function shiftsOf(calendar: HallCalendar, day: number, window: string | undefined): Array<[from: number, to: number]> {
  const { holidays, makeUp, windowHours } = compile(calendar);
  const text = dayText(day);
  const instead = makeUp.get(text);
  if (instead === undefined && holidays.has(text)) return [];
  const weekday = instead ?? weekdayOf(day);
  const own = window === undefined ? undefined : windowHours.get(`${window} ${weekday}`);
  const shifts: Array<[number, number]> = [];
  const given = (own ?? calendar.week[weekday] ?? []).map(({ from, to }) => [minuteOf(from), minuteOf(to)] as const);
  for (const [from, to] of given.toSorted((a, b) => a[0] - b[0])) {
    const last = shifts.at(-1);
    if (to <= from) continue;
    if (last && from <= last[1]) last[1] = Math.max(last[1], to);
    else shifts.push([from, to]);
  }
  return shifts;
}

/** The phases of a civil day from its beginning to its end, no two neighbours alike. */
function phasesOf(calendar: HallCalendar, day: number, window: string | undefined): readonly PhaseSpan[] {
  const { days, lunchWindows } = compile(calendar);
  const key = window ?? '';
  let cache = days.get(key);
  if (!cache) days.set(key, (cache = new Map()));
  const cached = cache.get(day);
  if (cached) return cached;

  const { zone, tailMinutes } = calendar;
  const endOfDay = startOfDay(zone, day + 1);
  const spans: PhaseSpan[] = [];
  let at = startOfDay(zone, day);
  const until = (toMs: number, phase: Phase) => {
    const to = Math.min(toMs, endOfDay);
    if (to <= at) return;
    const last = spans.at(-1);
    if (last?.phase === phase) spans[spans.length - 1] = { ...last, toMs: to };
    else spans.push({ phase, fromMs: at, toMs: to });
    at = to;
  };
  const moment = (minute: number) => momentOf(zone, day * DAY_MS + minute * 60_000);
  const shifts = shiftsOf(calendar, day, window);
  const between: Phase = window !== undefined && lunchWindows.has(window) ? 'open' : 'lunch';
  shifts.forEach(([from, to], index) => {
    until(moment(from), index === 0 ? 'closed' : between);
    until(moment(to), 'open');
  });
  const last = shifts.at(-1);
  // The tail ends with the day: the next day begins by its own plan.
  if (last) until(moment(last[1]) + tailMinutes * 60_000, 'tail');
  until(endOfDay, 'closed');
  if (cache.size >= MAX_CACHED_DAYS) cache.clear();
  cache.set(day, spans);
  return spans;
}

/** The first span after `fromDay` (in its direction) that `wanted` accepts. */
function findSpan(
  calendar: HallCalendar,
  window: string | undefined,
  fromDay: number,
  step: 1 | -1,
  wanted: (span: PhaseSpan) => boolean,
): PhaseSpan | undefined {
  for (let day = fromDay, left = MAX_DAYS_AHEAD; left > 0; day += step, left -= 1) {
    const spans = phasesOf(calendar, day, window);
    const found = step === 1 ? spans.find(wanted) : spans.findLast(wanted);
    if (found) return found;
  }
  return undefined;
}

/**
 * The phase of the hall at a moment of hall time (Unix ms), or of one window: windows on lunch duty stay open between
 * shifts, windows with hours of their own follow these. Within one phase the same object is answered again.
 */
export function phaseAt(calendar: HallCalendar, hallMs: number, windowId?: string): PhaseAt {
  const { newest, specialWindows } = compile(calendar);
  const window = windowId !== undefined && specialWindows.has(windowId) ? windowId : undefined;
  const key = window ?? '';
  const cached = newest.get(key);
  if (cached && cached.from <= hallMs && hallMs < cached.to) return cached.at;

  const day = dayNumber(calendar.zone, hallMs);
  const now = phasesOf(calendar, day, window).find((span) => span.fromMs <= hallMs && hallMs < span.toMs);
  // Only on a civil day that does not exist in the zone.
  if (!now) return { phase: 'closed', nextChangeAt: null, nextOpenAt: null };
  const { phase } = now;
  const before = findSpan(calendar, window, day, -1, (span) => span.toMs <= now.fromMs && span.phase !== phase);
  const after = findSpan(calendar, window, day, 1, (span) => span.fromMs >= now.toMs && span.phase !== phase);
  const since = before?.toMs;
  const nextChangeAt = after?.fromMs ?? null;
  const nextOpen =
    after &&
    findSpan(calendar, window, dayNumber(calendar.zone, after.fromMs), 1, (s) => s.fromMs >= after.fromMs && s.phase === 'open');
  const at: PhaseAt = {
    phase,
    nextChangeAt,
    nextOpenAt: nextOpen?.fromMs ?? null,
    ...(since === undefined ? {} : { since }),
    ...(phase === 'open' ? { shift: { fromMs: since ?? now.fromMs, toMs: nextChangeAt ?? now.toMs } } : {}),
  };
  newest.set(key, { from: since ?? now.fromMs, to: nextChangeAt ?? now.toMs, at });
  return at;
}

/** The civil day of a moment in the zone, `YYYY-MM-DD`. */
export const businessDay = (zone: string, hallMs: number): string => dayText(dayNumber(zone, hallMs));

/** What the wall clock shows, `HH:MM`. */
export function localTime(zone: string, hallMs: number): string {
  const minute = Math.floor((hallMs + offsetMs(zone, hallMs)) / 60_000) % 1440;
  return timeText((minute + 1440) % 1440);
}

/** The moment at which a civil day `YYYY-MM-DD` begins in the zone, Unix ms; undefined where there is no such day. */
export function startOfBusinessDay(zone: string, day: string): number | undefined {
  const number = dayOfText(day);
  return number === undefined ? undefined : startOfDay(zone, number);
}

/** Opening hours of the day of that moment, e.g. `09:00-12:00 13:30-17:00`; '' on a closed day. */
export function hoursText(calendar: HallCalendar, hallMs: number, windowId?: string): string {
  return shiftsOf(calendar, dayNumber(calendar.zone, hallMs), windowId)
    .map(([from, to]) => `${timeText(from)}-${timeText(to)}`)
    .join(' ');
}

/** Monday to Friday except holidays, and make-up days; whether the hall also opens on a Saturday makes no difference. */
function worksOn(calendar: HallCalendar, day: number): boolean {
  const { holidays, makeUp } = compile(calendar);
  const text = dayText(day);
  const weekday = makeUp.get(text);
  if (weekday !== undefined) return weekday <= 4;
  return weekdayOf(day) <= 4 && !holidays.has(text);
}

/** Whether the day of that moment is a working day (工作日) of the working-day clock. */
export const isWorkingDay = (calendar: HallCalendar, hallMs: number): boolean =>
  worksOn(calendar, dayNumber(calendar.zone, hallMs));

/**
 * The deadline of a promise of `days` working days (0 and more): the end, exclusive, of the last of them. The day on
 * which it begins does not count.
 */
export function addWorkingDays(calendar: HallCalendar, fromMs: number, days: number): number {
  let day = dayNumber(calendar.zone, fromMs);
  for (let left = days; left > 0;) {
    day += 1;
    if (worksOn(calendar, day)) left -= 1;
  }
  return startOfDay(calendar.zone, day + 1);
}

/**
 * Working days used between two moments: those after the day of `fromMs`, up to and including the day of `toMs`. A day
 * at whose end the clock stands (补正, 特别程序) is not used.
 */
export function workingDaysBetween(calendar: HallCalendar, fromMs: number, toMs: number, excluded: readonly Span[] = []): number {
  const last = dayNumber(calendar.zone, toMs);
  let used = 0;
  for (let day = dayNumber(calendar.zone, fromMs) + 1; day <= last; day += 1) {
    if (!worksOn(calendar, day)) continue;
    const end = startOfDay(calendar.zone, day + 1);
    if (!excluded.some((span) => span.fromMs < end && end <= span.toMs)) used += 1;
  }
  return used;
}
