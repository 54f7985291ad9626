import { PerformanceObserver } from 'node:perf_hooks';
import { getHeapSpaceStatistics, setFlagsFromString } from 'node:v8';

export interface HeapBounds {
  /** Size from which the young generation grows no further, bytes. */
  readonly youngBytes: number;
  /** How much the old generation may grow before it is collected, as V8 flags that are read at each collection. */
  readonly oldFlags: readonly string[];
}

/**
 * Tells the garbage collector of this process how much memory may go to garbage, without flags on the command line. To be
 * called before anything else is loaded, because loading modules is what makes the heap grow most.
 *
 * V8 lets the young generation grow to 32 MB. At its first size, 2 MB, a busy hall fills it 50 times a second, and half-used
 * things overflow into the old generation, whose collections are dear. So it may grow, but not that far.
 *
 * Only flags may be given that V8 reads at each collection; others must not change while a process runs. Starting a worker
 * thread puts them back to their defaults (seen in Node 20), so they are set again after each start.
 */
export function boundHeap({ youngBytes, oldFlags }: HeapBounds): void {
  let grows = false;
  const mayGrow = (may: boolean): void => {
    grows = may;
    setFlagsFromString(`--semi-space-growth-factor=${may ? 2 : 1}`);
    for (const flag of oldFlags) setFlagsFromString(flag);
  };
  const isSmall = (): boolean =>
    getHeapSpaceStatistics().some(({ space_name: name, space_size: bytes }) => name === 'new_space' && bytes < youngBytes);

  // While modules are loaded, in few long turns, nobody could stop it in time.
  mayGrow(false);
  process.on('worker', (worker) => worker.once('online', () => mayGrow(isSmall())));
  // V8 shrinks the young generation of an idle process, so it is asked after every collection.
  new PerformanceObserver(() => {
    if (isSmall() !== grows) mayGrow(!grows);
  }).observe({ entryTypes: ['gc'] });
}
