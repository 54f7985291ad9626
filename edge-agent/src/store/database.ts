/**
 * Opens the agent's SQLite file: documents, last live fields and the outbox. Used on the store thread only, whose modules import
 * none of our packages at run time: a second copy of every schema would cost 15 MB.
 */
import { existsSync, renameSync } from 'node:fs';
import Database from 'better-sqlite3';
import { SCHEMA_VERSION } from './schema-version.ts';

export type Db = Database.Database;

/** What each version of the file adds, in the order of its numbers; an older file is brought up step by step. */
export const steps: readonly { readonly version: number; readonly sql: string }[] = [
  {
    version: 1,
    sql: `
  CREATE TABLE outbox (seq INTEGER PRIMARY KEY, type TEXT NOT NULL, at INTEGER NOT NULL, device TEXT, data TEXT NOT NULL) STRICT;
  CREATE INDEX outbox_type ON outbox (type, seq);
  CREATE TABLE document (kind TEXT NOT NULL, id TEXT NOT NULL, body TEXT NOT NULL, PRIMARY KEY (kind, id)) STRICT, WITHOUT ROWID;
  CREATE TABLE live (key TEXT PRIMARY KEY, field TEXT NOT NULL) STRICT, WITHOUT ROWID;
  CREATE TABLE value (name TEXT PRIMARY KEY, value TEXT NOT NULL) STRICT, WITHOUT ROWID;
`,
  },
  {
    version: 2,
    sql: `
  CREATE TABLE command (place INTEGER PRIMARY KEY AUTOINCREMENT, id TEXT NOT NULL UNIQUE, state TEXT NOT NULL, body TEXT NOT NULL,
    epoch TEXT NOT NULL, taken_at INTEGER NOT NULL, deadline_at INTEGER NOT NULL, ended TEXT) STRICT;
  CREATE INDEX command_open ON command (place) WHERE state <> 'ended';
  CREATE TABLE override (device TEXT NOT NULL, slot TEXT NOT NULL, body TEXT NOT NULL, PRIMARY KEY (device, slot)) STRICT, WITHOUT ROWID;
`,
  },
  {
    version: 3,
    sql: `
  CREATE TABLE waiting (service TEXT PRIMARY KEY, body TEXT NOT NULL) STRICT, WITHOUT ROWID;
  CREATE TABLE speech (place INTEGER PRIMARY KEY, id TEXT NOT NULL UNIQUE, at INTEGER NOT NULL) STRICT;
`,
  },
  {
    version: 4,
    sql: `
  CREATE TABLE outbox_size (rows INTEGER NOT NULL, bytes INTEGER NOT NULL) STRICT;
  INSERT INTO outbox_size SELECT count(*), coalesce(sum(length(data) + 60), 0) FROM outbox;
  CREATE TRIGGER outbox_grows AFTER INSERT ON outbox BEGIN
    UPDATE outbox_size SET rows = rows + 1, bytes = bytes + length(NEW.data) + 60;
  END;
  CREATE TRIGGER outbox_shrinks AFTER DELETE ON outbox BEGIN
    UPDATE outbox_size SET rows = rows - 1, bytes = bytes - length(OLD.data) - 60;
  END;
`,
  },
];

/**
 * Every commit is on the disk when it returns (WAL, synchronous=FULL). A file that SQLite finds damaged is set aside under
 * `<file>.damaged-<n>` and a new one begun: documents and live fields come again from the server, records not yet sent
 * are lost and `onDamaged` says so.
 * @throws an error with `code` STORE_NEWER and `details` when a newer version of the agent wrote the file.
 */
export function openDatabase(file: string, onDamaged: (setAside: string) => void): Db {
  try {
    return prepare(file);
  } catch (error) {
    if (!isDamage(error)) throw error;
    let count = 1;
    while (existsSync(`${file}.damaged-${count}`)) count += 1;
    const aside = `${file}.damaged-${count}`;
    for (const suffix of ['', '-wal', '-shm']) {
      if (existsSync(`${file}${suffix}`)) renameSync(`${file}${suffix}`, `${aside}${suffix}`);
    }
    onDamaged(aside);
    return prepare(file);
  }
}

function prepare(file: string): Db {
  const db = new Database(file);
  try {
    db.pragma('journal_mode = WAL');
    db.pragma('synchronous = FULL');
    db.pragma('cache_size = -1024');
    if (db.pragma('quick_check(1)', { simple: true }) !== 'ok') {
      throw Object.assign(new Error('quick_check failed'), { code: 'SQLITE_CORRUPT' });
    }
    const version = db.pragma('user_version', { simple: true }) as number;
    if (version > SCHEMA_VERSION) {
      const details = { found: version, known: SCHEMA_VERSION };
      throw Object.assign(new Error('the file is newer'), { code: 'STORE_NEWER', details });
    }
    for (const step of steps) {
      if (step.version <= version) continue;
      db.transaction(() => {
        db.exec(step.sql);
        db.pragma(`user_version = ${step.version}`);
      })();
    }
    return db;
  } catch (error) {
    db.close();
    throw error;
  }
}

const isDamage = (error: unknown): boolean => {
  const code = (error as { code?: unknown }).code;
  return typeof code === 'string' && (code.startsWith('SQLITE_CORRUPT') || code === 'SQLITE_NOTADB');
};
