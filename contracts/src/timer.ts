/** A timer that is put off again and again, as cheaply as a number is set. */
import type { Clock } from './clock.ts';

export interface Timer {
  /** Rings at this machine time, ms, in place of whatever time was set before; at once (not in this turn) if it has passed. */
  set(dueMs: number): void;
  /** Does not ring until it is set again. */
  clear(): void;
  /** Lets go of the timer as well. */
  stop(): void;
}

/**
 * Making and ending a timer of the clock at every change of the time would cost more than most of what is timed. So a timer
 * is kept as long as it is not too late; one that wakes early waits for the rest.
 */
export function createTimer({ machine }: Pick<Clock, 'machine'>, ring: () => void): Timer {
  let dueMs = Number.POSITIVE_INFINITY;
  let sleep: { readonly wakesMs: number; readonly over: AbortController } | undefined;

  function wind(): void {
    if (dueMs === Number.POSITIVE_INFINITY || (sleep && sleep.wakesMs <= dueMs)) return;
    sleep?.over.abort('moved');
    const mine = { wakesMs: dueMs, over: new AbortController() };
    sleep = mine;
    machine.sleep(Math.max(1, dueMs - machine.nowMs()), mine.over.signal).then(
      () => {
        if (sleep !== mine) return;
        sleep = undefined;
        if (machine.nowMs() < dueMs) return wind();
        dueMs = Number.POSITIVE_INFINITY;
        ring();
      },
      () => {},
    );
  }

  return {
    set(next) {
      dueMs = next;
      wind();
    },
    clear() {
      dueMs = Number.POSITIVE_INFINITY;
    },
    stop() {
      dueMs = Number.POSITIVE_INFINITY;
      sleep?.over.abort('stopped');
      sleep = undefined;
    },
  };
}
