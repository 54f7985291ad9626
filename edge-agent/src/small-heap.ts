import { setFlagsFromString } from 'node:v8';

/** The young generation keeps its first size of 2 MB instead of up to 48; the old one grows in small steps. */
const flags = ['--semi-space-growth-factor=1', '--optimize-for-size'];

/**
 * Tells the garbage collector of this process to prefer little memory to speed, without flags on the command line. Only flags
 * are set that V8 reads at each collection; others must not change while a process runs. Starting a worker thread puts them back to
 * their defaults (seen in Node 20), so they are set again after each start.
 */
export function keepHeapSmall(): void {
  const set = () => {
    for (const flag of flags) setFlagsFromString(flag);
  };
  set();
  process.on('worker', (worker) => worker.once('online', set));
}
