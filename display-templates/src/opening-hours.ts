import type { HallCalendar } from '@hall/contracts';
import { localTime, businessDay, phaseAt, startOfBusinessDay } from '@hall/model';
import type { BoardHours } from './board-view.ts';
import type { Language } from './words.ts';

const zhDays = ['一', '二', '三', '四', '五', '六', '日'];
const enDays = ['Mon', 'Tue', 'Wed', 'Thu', 'Fri', 'Sat', 'Sun'];
const WEEK_MS = 7 * 86_400_000;

/** When a window opens next: `13:30` today, `周一09:00` within a week, nothing when it is later or unknown. */
export function nextOpening(
  calendar: HallCalendar,
  window: string | undefined,
  hallMs: number,
  language: Language,
): string | undefined {
  const { nextOpenAt } = phaseAt(calendar, hallMs, window);
  if (nextOpenAt === null || nextOpenAt - hallMs >= WEEK_MS) return undefined;
  const time = localTime(calendar.zone, nextOpenAt);
  const day = businessDay(calendar.zone, nextOpenAt);
  if (day === businessDay(calendar.zone, hallMs)) return time;
  const weekday = (new Date(`${day}T00:00:00Z`).getUTCDay() + 6) % 7;
  return language === 'zh' ? `周${zhDays[weekday]}${time}` : `${enDays[weekday]} ${time}`;
}

/** Hall times at which the wording of `nextOpening` can change by itself, Unix ms, past ones included. */
export function openingChanges(calendar: HallCalendar, window: string | undefined, hallMs: number): number[] {
  const { nextOpenAt } = phaseAt(calendar, hallMs, window);
  if (nextOpenAt === null) return [];
  const dayStart = startOfBusinessDay(calendar.zone, businessDay(calendar.zone, nextOpenAt));
  return [nextOpenAt - WEEK_MS + 1, ...(dayStart === undefined ? [] : [dayStart]), nextOpenAt];
}

/** The week as printed beside a door: neighbouring days with the same shifts in one line, Monday first. */
export function weekHours(calendar: HallCalendar): BoardHours[] {
  const lines: { first: number; last: number; shifts: string[] }[] = [];
  calendar.week.forEach((day, weekday) => {
    const shifts = day.map(({ from, to }) => `${from}-${to}`);
    const before = lines.at(-1);
    if (before && before.shifts.join() === shifts.join()) before.last = weekday;
    else lines.push({ first: weekday, last: weekday, shifts });
  });
  return lines.map(({ first, last, shifts }) => ({
    days: {
      zh: first === last ? `周${zhDays[first]}` : `周${zhDays[first]}至周${zhDays[last]}`,
      en: first === last ? `${enDays[first]}` : `${enDays[first]}-${enDays[last]}`,
    },
    shifts,
  }));
}
