import type { HallCalendar } from '@hall/contracts';
import type { BoardHours } from './board-view.ts';
import { hallClock } from './hall-clock.ts';
import type { Language } from './words.ts';

const zhDays = ['一', '二', '三', '四', '五', '六', '日'];
const enDays = ['Mon', 'Tue', 'Wed', 'Thu', 'Fri', 'Sat', 'Sun'];

const DAY_MS = 86_400_000;

/** Start times of a window's shifts on a day (YYYY-MM-DD, local to the hall). */
function shiftsOn(calendar: HallCalendar, day: string, window: string | undefined) {
  const weekday = (new Date(`${day}T00:00:00Z`).getUTCDay() + 6) % 7;
  const makeUp = calendar.makeUpDays.find((other) => other.day === day);
  if (!makeUp && calendar.holidays.some((holiday) => holiday.day === day)) return { weekday, shifts: [] };
  const as = makeUp?.as ?? weekday;
  const own = calendar.windowHours.find((hours) => hours.window === window && hours.weekday === as);
  return { weekday, shifts: own?.shifts ?? calendar.week[as] ?? [] };
}

/** When a window opens next, within seven days (so that a weekday says enough): `13:30` today, `周一09:00` on another day; nothing while that is unknown. */
export function nextOpening(
  calendar: HallCalendar,
  window: string | undefined,
  hallMs: number,
  language: Language,
): string | undefined {
  const now = hallClock(hallMs, calendar.zone);
  const today = Date.parse(`${now.date}T00:00:00Z`);
  for (let ahead = 0; ahead <= 6; ahead += 1) {
    const day = new Date(today + ahead * DAY_MS).toISOString().slice(0, 10);
    const { weekday, shifts } = shiftsOn(calendar, day, window);
    const shift = shifts.find(({ from }) => ahead > 0 || from > now.clock);
    if (!shift) continue;
    if (ahead === 0) return shift.from;
    return language === 'zh' ? `周${zhDays[weekday]}${shift.from}` : `${enDays[weekday]} ${shift.from}`;
  }
  return undefined;
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
