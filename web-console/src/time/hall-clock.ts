import type { Overview } from '@hall/contracts';

/** The hall's clock as the server told it at one moment of this browser. */
export interface HallClock {
  readonly hallMs: number;
  readonly speed: number;
  /** `performance.now()` when it was told. */
  readonly toldAtMs: number;
}

/** Hall time at a moment of this browser. Goes on by itself between two messages of the server. */
export const hallNow = (clock: HallClock, browserMs: number): number =>
  clock.hallMs + Math.max(0, browserMs - clock.toldAtMs) * clock.speed;

type Style = 'clock' | 'minute' | 'full';
const styles: Record<Style, Intl.DateTimeFormatOptions> = {
  clock: { hour: '2-digit', minute: '2-digit', second: '2-digit', hourCycle: 'h23' },
  minute: { hour: '2-digit', minute: '2-digit', hourCycle: 'h23' },
  full: {
    year: 'numeric',
    month: '2-digit',
    day: '2-digit',
    hour: '2-digit',
    minute: '2-digit',
    second: '2-digit',
    hourCycle: 'h23',
  },
};
const formats = new Map<string, Intl.DateTimeFormat>();

/** A moment in the zone of the hall: `clock` 10:20:05, `minute` 10:20, `full` with the date. */
export function timeText(ms: number, zone: string, style: Style): string {
  const key = `${zone} ${style}`;
  let format = formats.get(key);
  if (!format) formats.set(key, (format = new Intl.DateTimeFormat('sv-SE', { ...styles[style], timeZone: zone })));
  return format.format(ms);
}

/** Day and weekday in the zone of the hall, in the language of the reader. */
export const dayText = (ms: number, zone: string, tag: string): string =>
  new Intl.DateTimeFormat(tag, { month: 'long', day: 'numeric', weekday: 'short', timeZone: zone }).format(ms);

/** The zone of the hall before the overview is there. */
export const zoneOf = (overview: Overview | undefined): string => overview?.hall.zone ?? 'Asia/Shanghai';
