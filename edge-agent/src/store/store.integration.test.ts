import { spawn } from 'node:child_process';
import { mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import Database from 'better-sqlite3';
import { pino } from 'pino';
import { expect, onTestFinished, test } from 'vitest';
import { openStore, type Store } from './store.ts';

const log = pino({ level: 'silent' });
const limits = { softRows: 1_000_000, softBytes: 1e9, hardRows: 1_000_000, hardBytes: 1e9 };

function folder(): string {
  const made = mkdtempSync(path.join(tmpdir(), 'hall-store-'));
  onTestFinished(() => rmSync(made, { recursive: true, force: true }));
  return made;
}
async function open(directory: string): Promise<Store> {
  const store = await openStore(directory, log);
  onTestFinished(() => store.close());
  return store;
}
const record = (n: number) => ({ type: 'device.link' as const, at: 1, data: { n } });

test('what was answered is there after a restart, with the same install id', async () => {
  const directory = folder();
  const first = await open(directory);
  const { installId } = await first.call('remember');
  await first.call('outboxAppend', { records: [record(1), record(2)], limits });
  await first.close();
  const again = await (await open(directory)).call('remember');
  expect(again).toMatchObject({ installId, outbox: { tail: 1, head: 2, count: 2 } });
});

test('a call that fails costs no other that waited with it', async () => {
  const store = await open(folder());
  const outcomes = await Promise.allSettled([
    store.call('outboxAppend', { records: [record(1)], limits }),
    store.call('saveTables', undefined as never),
    store.call('outboxAppend', { records: [record(2)], limits }),
  ]);
  expect(outcomes.map(({ status }) => status)).toEqual(['fulfilled', 'rejected', 'fulfilled']);
  expect(outcomes[1]).toMatchObject({ reason: { code: 'STORE_FAILED' } });
  expect((await store.call('outboxSpan')).head).toBe(2);
});

test('a damaged file is set aside and a new one begun', async () => {
  const directory = folder();
  writeFileSync(path.join(directory, 'agent.sqlite'), 'this is no database, and long enough to be looked at as one');
  const store = await open(directory);
  expect((await store.call('outboxSpan')).head).toBe(0);
  expect(readdirSync(directory)).toContain('agent.sqlite.damaged-1');
});

test('a file of a newer version is refused', async () => {
  const directory = folder();
  const db = new Database(path.join(directory, 'agent.sqlite'));
  db.pragma('user_version = 99');
  db.close();
  await expect(openStore(directory, log)).rejects.toMatchObject({ code: 'STORE_NEWER' });
});

test('a call after closing is refused, and closing twice is harmless', async () => {
  const store = await open(folder());
  await store.close();
  await expect(store.call('outboxSpan')).rejects.toMatchObject({ code: 'STORE_FAILED' });
  await store.close();
});

/** Appends records one after the other and prints each seq after it was answered. */
const writer = (directory: string) => `
  import { pino } from 'pino';
  import { openStore } from ${JSON.stringify(fileURLToPath(new URL('store.ts', import.meta.url)))};
  const store = await openStore(${JSON.stringify(directory)}, pino({ level: 'silent' }));
  for (;;) {
    const { head } = await store.call('outboxAppend', { records: [{ type: 'device.link', at: 1, data: {} }], limits: ${JSON.stringify(limits)} });
    process.stdout.write(head + '\\n');
  }`;

test('killed at any moment, it has lost nothing that was answered, and the seqs go on', async () => {
  const directory = folder();
  let answered = 0;
  for (const lines of [3, 40, 11]) {
    const child = spawn(
      process.execPath,
      ['--import', 'tsx', '--conditions=@hall/source', '--input-type=module', '-e', writer(directory)],
      {
        cwd: fileURLToPath(new URL('../../', import.meta.url)),
        stdio: ['ignore', 'pipe', 'inherit'],
      },
    );
    const gone = new Promise((resolve) => child.once('exit', resolve));
    let text = '';
    for await (const bytes of child.stdout) {
      text += String(bytes);
      if (text.split('\n').length > lines) child.kill('SIGKILL');
    }
    await gone;
    const seqs = text.split('\n').slice(0, -1).map(Number);
    expect(seqs.length).toBeGreaterThan(0);
    expect(seqs[0]).toBeGreaterThan(answered);
    expect(seqs).toEqual(seqs.map((_, at) => (seqs[0] ?? 0) + at));
    answered = seqs.at(-1) ?? 0;
    const db = new Database(path.join(directory, 'agent.sqlite'));
    const { head, count } = db.prepare('SELECT max(seq) AS head, count(*) AS count FROM outbox').get() as Record<string, number>;
    db.close();
    expect(head).toBeGreaterThanOrEqual(answered);
    expect(count).toBe(head);
  }
});

test('ended commands stay for a day and for ten thousand newer ones, whichever is longer; open ones stay', async () => {
  const store = await open(folder());
  const DAY_MS = 24 * 60 * 60 * 1000;
  const take = (n: number, nowMs: number) =>
    store.call('commandTake', {
      command: { id: `c-${n}`, act: 'clock_set', arguments: {} },
      epoch: 'e',
      deadlineAt: 0,
      nowMs,
    });
  const end = (n: number) =>
    store.call('commandEnd', {
      id: `c-${n}`,
      end: { outcome: 'applied' },
      record: { type: 'command.ended', at: 1, data: {} },
      limits: { softRows: 1, hardRows: 10, softBytes: 1_000_000, hardBytes: 2_000_000 },
    });
  await take(0, 0);
  for (let from = 1; from <= 10_100; from += 500) {
    const some = Array.from({ length: Math.min(500, 10_101 - from) }, (_, at) => from + at);
    await Promise.all(some.flatMap((n) => [take(n, n), end(n)]));
  }
  await Promise.all(Array.from({ length: 50 }, (_, at) => take(20_000 + at, 2 * DAY_MS)));
  const isKept = async (n: number) => !(await take(n, 2 * DAY_MS)).isNew;
  expect(await isKept(0)).toBe(true);
  expect(await isKept(1)).toBe(false);
  expect(await isKept(200)).toBe(true);
}, 60_000);
