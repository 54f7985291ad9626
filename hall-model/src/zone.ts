/** Wall clocks of IANA zones, daylight saving included. Answers are cached: the same quarter of an hour is looked up once. */

export const DAY_MS = 86_400_000;
const QUARTER_MS = 900_000;
const MAX_CACHED = 4096;

interface Zone {
  readonly format: Intl.DateTimeFormat;
  readonly offsets: Map<number, number>;
}
const zones = new Map<string, Zone>();

function zoneOf(name: string): Zone {
  let zone = zones.get(name);
  if (!zone) {
    const format = new Intl.DateTimeFormat('en-US', {
      timeZone: name,
      hourCycle: 'h23',
      year: 'numeric',
      month: 'numeric',
      day: 'numeric',
      hour: 'numeric',
      minute: 'numeric',
      second: 'numeric',
    });
    zone = { format, offsets: new Map() };
    zones.set(name, zone);
  }
  return zone;
}

/** Whether this machine knows the zone. */
export function isZone(name: string): boolean {
  try {
    zoneOf(name);
    return true;
  } catch {
    return false;
  }
}

function lookUpOffset(format: Intl.DateTimeFormat, ms: number): number {
  const part: Record<string, number> = {};
  for (const { type, value } of format.formatToParts(ms)) part[type] = Number(value);
  const { year = 0, month = 1, day = 1, hour = 0, minute = 0, second = 0 } = part;
  return Date.UTC(year, month - 1, day, hour, minute, second) - Math.floor(ms / 1000) * 1000;
}

/** What the wall clock of the zone is ahead of UTC at that moment, ms. Throws RangeError for an unknown zone. */
export function offsetMs(name: string, ms: number): number {
  const { format, offsets } = zoneOf(name);
  // Since 1972 every zone has changed its clock on a quarter of an hour.
  const quarter = Math.floor(ms / QUARTER_MS);
  let offset = offsets.get(quarter);
  if (offset === undefined) {
    offset = lookUpOffset(format, quarter * QUARTER_MS);
    if (offsets.size >= MAX_CACHED) offsets.clear();
    offsets.set(quarter, offset);
  }
  return offset;
}

/** The civil day of a moment, as days since 1970-01-01 in the zone. */
export const dayNumber = (name: string, ms: number): number => Math.floor((ms + offsetMs(name, ms)) / DAY_MS);

/**
 * The first moment at which the wall clock shows `localMs` (a wall time written as if it were UTC) or later. A wall time
 * that is skipped begins with the skip; one that comes twice is its first coming.
 */
export function momentOf(name: string, localMs: number): number {
  const before = offsetMs(name, localMs - 2 * DAY_MS);
  const after = offsetMs(name, localMs + 2 * DAY_MS);
  const early = localMs - before;
  if (before === after || offsetMs(name, early) === before) return early;
  const late = localMs - after;
  if (offsetMs(name, late) === after) return late;
  // Skipped: both readings miss, the clock jumps between them.
  let [low, high] = late < early ? [late, early] : [early, late];
  while (high - low > 1) {
    const middle = Math.floor((low + high) / 2);
    if (middle + offsetMs(name, middle) >= localMs) high = middle;
    else low = middle;
  }
  return high;
}

/** The moment at which a civil day begins in the zone. */
export const startOfDay = (name: string, day: number): number => momentOf(name, day * DAY_MS);

/** `YYYY-MM-DD` of a day number. */
export const dayText = (day: number): string => new Date(day * DAY_MS).toISOString().slice(0, -14);

/** Day number of `YYYY-MM-DD`; undefined where there is no such day. */
export function dayOfText(text: string): number | undefined {
  const ms = Date.parse(`${text}T00:00:00Z`);
  return Number.isNaN(ms) || dayText(ms / DAY_MS) !== text ? undefined : ms / DAY_MS;
}

/** 0 Monday … 6 Sunday; 1970-01-01 was a Thursday. */
export const weekdayOf = (day: number): number => (((day + 3) % 7) + 7) % 7;
