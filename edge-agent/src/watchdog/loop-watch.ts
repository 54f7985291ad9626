/**
 * Watches the event loop from a thread of its own: measures how long it stands still, and ends the process when that is too
 * long, for a process that hangs shows old pictures and looks alive. The thread says first what it saw.
 */
import { startThread } from '@hall/runtime';
import type { Clock } from '@hall/contracts';
import { BEAT, BEAT_MS, ENDING, STALLS, WORST } from './shared.ts';

/** A loop that stands still for so long does not come back, ms. */
export const STALL_MS = 20_000;
/**
 * How a process ends whose loop stands still: a thread can end its process only by a signal, never with an exit code. No part of
 * the product uses this one otherwise; a shell reports it as 142, systemd as `killed by SIGALRM`.
 */
export const STALL_SIGNAL = 'SIGALRM';

export interface LoopWatch {
  /** The longest standstill since this was asked last, and all of a second or more since the start. */
  take(): { readonly worstMs: number; readonly stalls: number };
  stop(): void;
}

export interface LoopWatchOptions {
  /** Folder for `stall.json`, what the thread saw. */
  readonly data: string;
  readonly stallMs?: number;
}

/** The thread needs next to nothing. */
const LIMITS = { maxYoungGenerationSizeMb: 1, maxOldGenerationSizeMb: 16 };

export function watchLoop({ data, stallMs = STALL_MS }: LoopWatchOptions, { machine }: Clock): LoopWatch {
  const shared = new Int32Array(new SharedArrayBuffer(4 * 4));
  const module = new URL(import.meta.url.endsWith('.ts') ? './watch-thread.ts' : './watch-thread.js', import.meta.url);
  const worker = startThread(module, { shared, data, stallMs, signal: STALL_SIGNAL }, LIMITS);
  worker.unref();
  const over = new AbortController();
  void (async () => {
    while (!over.signal.aborted) {
      Atomics.add(shared, BEAT, 1);
      Atomics.notify(shared, BEAT);
      await machine.sleep(BEAT_MS, over.signal).catch(() => {});
    }
  })();
  return {
    take: () => ({ worstMs: Atomics.exchange(shared, WORST, 0), stalls: Atomics.load(shared, STALLS) }),
    stop() {
      over.abort();
      Atomics.store(shared, ENDING, 1);
      Atomics.add(shared, BEAT, 1);
      Atomics.notify(shared, BEAT);
    },
  };
}
