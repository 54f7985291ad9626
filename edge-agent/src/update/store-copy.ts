/**
 * A release with a newer database changes the file for good, and the one before could not open it any more. So a copy of the file is
 * kept while such a release is on trial. Used by the parent only, while no agent runs.
 */
import { closeSync, copyFileSync, existsSync, fsyncSync, mkdirSync, openSync, renameSync, rmSync, statSync } from 'node:fs';
import path from 'node:path';
import { checkSpace } from './releases.ts';

const FILE = 'agent.sqlite';
const SUFFIXES = ['', '-wal'];

function copy(from: string, to: string): void {
  copyFileSync(from, to);
  const handle = openSync(to, 'r+');
  try {
    fsyncSync(handle);
  } finally {
    closeSync(handle);
  }
}

/** Once for each trial: a copy that is there is from before its first start. @throws HallError UPDATE_NO_SPACE. */
export function keepStore(data: string, kept: string): void {
  if (existsSync(kept)) return;
  const files = SUFFIXES.map((suffix) => `${FILE}${suffix}`).filter((name) => existsSync(path.join(data, name)));
  const bytes = files.reduce((sum, name) => sum + statSync(path.join(data, name)).size, 0);
  checkSpace(data, bytes);
  rmSync(`${kept}.new`, { recursive: true, force: true });
  mkdirSync(`${kept}.new`, { recursive: true, mode: 0o700 });
  for (const name of files) copy(path.join(data, name), path.join(`${kept}.new`, name));
  renameSync(`${kept}.new`, kept);
}

/** Can be done again after it was broken off: the copy stays until `forgetStore`. */
export function putStoreBack(data: string, kept: string): void {
  if (!existsSync(kept)) return;
  for (const suffix of ['', '-wal', '-shm']) rmSync(path.join(data, `${FILE}${suffix}`), { force: true });
  for (const suffix of SUFFIXES) {
    const from = path.join(kept, `${FILE}${suffix}`);
    if (existsSync(from)) copy(from, path.join(data, `${FILE}${suffix}`));
  }
}

export const forgetStore = (kept: string): void => rmSync(kept, { recursive: true, force: true });
