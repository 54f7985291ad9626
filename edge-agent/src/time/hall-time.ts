/** Hall time at the agent: learnt from the server's samples, carried on by the machine clock. */
import type { Clock, HallTime } from '@hall/contracts';

/** One reading of the server's hall clock. */
export interface HallTimeSample {
  readonly hallMs: number;
  /** Hall milliseconds per machine millisecond. */
  readonly speed: number;
}
/** A sample that can be carried over a restart, tied to the wall clock of this machine. */
export interface StoredHallTime extends HallTimeSample {
  readonly wallMs: number;
}

export interface LearntHallTime extends HallTime {
  readonly speed: number;
  learn(sample: HallTimeSample): void;
  /** For the store. */
  snapshot(): StoredHallTime;
}

/**
 * Without any sample the machine's own hall clock counts; with a stored one, that sample carried on by the wall clock
 * (the only clock that survives a restart); after the first `learn`, the sample carried on by machine time.
 */
export function createHallTime(clock: Clock, stored?: StoredHallTime): LearntHallTime {
  let base = stored
    ? {
        hallMs: stored.hallMs + (clock.wall.nowMs() - stored.wallMs) * stored.speed,
        speed: stored.speed,
        machineMs: clock.machine.nowMs(),
      }
    : undefined;
  const nowMs = () =>
    base ? Math.round(base.hallMs + (clock.machine.nowMs() - base.machineMs) * base.speed) : clock.hall.nowMs();
  return {
    nowMs,
    get speed() {
      return base?.speed ?? 1;
    },
    learn({ hallMs, speed }) {
      base = { hallMs, speed, machineMs: clock.machine.nowMs() };
    },
    snapshot: () => ({ hallMs: nowMs(), speed: base?.speed ?? 1, wallMs: clock.wall.nowMs() }),
  };
}
