import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { systemClock } from '@hall/contracts';
import Database from 'better-sqlite3';
import { expect, onTestFinished, test } from 'vitest';
import { startScript } from '../../child/fixture.ts';
import { migrate, openForWriting, readDb } from './database.ts';
import { createWriter } from './writer.ts';

const KILLS = 4;
const folder = () => {
  const path = mkdtempSync(join(tmpdir(), 'hall-crash-'));
  onTestFinished(() => rmSync(path, { recursive: true, force: true }));
  return path;
};

/** Writes events until it is killed after `acknowledgements`; answers the ids it had been promised. */
async function writeUntilKilled(path: string, from: number, acknowledgements: number): Promise<readonly string[]> {
  const child = startScript(new URL('./crash-writer.fixture.ts', import.meta.url), { args: [path, String(from)] });
  child.onLine(() => {
    if (child.lines.length >= acknowledgements) child.process.kill('SIGKILL');
  });
  await child.ended;
  return child.lines;
}

test(`nothing acknowledged is lost over ${KILLS} kills, and what is folded equals what is stored`, async () => {
  const path = join(folder(), 'hall.db');
  const acknowledged: string[] = [];
  for (let kill = 0; kill < KILLS; kill += 1) {
    acknowledged.push(...(await writeUntilKilled(path, kill * 100_000, 50 + kill * 70)));
  }
  expect(acknowledged.length).toBeGreaterThan(300);
  const writer = await createWriter({ path, wall: systemClock().wall });
  const db = readDb(path);
  const held = new Set(db.prepare<[], string>('SELECT id FROM facts').pluck().all());
  expect(acknowledged.filter((id) => !held.has(id))).toEqual([]);
  expect(db.pragma('integrity_check', { simple: true })).toBe('ok');
  const newest = db
    .prepare<[], { window: string; ticket: string }>(
      `SELECT data ->> '$.window' AS window, data ->> '$.ticket' AS ticket FROM facts
       WHERE type = 'ticket.called' GROUP BY window HAVING max(time)`,
    )
    .all();
  const live = new Map(
    db
      .prepare<[], { key: string; ticket: string }>("SELECT key, value ->> '$.ticket' AS ticket FROM live")
      .all()
      .map(({ key, ticket }) => [key, ticket]),
  );
  expect(newest.length).toBeGreaterThan(0);
  for (const { window, ticket } of newest) expect([window, live.get(`window/${window}`)]).toEqual([window, ticket]);
  db.close();
  await writer.close();
});

test('a migration cut off anywhere leaves the version before it, and the next start completes it', () => {
  const path = join(folder(), 'hall.db');
  const db = openForWriting(path);
  db.exec('CREATE TABLE platforms (id TEXT)');
  expect(() => migrate(db)).toThrow(/already exists/);
  expect(db.pragma('user_version', { simple: true })).toBe(0);
  expect(db.prepare("SELECT name FROM sqlite_master WHERE name = 'facts'").all()).toEqual([]);
  db.exec('DROP TABLE platforms');
  migrate(db);
  expect(db.pragma('user_version', { simple: true })).toBeGreaterThanOrEqual(3);
  db.close();
});

test('a store of a newer release is refused and left as it is', async () => {
  const path = join(folder(), 'hall.db');
  const db = new Database(path);
  db.pragma('user_version = 999');
  db.close();
  await expect(createWriter({ path, wall: systemClock().wall })).rejects.toMatchObject({
    code: 'STORE_NEWER',
    details: { held: 999 },
  });
});

test('a full store answers STORE_FULL, keeps what it has, and goes on when rows are removed', async () => {
  const path = join(folder(), 'hall.db');
  const writer = await createWriter({ path, wall: systemClock().wall, maxPages: 120 });
  const batch = (from: number) => ({
    platform: 'p',
    receivedAt: 1000,
    quarantine: [],
    events: Array.from({ length: 50 }, (_, at) => ({
      id: `e-${from + at}`,
      source: 'urn:p',
      type: 'case.status_other' as const,
      subject: `c-${from + at}`,
      time: 1000,
      sequence: 1,
      data: { case: `c-${from + at}`, status: 'x'.repeat(60) },
    })),
  });
  let accepted = 0;
  const fill = async () => {
    for (;;) {
      await writer.record(batch(accepted));
      accepted += 50;
    }
  };
  await expect(fill()).rejects.toMatchObject({ code: 'STORE_FULL' });
  const db = readDb(path);
  expect(db.prepare('SELECT count(*) AS n FROM facts').get()).toEqual({ n: accepted });
  await writer.call('facts.retain', {
    sealedBefore: 0,
    quarantineBefore: 0,
    classes: [{ types: ['case.status_other'], before: 2000 }],
    limit: 200,
  });
  await expect(writer.record(batch(accepted))).resolves.toHaveLength(50);
  db.close();
  await writer.close();
});
