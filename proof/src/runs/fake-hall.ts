/** A whole hall in fake time over real sockets: an hour passes in seconds, and only as fast as messages get through. */
import { FakeClock } from '@hall/contracts';
import { startHall, type HallOptions, type RunningHall } from '../harness/hall.ts';

/** Fake time between two looks, ms. */
export const STEP_MS = 250;
/** A platform that is alive says something at least this often, ms. */
const HEARTBEAT_MS = 20_000;
const LONGEST_MS = 10 * 60_000;
/** Enough turns of the event loop for a message to pass all sockets between the server and a strip. */
const TURNS = 40;

export interface FakeHall {
  readonly hall: RunningHall;
  readonly clock: FakeClock;
  /** Lets time pass, and messages. */
  step(ms?: number): Promise<void>;
  /**
   * Fake time until the condition holds, ms; infinite after `longestMs`. `alive`: the platform says something now and then.
   */
  timeUntil(holds: () => boolean, alive: boolean, longestMs?: number, stepMs?: number): Promise<number>;
  close(): Promise<void>;
}

export async function startFakeHall(options: Omit<HallOptions, 'clock'>): Promise<FakeHall> {
  const clock = new FakeClock();
  const step = async (ms = STEP_MS) => {
    await clock.advance(ms);
    for (let turn = 0; turn < TURNS; turn += 1) {
      await new Promise<void>((resolve) => {
        setImmediate(resolve);
      });
    }
  };
  const hall = await startHall({ ...options, clock });
  const heartbeat = () => hall.feed.send(hall.feed.event('feed.heartbeat', 'made-heartbeat', {}));
  return {
    hall,
    clock,
    step,
    async timeUntil(holds, alive, longestMs = LONGEST_MS, stepMs = STEP_MS) {
      const fromMs = clock.machine.nowMs();
      for (let heardMs = fromMs; !holds();) {
        const nowMs = clock.machine.nowMs();
        if (nowMs - fromMs > longestMs) return Number.POSITIVE_INFINITY;
        if (alive && nowMs - heardMs >= HEARTBEAT_MS) {
          heardMs = nowMs;
          await heartbeat();
        }
        await step(stepMs);
      }
      return clock.machine.nowMs() - fromMs;
    },
    async close() {
      // What says goodbye waits for an answer, up to a time that must come.
      let closed = false;
      const closing = hall.close().finally(() => {
        closed = true;
      });
      while (!closed) await step();
      await closing;
    },
  };
}
