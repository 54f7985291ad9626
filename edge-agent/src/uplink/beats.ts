/**
 * Signs of life by number. What the server says names the newest one it had heard, so it was said after that: however long it was
 * on its way, its age is known without comparing clocks, and no delay makes an old lease look new.
 */
import type { MachineTime } from '@hall/contracts';

/** So many are remembered; a server that answers an older one vouches for nothing any more. */
const MOST = 512;

export interface Beats {
  /** The number of a sign of life that is said now. */
  next(): number;
  /** Machine time that something cannot be older than; now where no sign of life is named, and no time at all where it is forgotten. */
  saidMs(heard: number | undefined): number;
}

export function createBeats({ nowMs }: Pick<MachineTime, 'nowMs'>): Beats {
  const times: number[] = [];
  let first = 1;
  return {
    next() {
      times.push(nowMs());
      if (times.length > MOST) {
        times.shift();
        first += 1;
      }
      return first + times.length - 1;
    },
    saidMs: (heard) => (heard === undefined ? nowMs() : (times[heard - first] ?? Number.NEGATIVE_INFINITY)),
  };
}
