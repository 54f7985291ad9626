/** Moments as the date field of a browser writes them, in the zone of the hall whatever the zone of the browser. */
import { timeText } from '../time/hall-clock.ts';

/** `2026-11-23T10:20`. */
export const hallText = (ms: number, zone: string): string => timeText(ms, zone, 'full').slice(0, 16).replace(' ', 'T');

/** The moment at which the wall clock of the zone shows this; one that the zone leaves out is the next there is. */
export function hallMoment(text: string, zone: string): number {
  const wanted = Date.parse(`${text}:00Z`);
  const shown = (ms: number) => Date.parse(`${hallText(ms, zone)}:00Z`);
  // The offset at the moment itself; the second round settles a change of the offset in between.
  const first = wanted - (shown(wanted) - wanted);
  return first - (shown(first) - wanted);
}
