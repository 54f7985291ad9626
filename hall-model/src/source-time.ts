/** RFC 3339 with zone; fractions of any length up to nanoseconds. */
const FORM = /^\d{4}-\d{2}-\d{2}[Tt]\d{2}:\d{2}:\d{2}(?:\.\d{1,9})?(?:[Zz]|[+-]\d{2}:\d{2})$/;
/** Where the seconds end. */
const AFTER_SECONDS = 19;
const ZERO = 0x30;

/** The number that `count` digits make. */
function digits(text: string, from: number, count: number): number {
  let value = 0;
  for (let at = from; at < from + count; at += 1) value = value * 10 + text.charCodeAt(at) - ZERO;
  return value;
}

const leap = (year: number): boolean => (year % 4 === 0 && year % 100 !== 0) || year % 400 === 0;
const DAYS = [31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31];
/** Days of a month from 1; 0 for a month that does not exist. */
const daysOf = (year: number, month: number): number => (month === 2 && leap(year) ? 29 : (DAYS[month - 1] ?? 0));

/**
 * Unix ms of an RFC 3339 time with zone, to the millisecond (further digits are cut off).
 * Undefined where the text is no time: other form, 30 February, hour 24, leap second. Read by hand, for it is on the way of
 * every event.
 */
export function parseTime(text: string): number | undefined {
  if (!FORM.test(text)) return undefined;
  const [year, month, day] = [digits(text, 0, 4), digits(text, 5, 2), digits(text, 8, 2)];
  const [hour, minute, second] = [digits(text, 11, 2), digits(text, 14, 2), digits(text, 17, 2)];
  if (day < 1 || day > daysOf(year, month) || hour > 23 || minute > 59 || second > 59) return undefined;
  const zulu = (text.charCodeAt(text.length - 1) | 0x20) === 0x7a;
  const zoneAt = zulu ? text.length - 1 : text.length - 6;
  const fraction = text.slice(AFTER_SECONDS + 1, Math.min(zoneAt, AFTER_SECONDS + 4));
  const milliseconds = Number(fraction.padEnd(3, '0'));
  let offsetMinutes = 0;
  if (!zulu) {
    const [zoneHour, zoneMinute] = [digits(text, zoneAt + 1, 2), digits(text, zoneAt + 4, 2)];
    if (zoneHour > 23 || zoneMinute > 59) return undefined;
    offsetMinutes = (zoneHour * 60 + zoneMinute) * (text[zoneAt] === '-' ? -1 : 1);
  }
  // Date.UTC takes years before 100 for those of the last century, so the day is set again; 2000 has every day there is.
  const at = new Date(Date.UTC(2000, month - 1, day, hour, minute, second, milliseconds));
  return at.setUTCFullYear(year, month - 1, day) - offsetMinutes * 60_000;
}
