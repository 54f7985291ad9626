/** What both power cuts have in common: a process whose acts on its database are recorded, and the disk as it may be after a cut. */
import { execFile } from 'node:child_process';
import { existsSync, readFileSync, statSync } from 'node:fs';
import { rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { createDisk, readRecord, type FileName } from './disk.ts';

const run = promisify(execFile);
const beside = (name: string) => fileURLToPath(new URL(`./${name}`, import.meta.url));
const SUFFIXES: readonly FileName[] = ['', '-wal', '-journal'];

export interface Recorder {
  /** For the process that is recorded. */
  readonly env: Readonly<Record<string, string>>;
  /** Length of the record now; whatever the process did by now is in it. */
  bytes(): number;
  /** Reads the record; before it: how the files were when the process began. */
  acts(): { readonly acts: number; readonly syncs: number };
  /**
   * Cuts the power at random moments. `look` is given the database as it may be then, and how long the record was; it answers how
   * many promises made by then are broken, or undefined where the database is no sound one.
   */
  cut(
    cuts: number,
    random: () => number,
    look: (database: string, recordedBytes: number) => number | undefined,
  ): Promise<CutResult>;
}

export interface CutResult {
  readonly cuts: number;
  /** Cuts after which a promise was broken. */
  readonly losing: number;
  /** Most promises broken after one cut. */
  readonly mostLost: number;
  /** Cuts after which SQLite could not open the file or found it damaged. */
  readonly damaged: number;
  readonly firstLosing: number | undefined;
}

/**
 * Makes a recorder of a database in a folder of its own; call it before the process begins. `careless` makes the negative
 * control: the store commits with `synchronous=NORMAL`. Needs gcc.
 */
export async function createRecorder(folder: string, database: string, careless: boolean): Promise<Recorder> {
  const at = (name: string) => path.join(folder, name);
  await run('gcc', ['-O2', '-shared', '-fPIC', '-o', at('record.so'), beside('record.c'), '-ldl']);
  const base = new Map<FileName, Uint8Array>();
  for (const suffix of SUFFIXES) if (existsSync(database + suffix)) base.set(suffix, readFileSync(database + suffix));
  const nodeOptions = `${process.env['NODE_OPTIONS'] ?? ''} --require ${beside('careless.cjs')}`;
  return {
    env: {
      LD_PRELOAD: at('record.so'),
      HALL_RECORD_DATABASE: database,
      HALL_RECORD_LOG: at('record'),
      ...(careless ? { NODE_OPTIONS: nodeOptions } : {}),
    },
    bytes: () => statSync(at('record')).size,
    acts: () => {
      const entries = readRecord(at('record'));
      return { acts: entries.length, syncs: entries.filter(({ act }) => act === 'sync').length };
    },
    async cut(cuts, random, look) {
      const entries = readRecord(at('record'));
      const moments = Array.from({ length: cuts }, () => Math.floor(random() * (entries.length + 1))).toSorted((a, b) => a - b);
      const disk = createDisk(base);
      const copy = at('after-the-cut.db');
      let taken = 0;
      let [losing, mostLost, damaged] = [0, 0, 0];
      let firstLosing: number | undefined;
      for (const moment of moments) {
        for (; taken < moment; taken += 1) {
          const entry = entries[taken];
          if (entry) disk.take(entry);
        }
        for (const suffix of [...SUFFIXES, '-shm']) await rm(copy + suffix, { force: true });
        for (const [suffix, bytes] of disk.cut(random)) await writeFile(copy + suffix, bytes);
        let lost: number | undefined;
        try {
          lost = look(copy, entries[moment - 1]?.recordedBytes ?? 0);
        } catch {
          lost = undefined;
        }
        if (lost === undefined) damaged += 1;
        else if (lost > 0) {
          losing += 1;
          mostLost = Math.max(mostLost, lost);
          firstLosing ??= moment;
        }
      }
      return { cuts, losing, mostLost, damaged, firstLosing };
    },
  };
}
