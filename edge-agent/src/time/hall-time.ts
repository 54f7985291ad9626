/** Hall time at the agent: told by the server, carried on by the machine clock, kept over restarts. */
import type { Clock, HallTime, TimeTrust } from '@hall/contracts';
import { startingTime } from './trust.ts';

/** One reading of the server's hall clock. */
export interface HallTimeSample {
  readonly hallMs: number;
  /** Hall milliseconds per machine millisecond. */
  readonly speed: number;
}
/** A sample that can be carried over a restart, tied to the wall clock of this machine. */
export interface StoredHallTime extends HallTimeSample {
  readonly wallMs: number;
  /** The highest hall time ever seen; missing in files of older agents. */
  readonly highestMs?: number;
}

export interface LearntHallTime extends HallTime {
  readonly speed: number;
  readonly trust: TimeTrust;
  /** Hall time will never be taken for earlier than this, unless the server says so. */
  readonly highestMs: number;
  /** The server has said what time it is. Small differences are made up for slowly, so that no moment comes twice. */
  learn(sample: HallTimeSample): void;
  /** For the store. */
  snapshot(): StoredHallTime;
}

/** Differences up to this are made up for slowly, machine ms. */
const SLEWED_MS = 1000;
/** So much of the time that passes goes into making up for a difference. */
const SLEW_RATE = 0.1;

/**
 * Without a word of the server: see {@link startingTime}. From its first word on: what it said last, carried on by machine
 * time. The wall clock of this machine is read once, at the start; whoever sets it later changes nothing here.
 */
export function createHallTime(clock: Clock, stored?: StoredHallTime): LearntHallTime {
  const start = startingTime({ wallMs: clock.wall.nowMs(), hallMs: clock.hall.nowMs() }, stored);
  let trust: TimeTrust = start.trust;
  let { highestMs } = start;
  /** `owedMs`: what is still to be made up for, hall ms. */
  let base = { hallMs: start.hallMs, speed: start.speed, machineMs: clock.machine.nowMs(), owedMs: 0 };

  const exactMs = (): number => {
    const passedMs = (clock.machine.nowMs() - base.machineMs) * base.speed;
    const madeUpMs = Math.sign(base.owedMs) * Math.min(Math.abs(base.owedMs), passedMs * SLEW_RATE);
    return base.hallMs + passedMs + madeUpMs;
  };
  const nowMs = () => Math.round(exactMs());

  return {
    nowMs,
    get speed() {
      return base.speed;
    },
    get trust() {
      return trust;
    },
    get highestMs() {
      return Math.max(highestMs, nowMs());
    },
    learn({ hallMs, speed }) {
      const machineMs = clock.machine.nowMs();
      const beforeMs = exactMs();
      const small = trust === 'told' && speed === base.speed && Math.abs(hallMs - beforeMs) <= SLEWED_MS * speed;
      trust = 'told';
      if (small) {
        base = { hallMs: beforeMs, speed, machineMs, owedMs: hallMs - beforeMs };
        return;
      }
      // The server's word counts, even where it takes time back: a wrong year that it once told must not stay for ever.
      highestMs = hallMs;
      base = { hallMs, speed, machineMs, owedMs: 0 };
    },
    snapshot: () => {
      const now = nowMs();
      // What the wall clock says is worth nothing yet; the last good pair stays.
      if (trust === 'untrusted' && stored) return { ...stored, highestMs: Math.max(highestMs, now) };
      return { hallMs: now, speed: base.speed, wallMs: clock.wall.nowMs(), highestMs: Math.max(highestMs, now) };
    },
  };
}
