/** Space kept for a full disk: SQLite cannot even delete rows once a disk is full, so something else must give way. */
import { closeSync, fsyncSync, openSync, rmSync, statfsSync, statSync, writeSync } from 'node:fs';
import { dirname } from 'node:path';

const BLOCK_BYTES = 1024 * 1024;

export interface Ballast {
  /** Whether the disk ran full and the space is not back yet. Looks at the disk only while it is. */
  exhausted(): boolean;
  /** Tells that a write met a full disk: gives up the file if the disk is really full. */
  give(): void;
}

const freeBytes = (path: string): number => {
  const { bavail, bsize } = statfsSync(dirname(path));
  return bavail * bsize;
};

/** Writes the file with real blocks; a sparse one would keep no space. */
function fill(path: string, bytes: number): void {
  const file = openSync(path, 'w', 0o600);
  try {
    const block = Buffer.alloc(BLOCK_BYTES, 0x5a);
    for (let at = 0; at < bytes; at += BLOCK_BYTES) writeSync(file, block, 0, Math.min(BLOCK_BYTES, bytes - at));
    fsyncSync(file);
  } finally {
    closeSync(file);
  }
}

/** Keeps `bytes` at `path`; 0 keeps nothing. A disk that has no room for it at the start is already exhausted. */
export function keepBallast(path: string, bytes: number): Ballast {
  let held = bytes === 0 || statSync(path, { throwIfNoEntry: false })?.size === bytes;
  const take = (): boolean => {
    if (freeBytes(path) < 2 * bytes) return false;
    try {
      fill(path, bytes);
      return true;
    } catch {
      rmSync(path, { force: true });
      return false;
    }
  };
  held = held || take();
  return {
    exhausted: () => {
      held = held || take();
      return !held;
    },
    give: () => {
      if (bytes === 0 || !held || freeBytes(path) >= bytes) return;
      rmSync(path, { force: true });
      held = false;
    },
  };
}
