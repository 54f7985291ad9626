/** Open-loop arrivals: calls are due on a fixed schedule, whatever became of those before. */
import { once } from 'node:events';
import { Worker } from 'node:worker_threads';
import { systemClock } from '@hall/contracts';
import { built } from './paths.ts';

/** Lets the thread start before the first call is due. */
const HEAD_START_MS = 200;
const { machine } = systemClock();

export interface Schedule {
  readonly perSecond: number;
  readonly seconds: number;
}

export const callsOf = ({ perSecond, seconds }: Schedule): number => Math.round(perSecond * seconds);

/** When a call is due after the first, ms. */
export const dueAfterMs = (call: number, { perSecond }: Schedule): number => (call * 1000) / perSecond;

/**
 * Calls back for every call with its number from 0 and the machine time at which it was due. Latency is counted from that time,
 * so a generator or server that falls behind hides nothing. Resolves after the last; answers how late the calls were made, ms.
 */
export async function arrive(schedule: Schedule, make: (call: number, dueMs: number) => void): Promise<number[]> {
  const latenessMs: number[] = [];
  const count = callsOf(schedule);
  const startNs = process.hrtime.bigint() + BigInt(HEAD_START_MS * 1_000_000);
  const startMs = machine.nowMs() + HEAD_START_MS;
  const intervalNs = BigInt(Math.round(1e9 / schedule.perSecond));
  const thread = new Worker(built('pacer-thread'), { workerData: { startNs, intervalNs, count } });
  let made = 0;
  thread.on('message', (due: number) => {
    const now = machine.nowMs();
    for (; made < due; made += 1) {
      const dueMs = startMs + dueAfterMs(made, schedule);
      latenessMs.push(now - dueMs);
      make(made, dueMs);
    }
  });
  await once(thread, 'exit');
  return latenessMs;
}
