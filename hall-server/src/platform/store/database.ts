/** How the store is opened: the one place that knows pragmas and migrations. */
import { readdirSync, readFileSync } from 'node:fs';
import { HallError } from '@hall/contracts';
import { packageFolderOf } from '@hall/runtime';
import Database from 'better-sqlite3';

export type { Database } from 'better-sqlite3';

const MIGRATIONS = new URL('migrations/', packageFolderOf(import.meta.url));
const SYNCHRONOUS_FULL = 2;

interface Migration {
  readonly version: number;
  readonly name: string;
  readonly sql: string;
}

/** The migrations of this release, by number. `NNNN-name.sql`; a number is used once. */
export function migrations(folder: URL = MIGRATIONS): Migration[] {
  const found = readdirSync(folder)
    .filter((name) => /^\d{4}-[a-z0-9-]+\.sql$/.test(name))
    .toSorted()
    .map((name) => ({ version: Number(name.slice(0, 4)), name, sql: readFileSync(new URL(name, folder), 'utf8') }));
  for (const [at, { version, name }] of found.entries()) {
    if (found[at - 1]?.version === version) throw new Error(`two migrations have the number of ${name}`);
  }
  return found;
}

/**
 * Brings the store up to this release. Each migration and its `user_version` are one transaction, so a kill in between
 * leaves a store of some whole version.
 * @throws HallError STORE_NEWER if the store was written by a newer release.
 */
export function migrate(db: Database.Database, folder?: URL): void {
  const known = migrations(folder);
  const newest = known.at(-1)?.version ?? 0;
  const held = db.pragma('user_version', { simple: true }) as number;
  if (held > newest) throw new HallError('STORE_NEWER', { held, newest });
  for (const { version, sql } of known) {
    if (version <= held) continue;
    db.transaction(() => {
      db.exec(sql);
      db.pragma(`user_version = ${version}`);
    }).immediate();
  }
}

/**
 * The writing connection; the writer worker owns the only one. Checks that every commit reaches the disk
 * (`synchronous=FULL`): an acknowledged event would be a lie otherwise.
 */
export function openForWriting(path: string): Database.Database {
  const db = new Database(path);
  const journal = db.pragma('journal_mode = WAL', { simple: true });
  db.pragma('synchronous = FULL');
  db.pragma('foreign_keys = ON');
  db.pragma('busy_timeout = 5000');
  db.pragma('cache_size = -16384');
  // 16 MB of log between two checkpoints: pages that every commit writes reach the database file more rarely.
  db.pragma('wal_autocheckpoint = 4000');
  db.pragma('journal_size_limit = 67108864');
  db.pragma('temp_store = MEMORY');
  const memory = path === ':memory:';
  if (!memory && journal !== 'wal') throw new HallError('STORE_FAILED', { journal });
  if (db.pragma('synchronous', { simple: true }) !== SYNCHRONOUS_FULL)
    throw new HallError('STORE_FAILED', { synchronous: 'not FULL' });
  return db;
}

/** A migrated store in memory, for tests of reads and writes. */
export function openInMemory(): Database.Database {
  const db = openForWriting(':memory:');
  migrate(db);
  return db;
}

/** A read-only connection for the main thread; sees what is committed. Open it after the writer has started. */
export function readDb(path: string): Database.Database {
  const db = new Database(path, { readonly: true, fileMustExist: true });
  db.pragma('query_only = ON');
  db.pragma('cache_size = -8192');
  return db;
}
