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

const EVENTS = 200;
const FSYNC_MS = 30;

test(`on a disk that takes ${FSYNC_MS} ms for each fsync, ${EVENTS} events at once share few commits, and the server goes on answering`, async () => {
  const folder = mkdtempSync(join(tmpdir(), 'hall-slow-'));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  const data = join(folder, 'data');
  const library = join(folder, 'slow-fsync.so');
  const source = fileURLToPath(new URL('../../bench/tools/slow-fsync.c', import.meta.url));
  execFileSync('cc', ['-shared', '-fPIC', '-O1', '-o', library, source, '-ldl']);
  const { secret } = await addPlatform(data, 'city', [SOURCE]);
  writeFileSync(join(folder, 'content.json'), JSON.stringify(content));
  await importContent(data, 'demo', join(folder, 'content.json'));

  const { httpUrl, process } = await startServerProcess(folder, {
    env: { LD_PRELOAD: library, HALL_FSYNC_MS: String(FSYNC_MS) },
  });
  expect(readFileSync(`/proc/${process.pid}/maps`, 'utf8')).toContain(library);
  const metric = async (name: string) => {
    const text = await (await fetch(`${httpUrl}/metrics`)).text();
    return Number(new RegExp(`^${name} (\\S+)$`, 'm').exec(text)?.[1]);
  };
  const before = await metric('hall_writer_commits');

  let waiting = EVENTS;
  const replies = Promise.all(
    Array.from({ length: EVENTS }, async (_, at) => {
      const body = JSON.stringify(called(`A${at + 1}`, 'w1'));
      const headers = { 'content-type': 'application/cloudevents+json', ...sign(secret, body) };
      const reply = await fetch(`${httpUrl}/api/v1/halls/demo/platform/events`, { method: 'POST', headers, body });
      waiting -= 1;
      return reply.status;
    }),
  );
  let answeredWhileWaiting = 0;
  while (waiting > 0) {
    const { status } = await fetch(`${httpUrl}/healthz`);
    if (status === 200 && waiting > 0) answeredWhileWaiting += 1;
  }
  expect(new Set(await replies)).toEqual(new Set([202]));
  expect(answeredWhileWaiting).toBeGreaterThan(0);
  const commits = (await metric('hall_writer_commits')) - before;
  expect(commits).toBeGreaterThan(0);
  expect(commits).toBeLessThan(EVENTS / 4);
  const db = readDb(join(data, 'hall.db'));
  onTestFinished(() => void db.close());
  expect(db.prepare("SELECT count(*) AS held FROM facts WHERE type = 'ticket.called'").get()).toEqual({ held: EVENTS });
});
