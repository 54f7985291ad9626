/**
 * The two ports of time. Everything else in the product takes one of them as an argument;
 * `setTimeout`, `setInterval` and `Date.now` appear in no other file (lint and the architecture test).
 */

/** Machine time: monotonic, never steps, unrelated to any calendar. For ages, leases, time-outs and signature windows. */
export interface MachineTime {
  /** Milliseconds since an arbitrary start; fractional, never decreases. */
  nowMs(): number;
  /** Resolves after `ms`; rejects with the signal's reason if it aborts first. */
  sleep(ms: number, signal?: AbortSignal): Promise<void>;
}

/** Hall time: what the hall's wall clock says. For schedules and facts. May run faster, or from another day, in simulation. */
export interface HallTime {
  /** Unix time in ms. */
  nowMs(): number;
}

export interface Clock {
  readonly machine: MachineTime;
  readonly hall: HallTime;
  /** Real-world Unix time in ms; only for signature time stamps, sessions and log lines that meet the outside world. */
  readonly wall: HallTime;
}

/** How hall time relates to the real wall clock. `speed` 1 and `offsetMs` 0 is a real hall. */
export interface HallTimeSetting {
  /** Added to the wall clock at the start, ms. */
  readonly offsetMs: number;
  /** Hall milliseconds per machine millisecond, 0.1 to 600. */
  readonly speed: number;
}

const machine: MachineTime = {
  nowMs: () => performance.now(),
  sleep: (ms, signal) =>
    new Promise((resolve, reject) => {
      if (signal?.aborted) return reject(signal.reason as Error);
      const onAbort = () => {
        clearTimeout(timer);
        reject(signal?.reason as Error);
      };
      // oxlint-disable-next-line no-restricted-globals -- the one place that owns timers
      const timer = setTimeout(() => {
        signal?.removeEventListener('abort', onAbort);
        resolve();
      }, ms);
      signal?.addEventListener('abort', onAbort, { once: true });
    }),
};

/** The clock of a running process. */
export function systemClock(setting: HallTimeSetting = { offsetMs: 0, speed: 1 }): Clock {
  const wall: HallTime = { nowMs: () => Date.now() };
  if (setting.speed === 1) {
    return { machine, wall, hall: { nowMs: () => Date.now() + setting.offsetMs } };
  }
  const startHall = Date.now() + setting.offsetMs;
  const startMachine = machine.nowMs();
  return {
    machine,
    wall,
    hall: { nowMs: () => startHall + (machine.nowMs() - startMachine) * setting.speed },
  };
}

interface Sleeper {
  readonly due: number;
  readonly wake: () => void;
}

/** A clock that only moves when a test says so; all three times move together. */
export class FakeClock implements Clock {
  #machineMs = 0;
  #hallMs: number;
  #sleepers: Sleeper[] = [];
  readonly machine: MachineTime;
  readonly hall: HallTime;
  readonly wall: HallTime;

  /** Default start: Monday 2026-11-23 10:20 in Asia/Shanghai, a busy moment of a working day. */
  constructor(startHallMs = Date.UTC(2026, 10, 23, 2, 20)) {
    this.#hallMs = startHallMs;
    this.hall = { nowMs: () => this.#hallMs };
    // Whole milliseconds, as the wall clock of a system has them; timers may be due between two.
    this.wall = { nowMs: () => Math.floor(this.#hallMs) };
    this.machine = {
      nowMs: () => this.#machineMs,
      sleep: (ms, signal) =>
        new Promise((resolve, reject) => {
          if (signal?.aborted) return reject(signal.reason as Error);
          const sleeper: Sleeper = {
            due: this.#machineMs + ms,
            wake: () => {
              signal?.removeEventListener('abort', onAbort);
              resolve();
            },
          };
          const onAbort = () => {
            this.#sleepers = this.#sleepers.filter((other) => other !== sleeper);
            reject(signal?.reason as Error);
          };
          signal?.addEventListener('abort', onAbort, { once: true });
          this.#sleepers.push(sleeper);
        }),
    };
  }

  /** How many sleeps are waiting; lets a test see that somebody waits. */
  get sleeping(): number {
    return this.#sleepers.length;
  }

  /** Moves time forward, waking sleepers in order of their due time and letting their continuations run between. */
  async advance(ms: number): Promise<void> {
    const end = this.#machineMs + ms;
    await settle();
    for (;;) {
      const next = this.#sleepers.filter((s) => s.due <= end).toSorted((a, b) => a.due - b.due)[0];
      if (!next) break;
      this.#move(Math.max(next.due, this.#machineMs));
      this.#sleepers = this.#sleepers.filter((other) => other !== next);
      next.wake();
      await settle();
    }
    this.#move(end);
    await settle();
  }

  /** The process stands still (stopped, swapped out, its machine asleep): time goes on, and nobody is woken before `advance`. */
  standStill(ms: number): void {
    this.#move(this.#machineMs + ms);
  }

  /** Somebody sets the clock: wall and hall time are another, machine time goes on. */
  setAhead(ms: number): void {
    this.#hallMs += ms;
  }

  #move(to: number): void {
    this.#hallMs += to - this.#machineMs;
    this.#machineMs = to;
  }
}

/** Lets pending promise continuations and stream callbacks run. */
async function settle(): Promise<void> {
  for (let turn = 0; turn < 5; turn += 1) {
    await new Promise<void>((resolve) => {
      setImmediate(resolve);
    });
  }
}
