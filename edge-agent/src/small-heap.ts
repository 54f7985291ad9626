/**
 * Tells the garbage collector of this process how much memory may go to garbage, without flags on the command line. To be
 * imported before anything else, because loading modules is what makes the heap grow most.
 *
 * What decides is the young generation. At its first size, 2 MB, a busy hall fills it 50 times a second, and half-used things
 * overflow into the old generation, whose collections are dear. V8 would let it grow to 32 MB, of which a second's work needs a
 * quarter. So it may grow to a quarter.
 *
 * Only flags are set that V8 reads at each collection; others must not change while a process runs. Starting a worker thread puts
 * them back to their defaults (seen in Node 20), so they are set again after each start.
 */
import { PerformanceObserver } from 'node:perf_hooks';
import { getHeapSpaceStatistics, setFlagsFromString } from 'node:v8';

/** Size from which the young generation grows no further, bytes. */
const YOUNG_BYTES = 8 * 1024 * 1024;

let grows = false;

function mayGrow(may: boolean): void {
  grows = may;
  setFlagsFromString(`--semi-space-growth-factor=${may ? 2 : 1}`);
  // The old generation grows in small steps; with little overflow from the young one it is seldom full.
  setFlagsFromString('--optimize-for-size');
}

const isSmall = (): boolean =>
  getHeapSpaceStatistics().some(({ space_name: name, space_size: bytes }) => name === 'new_space' && bytes < YOUNG_BYTES);

// While modules are loaded, in few long turns, nobody could stop it in time.
mayGrow(false);
process.on('worker', (worker) => worker.once('online', () => mayGrow(isSmall())));
// V8 shrinks the young generation of an idle process, so it is asked after every collection.
new PerformanceObserver(() => {
  if (isSmall() !== grows) mayGrow(!grows);
}).observe({ entryTypes: ['gc'] });
