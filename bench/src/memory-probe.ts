/**
 * Loaded into a measured process with `--import` and `--expose-gc`: on SIGUSR2 it collects garbage and writes what is really held
 * to the file named in `HALL_MEMORY_FILE`. Resident memory alone moves by more than some hundred devices weigh.
 */
import { renameSync, writeFileSync } from 'node:fs';
import { isMainThread } from 'node:worker_threads';

const file = process.env['HALL_MEMORY_FILE'];
if (isMainThread && file !== undefined) {
  process.on('SIGUSR2', () => {
    for (let pass = 0; pass < 3; pass += 1) globalThis.gc?.();
    const { heapUsed, external, rss } = process.memoryUsage();
    writeFileSync(`${file}.new`, JSON.stringify({ heldBytes: heapUsed + external, rss }));
    renameSync(`${file}.new`, file);
  });
}
