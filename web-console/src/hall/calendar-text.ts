/** The hall calendar as lines of text and back. People type hours faster than they click them. */
import type { HallCalendar } from '@hall/contracts';

type Shifts = HallCalendar['week'][number];
export type Parsed<T> = { readonly value: T } | { readonly wrongLine: number };

const SHIFT = /^([01]?\d|2[0-3]):([0-5]\d)\s*[-–~至]\s*([01]?\d|2[0-3]):([0-5]\d)$/;
const pad = (hour: string) => hour.padStart(2, '0');

/** `09:00-12:00, 13:30-17:00`; empty is closed. Nothing when it is not hours, or a shift ends before it starts or overlaps. */
export function parseShifts(text: string): Shifts | undefined {
  const parts = text
    .split(/[,，;；、]/)
    .map((part) => part.trim())
    .filter(Boolean);
  const shifts: Shifts = [];
  for (const part of parts) {
    const match = SHIFT.exec(part);
    if (!match) return undefined;
    const [, fromHour = '', fromMinute = '', toHour = '', toMinute = ''] = match;
    const shift = { from: `${pad(fromHour)}:${fromMinute}`, to: `${pad(toHour)}:${toMinute}` };
    if (shift.from >= shift.to || shift.from < (shifts.at(-1)?.to ?? '')) return undefined;
    shifts.push(shift);
  }
  return shifts.length > 6 ? undefined : shifts;
}
export const shiftsText = (shifts: Shifts): string => shifts.map(({ from, to }) => `${from}-${to}`).join(', ');

const weekdayWords = [
  ['1', 'mon', 'monday', '星期一', '周一'],
  ['2', 'tue', 'tuesday', '星期二', '周二'],
  ['3', 'wed', 'wednesday', '星期三', '周三'],
  ['4', 'thu', 'thursday', '星期四', '周四'],
  ['5', 'fri', 'friday', '星期五', '周五'],
  ['6', 'sat', 'saturday', '星期六', '周六'],
  ['7', 'sun', 'sunday', '星期日', '星期天', '周日'],
];
/** 0 Monday … 6 Sunday, from a word of either language or 1 to 7. */
export const parseWeekday = (word: string): number | undefined => {
  const index = weekdayWords.findIndex((words) => words.includes(word.toLowerCase()));
  return index === -1 ? undefined : index;
};

const isDay = (day: string): boolean => {
  const ms = Date.parse(`${day}T00:00:00Z`);
  return /^\d{4}-\d{2}-\d{2}$/.test(day) && !Number.isNaN(ms) && new Date(ms).toISOString().startsWith(day);
};

/** Each line that is not empty through `read`; the number of the first line it refuses, from 1. */
function parseLines<T>(text: string, read: (words: string[], line: string) => T | undefined): Parsed<T[]> {
  const rows: T[] = [];
  for (const [index, raw] of text.split('\n').entries()) {
    const line = raw.trim();
    if (line === '') continue;
    const row = read(line.split(/\s+/), line);
    if (row === undefined) return { wrongLine: index + 1 };
    rows.push(row);
  }
  return { value: rows };
}

/** `2026-10-01 国庆节` */
export const parseHolidays = (text: string): Parsed<HallCalendar['holidays']> =>
  parseLines(text, ([day = '', ...name]) =>
    isDay(day) && name.length > 0 && name.join(' ').length <= 20 ? { day, name: name.join(' ') } : undefined,
  );
export const holidaysText = (holidays: HallCalendar['holidays']): string =>
  holidays.map(({ day, name }) => `${day} ${name}`).join('\n');

/** `2026-10-10 星期五` */
export const parseMakeUpDays = (text: string): Parsed<HallCalendar['makeUpDays']> =>
  parseLines(text, ([day = '', weekday = '', ...rest]) => {
    const as = parseWeekday(weekday);
    return isDay(day) && as !== undefined && rest.length === 0 ? { day, as } : undefined;
  });
export const makeUpDaysText = (days: HallCalendar['makeUpDays'], weekdays: readonly string[]): string =>
  days.map(({ day, as }) => `${day} ${weekdays[as] ?? as + 1}`).join('\n');

/** `w01 星期六 09:00-12:00`; only windows of the hall. */
export const parseWindowHours = (text: string, windows: ReadonlySet<string>): Parsed<HallCalendar['windowHours']> =>
  parseLines(text, ([window = '', weekdayWord = '', ...hours]) => {
    const weekday = parseWeekday(weekdayWord);
    const shifts = parseShifts(hours.join(' '));
    return windows.has(window) && weekday !== undefined && shifts ? { window, weekday, shifts } : undefined;
  });
export const windowHoursText = (hours: HallCalendar['windowHours'], weekdays: readonly string[]): string =>
  hours
    .map(({ window, weekday, shifts }) => `${window} ${weekdays[weekday] ?? weekday + 1} ${shiftsText(shifts)}`.trim())
    .join('\n');
