/** A hall PC's disk on a fast machine: a shim that adds time to every fsync of one process. */
import { execFile } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { promisify } from 'node:util';
import { slowFsyncSource } from './paths.ts';

export interface SlowDisk {
  /** Environment of a process whose every fsync takes `ms` longer. */
  env(ms: number): Readonly<Record<string, string>>;
  remove(): Promise<void>;
}

/** Compiles the shim. @throws Error if there is no C compiler. */
export async function compileSlowDisk(): Promise<SlowDisk> {
  const folder = await mkdtemp(path.join(tmpdir(), 'hall-slow-disk-'));
  const library = path.join(folder, 'slow-fsync.so');
  await promisify(execFile)('cc', ['-shared', '-fPIC', '-O2', '-o', library, slowFsyncSource, '-ldl']);
  return {
    env: (ms) => ({ LD_PRELOAD: library, HALL_FSYNC_MS: String(ms) }),
    remove: () => rm(folder, { recursive: true, force: true }),
  };
}
