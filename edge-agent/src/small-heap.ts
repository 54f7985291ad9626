/**
 * Tells the garbage collector of this process to prefer little memory to speed, without flags on the command line. To be
 * imported before anything else, because loading modules is what makes the heap grow most.
 *
 * Only flags are set that V8 reads at each collection; others must not change while a process runs. Starting a worker thread puts
 * them back to their defaults (seen in Node 20), so they are set again after each start.
 */
import { setFlagsFromString } from 'node:v8';

function keepSmall(): void {
  // The young generation keeps its first size of 2 MB instead of up to 48; the old one grows in small steps.
  for (const flag of ['--semi-space-growth-factor=1', '--optimize-for-size']) setFlagsFromString(flag);
}

keepSmall();
process.on('worker', (worker) => worker.once('online', keepSmall));
