import type { HallCalendar } from '@hall/contracts';

/** The opening times of one day as hall times, Unix ms. */
export interface DayPlan {
  readonly day: string;
  /** Midnight at which the day begins. */
  readonly startMs: number;
  /** In order; empty on a closed day. The end is exclusive. */
  readonly shifts: ReadonlyArray<{ readonly fromMs: number; readonly toMs: number }>;
  /** After a shift, the time in which tickets already taken are finished. */
  readonly tailMs: number;
}

/** Minutes east of UTC in a zone at a moment. */
function offsetMinutes(zone: string, atMs: number): number {
  const parts = new Intl.DateTimeFormat('en', { timeZone: zone, timeZoneName: 'longOffset' }).formatToParts(atMs);
  const text = parts.find(({ type }) => type === 'timeZoneName')?.value ?? 'GMT';
  const [, sign, hours, minutes] = /GMT([+-])(\d{2}):(\d{2})/.exec(text) ?? [];
  return (sign === '-' ? -1 : 1) * (Number(hours ?? 0) * 60 + Number(minutes ?? 0));
}

/** Index 0 is Monday. */
const weekdayOf = (day: string): number => (new Date(`${day}T00:00:00Z`).getUTCDay() + 6) % 7;

/** When the hall is open on `day` (YYYY-MM-DD in the zone of the calendar). */
export function planDay(calendar: HallCalendar, day: string): DayPlan {
  const utc = Date.parse(`${day}T00:00:00Z`);
  const startMs = utc - offsetMinutes(calendar.zone, utc) * 60_000;
  const makeUp = calendar.makeUpDays.find((made) => made.day === day);
  const closed = !makeUp && calendar.holidays.some((holiday) => holiday.day === day);
  const shifts = closed ? [] : (calendar.week[makeUp?.as ?? weekdayOf(day)] ?? []);
  const at = (time: string) => startMs + (Number(time.slice(0, 2)) * 60 + Number(time.slice(3, 5))) * 60_000;
  return {
    day,
    startMs,
    shifts: shifts.map(({ from, to }) => ({ fromMs: at(from), toMs: at(to) })),
    tailMs: calendar.tailMinutes * 60_000,
  };
}

/** The day after. */
export const dayAfter = (day: string): string => new Date(Date.parse(`${day}T00:00:00Z`) + 86_400_000).toISOString().slice(0, 10);

/** The first day not before `day` on which the hall opens; `day` itself if none does within a year. */
export function workingDayFrom(calendar: HallCalendar, day: string): string {
  let candidate = day;
  for (let tries = 0; tries < 366; tries += 1) {
    if (planDay(calendar, candidate).shifts.length > 0) return candidate;
    candidate = dayAfter(candidate);
  }
  return day;
}
