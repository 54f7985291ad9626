/**
 * Opens the agent's SQLite file: documents, last live fields and the outbox. Used on the store thread only, whose modules import
 * none of our packages at run time: a second copy of every schema would cost 15 MB.
 */
import { closeSync, existsSync, openSync, readSync, renameSync } from 'node:fs';
import Database from 'better-sqlite3';
import { seal, unseal, type Place } from './seal.ts';
import { readValue, writeValue } from './values.ts';
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
  {
    version: 6,
    sql: `
  UPDATE document SET body = seal(body, 'document', kind, id);
  UPDATE live SET field = seal(field, 'live', key);
  UPDATE value SET value = seal(value, 'value', name);
  UPDATE command SET body = seal(body, 'command', id, state, epoch, taken_at, deadline_at, ended);
  UPDATE override SET body = seal(body, 'override', device, slot);
  UPDATE waiting SET body = seal(body, 'waiting', service);
  UPDATE outbox SET data = seal(data, 'outbox', seq, type, at, device);
  DELETE FROM outbox_size;
  INSERT INTO outbox_size SELECT count(*), coalesce(sum(length(data) + 60), 0) FROM outbox;
`,
  },
];
/** From here on every text is sealed; the version too, for its place in the head of the file has no checksum. */
const SEALED_FROM = 6;

/**
 * Every commit is on the disk when it returns (WAL, synchronous=FULL). A file whose structure is damaged is set aside under
 * `<file>.damaged-<n>` and a new one begun: documents and live fields come again from the server, records not yet sent
 * are lost and `onDamaged` says so. A damaged text costs its own row only: see `sift`.
 *
 * Statements on what is opened here have `seal(text, ...place)` and `unseal(sealed, ...place)`, null where it is damaged.
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
    db.function('seal', { deterministic: true, varargs: true }, (text: string, ...place: Place) => seal(text, place));
    db.function('unseal', { deterministic: true, varargs: true }, (text: string, ...place: Place) => unseal(text, place) ?? null);
    db.pragma('journal_mode = WAL');
    db.pragma('synchronous = FULL');
    db.pragma('cache_size = -1024');
    if (!isWritable(file)) throw damaged('the head of the file says that it may not be written');
    if (!isWhole(db)) {
      // An index that does not agree with its table is made anew from it.
      db.exec('REINDEX');
      if (!isWhole(db)) throw damaged('integrity_check failed');
    }
    const version = versionOf(db);
    if (version > SCHEMA_VERSION) {
      const details = { found: version, known: SCHEMA_VERSION };
      throw Object.assign(new Error('the file is newer'), { code: 'STORE_NEWER', details });
    }
    for (const step of steps) {
      if (step.version <= version) continue;
      db.transaction(() => {
        db.exec(step.sql);
        db.pragma(`user_version = ${step.version}`);
        if (step.version >= SEALED_FROM) writeValue(db, 'version', String(step.version));
      })();
    }
    if (schemaOf(db) !== expectedSchema()) throw damaged('the schema is not the one that was made');
    keepSize(db);
    return db;
  } catch (error) {
    db.close();
    throw error;
  }
}

/** Whether the file is of a format that may be read and written (bytes 18 and 19 of its head); SQLite says it at the first write only. */
function isWritable(file: string): boolean {
  if (!existsSync(file)) return true;
  const head = Buffer.alloc(20);
  const open = openSync(file, 'r');
  readSync(open, head, 0, head.length, 0);
  closeSync(open);
  return head.readUInt8(18) <= 2 && head.readUInt8(19) <= 2;
}

const isWhole = (db: Db): boolean => db.pragma('integrity_check(1)', { simple: true }) === 'ok';

const damaged = (reason: string): Error => Object.assign(new Error(reason), { code: 'SQLITE_CORRUPT' });

/** The version by the sealed value, which is right where the head of the file says something else. */
function versionOf(db: Db): number {
  const told = db.pragma('user_version', { simple: true }) as number;
  const hasValues = db.prepare("SELECT 1 FROM sqlite_schema WHERE name = 'value'").get() !== undefined;
  const isNoted = hasValues && db.prepare("SELECT 1 FROM value WHERE name = 'version'").get() !== undefined;
  if (!isNoted) return told;
  const noted = readValue(db, 'version');
  if (noted === undefined && told !== SCHEMA_VERSION) throw damaged('nothing tells the version of the file');
  const version = Number(noted ?? told);
  if (version !== told && version <= SCHEMA_VERSION) db.pragma(`user_version = ${version}`);
  if (noted === undefined) writeValue(db, 'version', String(version));
  return version;
}

const schemaOf = (db: Db): string =>
  JSON.stringify(
    db.prepare("SELECT type, name, tbl_name, sql FROM sqlite_schema WHERE name NOT LIKE 'sqlite_%' ORDER BY type, name").all(),
  );

let expected: string | undefined;
/** What a new file has. */
function expectedSchema(): string {
  if (expected !== undefined) return expected;
  const db = new Database(':memory:');
  db.function('seal', { varargs: true }, (text: string) => text);
  for (const { sql } of steps) db.exec(sql);
  expected = schemaOf(db);
  db.close();
  return expected;
}

/** What the triggers count is what there is, whatever became of the count. */
function keepSize(db: Db): void {
  const counted = db.prepare('SELECT count(*) AS rows, coalesce(sum(length(data) + 60), 0) AS bytes FROM outbox').get();
  const kept = db.prepare('SELECT rows, bytes FROM outbox_size').all();
  if (JSON.stringify(kept) === JSON.stringify([counted])) return;
  const { rows, bytes } = counted as { rows: number; bytes: number };
  db.exec('DELETE FROM outbox_size');
  db.prepare('INSERT INTO outbox_size VALUES (?, ?)').run(rows, bytes);
}

/** What SQLite says of a damaged file. The statements are ours, so one that it does not understand says the same. */
const isDamage = (error: unknown): boolean => {
  const code = (error as { code?: unknown }).code;
  const signs = ['SQLITE_CORRUPT', 'SQLITE_NOTADB', 'SQLITE_ERROR', 'SQLITE_CONSTRAINT', 'SQLITE_MISMATCH', 'SQLITE_SCHEMA'];
  return typeof code === 'string' && signs.some((sign) => code.startsWith(sign));
};
