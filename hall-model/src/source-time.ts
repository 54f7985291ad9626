const FORM = /^(\d{4})-(\d{2})-(\d{2})[Tt](\d{2}):(\d{2}):(\d{2})(?:\.(\d{1,9}))?(?:[Zz]|([+-])(\d{2}):(\d{2}))$/;

/**
 * Unix ms of an RFC 3339 time with zone, to the millisecond (further digits are cut off).
 * Undefined where the text is no time: other form, 30 February, hour 24, leap second.
 */
export function parseTime(text: string): number | undefined {
  const match = FORM.exec(text);
  if (!match) return undefined;
  const part = (at: number) => Number(match[at] ?? '0');
  const [year, month, day, hour, minute, second] = [part(1), part(2), part(3), part(4), part(5), part(6)];
  const zoneHour = part(9);
  const zoneMinute = part(10);
  if (month < 1 || month > 12 || day < 1 || hour > 23 || minute > 59 || second > 59) return undefined;
  if (zoneHour > 23 || zoneMinute > 59) return undefined;
  const local = new Date(0);
  local.setUTCFullYear(year, month - 1, day);
  if (local.getUTCDate() !== day) return undefined;
  const milliseconds = Number((match[7] ?? '').slice(0, 3).padEnd(3, '0'));
  local.setUTCHours(hour, minute, second, milliseconds);
  const offsetMs = (zoneHour * 60 + zoneMinute) * 60_000 * (match[8] === '-' ? -1 : 1);
  return local.getTime() - offsetMs;
}
