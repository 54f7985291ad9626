import { copyFileSync, mkdirSync, mkdtempSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { expect, onTestFinished, test } from 'vitest';
import { startScript } from '../../child/fixture.ts';
import { migrate, openForWriting, type Database } from './database.ts';

const OURS = fileURLToPath(new URL('../../../migrations/', import.meta.url));
const MADE_UP = 20;
const KILLS = 8;
/** A made-up migration writes a little less to the log. */
const MB = 1024 * 1024;

const temporary = () => {
  const path = mkdtempSync(join(tmpdir(), 'hall-migrate-'));
  onTestFinished(() => rmSync(path, { recursive: true, force: true }));
  return path;
};

/** The migrations of this release, then made-up ones that each change several tables and rows for some milliseconds. */
function longHistory(): string {
  const folder = join(temporary(), 'migrations');
  mkdirSync(folder);
  const names = readdirSync(OURS).filter((name) => name.endsWith('.sql'));
  for (const name of names) copyFileSync(join(OURS, name), join(folder, name));
  const newest = Math.max(...names.map((name) => Number(name.slice(0, 4))));
  for (let at = 1; at <= MADE_UP; at += 1) {
    const name = `${String(newest + at).padStart(4, '0')}-made-up.sql`;
    const sql = [
      `CREATE TABLE first_${at} (id INTEGER PRIMARY KEY, text TEXT NOT NULL) STRICT;`,
      `WITH RECURSIVE n (id) AS (SELECT 1 UNION ALL SELECT id + 1 FROM n WHERE id < 1000)
         INSERT INTO first_${at} SELECT id, hex(randomblob(100)) FROM n;`,
      `CREATE INDEX first_${at}_text ON first_${at} (text);`,
      at === 1 ? '' : `DROP INDEX first_${at - 1}_text; ALTER TABLE first_${at - 1} ADD COLUMN more TEXT;`,
      `CREATE TABLE second_${at} AS SELECT * FROM first_${at};`,
      `INSERT INTO meta (key, value) VALUES ('made_up_${at}', '1');`,
    ];
    writeFileSync(join(folder, name), sql.join('\n'));
  }
  return folder;
}

/** Everything a migration can change, comparable: schema, marks, and the number of rows of each table. */
function shapeOf(db: Database) {
  const schema = db
    .prepare<[], { name: string; type: string; sql: string | null }>('SELECT name, type, sql FROM sqlite_master ORDER BY name')
    .all();
  const rows = schema
    .filter(({ type }) => type === 'table')
    .map(({ name }) => [name, db.prepare<[], number>(`SELECT count(*) FROM "${name}"`).pluck().get()]);
  return { version: db.pragma('user_version', { simple: true }) as number, schema, rows };
}

/** The shape a store has that stopped after `version`, unharmed. */
function cleanShape(folder: string, version: number) {
  const some = join(temporary(), 'some');
  mkdirSync(some);
  for (const name of readdirSync(folder))
    if (Number(name.slice(0, 4)) <= version) copyFileSync(join(folder, name), join(some, name));
  const db = openForWriting(join(some, 'clean.db'));
  migrate(db, pathToFileURL(`${some}/`));
  const shape = shapeOf(db);
  db.close();
  return shape;
}

/** Migrates in a process that is killed as soon as it has written so much to the log: most likely within a commit. */
async function killWhile(path: string, folder: string, logBytes: number): Promise<void> {
  const child = startScript(new URL('./migrate-child.fixture.ts', import.meta.url), { args: [path, folder] });
  const written = () => statSync(`${path}-wal`, { throwIfNoEntry: false })?.size ?? 0;
  await child.line(/begin/);
  while (child.process.exitCode === null && written() < logBytes) {
    await new Promise((resolve) => {
      setImmediate(resolve);
    });
  }
  child.process.kill('SIGKILL');
  await child.ended;
}

test(`after each of ${KILLS} kills in the middle of migrating, the store is of one whole version, and the next start goes on from there`, async () => {
  const folder = longHistory();
  const newest = Math.max(...readdirSync(folder).map((name) => Number(name.slice(0, 4))));
  const path = join(temporary(), 'hall.db');
  const versions: number[] = [];
  for (let kill = 0; kill < KILLS; kill += 1) {
    await killWhile(path, folder, kill === 0 ? 0 : MB * (1 + 2 * Math.random()));
    const db = openForWriting(path);
    const shape = shapeOf(db);
    expect(db.pragma('integrity_check', { simple: true })).toBe('ok');
    db.close();
    expect(shape).toEqual(cleanShape(folder, shape.version));
    versions.push(shape.version);
  }
  expect(versions).toEqual(versions.toSorted((a, b) => a - b));
  expect(new Set(versions).size).toBeGreaterThan(2);
  const db = openForWriting(path);
  migrate(db, pathToFileURL(`${folder}/`));
  expect(shapeOf(db)).toEqual(cleanShape(folder, newest));
  db.close();
});
