/**
 * Loaded into a measured process with `--import` and `--expose-gc`: on SIGUSR2 it collects garbage and writes what is really held
 * to the file named in `HALL_MEMORY_FILE`. Resident memory alone moves by more than some hundred devices weigh.
 */
import { renameSync, writeFileSync } from 'node:fs';
import { setImmediate } from 'node:timers/promises';
import { isMainThread } from 'node:worker_threads';

/** What is let go after one collection goes with a later one; between them the process has a turn. */
const PASSES = 6;

const file = process.env['HALL_MEMORY_FILE'];
if (isMainThread && file !== undefined) {
  const tell = async (): Promise<void> => {
    for (let pass = 0; pass < PASSES; pass += 1) {
      globalThis.gc?.();
      await setImmediate();
    }
    const { heapUsed, external, rss } = process.memoryUsage();
    writeFileSync(`${file}.new`, JSON.stringify({ heldBytes: heapUsed + external, rss }));
    renameSync(`${file}.new`, file);
  };
  process.on('SIGUSR2', () => void tell());
}
