/** The clock on a card: calendar digits without a zone, running at the speed of hall time. */
import type { HallTime } from '@hall/contracts';
import type { onbonK } from '@hall/wire';
import type { TimeOfDay } from './draw.ts';

export interface CardClock {
  /** Unix ms of the digits, as if they were UTC. */
  nowMs(): number;
  set(time: onbonK.CardTime): void;
  timeOfDay(): TimeOfDay;
  /** The clock as the vendor's demo programs read it from a status answer. assumed. */
  statusBytes(): Uint8Array;
}

/** As after years without a battery. */
const UNSET_MS = Date.UTC(2000, 0, 1);
const bcd = (value: number): number => (Math.floor(value / 10) << 4) | (value % 10);

/** A clock that was never set. */
export function cardClock(hall: HallTime): CardClock {
  let offsetMs = UNSET_MS - hall.nowMs();
  const nowMs = (): number => hall.nowMs() + offsetMs;
  return {
    nowMs,
    set({ year, month, day, hour, minute, second }) {
      offsetMs = Date.UTC(year, month - 1, day, hour, minute, second) - hall.nowMs();
    },
    timeOfDay() {
      const now = new Date(nowMs());
      return { hour: now.getUTCHours(), minute: now.getUTCMinutes(), second: now.getUTCSeconds() };
    },
    statusBytes() {
      const now = new Date(nowMs());
      const year = now.getUTCFullYear();
      // Order of the demos: century, year, month, day, second, hour, minute, weekday.
      const digits = [
        Math.floor(year / 100),
        year % 100,
        now.getUTCMonth() + 1,
        now.getUTCDate(),
        now.getUTCSeconds(),
        now.getUTCHours(),
        now.getUTCMinutes(),
        now.getUTCDay() || 7,
      ];
      return Uint8Array.from(digits, bcd);
    },
  };
}
