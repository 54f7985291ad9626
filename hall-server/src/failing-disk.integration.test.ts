import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, onTestFinished, test } from 'vitest';
import { startServerProcess } from './child/fixture.ts';
import { SOURCE, called, content, sign } from './fixture.ts';
import { readDb } from './platform/store/database.ts';
import { addPlatform, importContent } from './tools.ts';

/** A server process, how to post to it, and what its store holds. */
async function prepared(within: readonly string[] = []) {
  const folder = mkdtempSync(join(tmpdir(), 'hall-failing-'));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  const data = join(folder, 'data');
  const { secret } = await addPlatform(data, 'city', [SOURCE]);
  writeFileSync(join(folder, 'content.json'), JSON.stringify(content));
  await importContent(data, 'demo', join(folder, 'content.json'));
  const library = join(folder, 'failing-fsync.so');
  const source = fileURLToPath(new URL('./child/failing-fsync.c', import.meta.url));
  execFileSync('cc', ['-shared', '-fPIC', '-O1', '-o', library, source, '-ldl']);
  const fault = join(folder, 'fsync-fails');
  const start = () => startServerProcess(folder, { within, env: { LD_PRELOAD: library, HALL_FSYNC_FAILS: fault } });
  const post = async (httpUrl: string, ticket: string) => {
    const made = called(ticket, 'w1');
    const body = JSON.stringify(made);
    const headers = { 'content-type': 'application/cloudevents+json', ...sign(secret, body) };
    const reply = await fetch(`${httpUrl}/api/v1/halls/demo/platform/events`, { method: 'POST', headers, body });
    return { id: made.id, status: reply.status, body: (await reply.json()) as { code?: string } };
  };
  const held = (): string[] => {
    const db = readDb(join(data, 'hall.db'));
    try {
      expect(db.pragma('integrity_check', { simple: true })).toBe('ok');
      return db.prepare<[], string>("SELECT id FROM facts WHERE type = 'ticket.called' ORDER BY seq").pluck().all();
    } finally {
      db.close();
    }
  };
  return {
    database: join(data, 'hall.db'),
    start,
    post,
    held,
    break: () => writeFileSync(fault, ''),
    mend: () => rmSync(fault),
  };
}

test('a disk whose fsync fails: nothing more is acknowledged, the server ends with a name for it, and what it had acknowledged is there afterwards', async () => {
  const disk = await prepared();
  const first = await disk.start();
  const good = await disk.post(first.httpUrl, 'A001');
  expect(good.status).toBe(202);

  disk.break();
  const refused = await disk.post(first.httpUrl, 'A002');
  expect(refused).toMatchObject({ status: 503, body: { code: 'STORE_FAILED' } });
  await first.ended;
  expect(first.process.exitCode).toBe(1);

  disk.mend();
  const second = await disk.start();
  expect(disk.held()).toContain(good.id);
  const later = await disk.post(second.httpUrl, 'A003');
  expect(later.status).toBe(202);
  expect(disk.held().filter((id) => id === later.id)).toHaveLength(1);
});

test('a damaged store is never begun anew in silence: the start is refused with its name, and the file stays as it is', async () => {
  const disk = await prepared();
  const damaged = readFileSync(disk.database).fill(0x5a, 0, 64);
  writeFileSync(disk.database, damaged);
  await expect(disk.start()).rejects.toThrow(/ended without a line/);
  expect(readFileSync(disk.database).equals(damaged)).toBe(true);
});
