/** Hall time as text. The zone comes with the calendar; the machine's own zone plays no part. */

const formats = new Map<string, Intl.DateTimeFormat>();

/** A `DateTimeFormat` costs more than a whole scene, so one is kept per zone. */
function formatOf(zone: string): Intl.DateTimeFormat {
  let format = formats.get(zone);
  if (!format) {
    format = new Intl.DateTimeFormat('en-CA', {
      timeZone: zone,
      hourCycle: 'h23',
      year: 'numeric',
      month: '2-digit',
      day: '2-digit',
      hour: '2-digit',
      minute: '2-digit',
    });
    formats.set(zone, format);
  }
  return format;
}

/** `clock` HH:MM and `date` YYYY-MM-DD at an instant (Unix ms) in an IANA zone. */
export function hallClock(ms: number, zone: string): { readonly clock: string; readonly date: string } {
  const parts = Object.fromEntries(
    formatOf(zone)
      .formatToParts(ms)
      .map(({ type, value }) => [type, value]),
  );
  return { clock: `${parts['hour']}:${parts['minute']}`, date: `${parts['year']}-${parts['month']}-${parts['day']}` };
}
