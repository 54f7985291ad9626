import { spawnSync } from 'node:child_process';
import { closeSync, copyFileSync, mkdirSync, mkdtempSync, openSync, rmSync, writeFileSync, writeSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test, vi } from 'vitest';
import { startServerProcess } from './child/fixture.ts';
import { SOURCE, content, event, sign, startHall, type Event } from './fixture.ts';
import { readDb } from './platform/store/database.ts';
import { addPlatform, importContent } from './tools.ts';

const BATCH = 200;

interface SmallDisk {
  readonly httpUrl: string;
  readonly secret: string;
  /** A file with what the database holds at this moment, to be opened by the test. */
  database(): string;
  /** Takes the space that is left, or leaves so little that events fill it. */
  fill(): void;
  /** Gives space back, as somebody who deletes files. */
  free(): Promise<void>;
}

/** A server process on a small disk of its own, which no other process sees. */
async function onTmpfs(): Promise<SmallDisk> {
  const folder = mkdtempSync(join(tmpdir(), 'hall-disk-'));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  const [prepared, disk] = [join(folder, 'prepared'), join(folder, 'disk')];
  mkdirSync(disk);
  const { secret } = await addPlatform(prepared, 'city', [SOURCE]);
  writeFileSync(join(folder, 'content.json'), JSON.stringify(content));
  await importContent(prepared, 'demo', join(folder, 'content.json'));
  const mount = 'mount -t tmpfs -o size=16m none "$0" && cp -a "$1" "$0/data" && shift && exec "$@"';
  const { httpUrl, process } = await startServerProcess(folder, {
    config: { data: join(disk, 'data'), ballastMb: 2 },
    within: ['unshare', '-m', 'sh', '-c', mount, disk, prepared],
  });
  const seen = `/proc/${process.pid}/root${disk}`;
  const filler = join(seen, 'filler');
  return {
    httpUrl,
    secret,
    // SQLite follows the link out of the private mount, so it gets a copy; nothing writes between two requests.
    database: () => {
      const copy = mkdtempSync(join(folder, 'copy-'));
      for (const name of ['hall.db', 'hall.db-wal']) copyFileSync(join(seen, 'data', name), join(copy, name));
      return join(copy, 'hall.db');
    },
    fill: () => {
      const file = openSync(filler, 'w');
      try {
        for (;;) writeSync(file, Buffer.alloc(64 * 1024));
      } catch (error) {
        expect(error).toMatchObject({ code: 'ENOSPC' });
      } finally {
        closeSync(file);
      }
    },
    free: async () => rmSync(filler),
  };
}

/** A server whose database may not grow beyond a few pages. */
async function onFewPages(): Promise<SmallDisk> {
  const hall = await startHall({ maxPages: 400 });
  const { httpUrl, secret, data, services } = hall;
  return {
    httpUrl,
    secret,
    database: () => join(data, 'hall.db'),
    fill: () => {},
    free: async () => {
      const classes = [{ types: ['case.status_other'], before: Number.MAX_SAFE_INTEGER }];
      await services.writer.call('facts.retain', { sealedBefore: 0, quarantineBefore: 0, classes, limit: 3 * BATCH });
    },
  };
}

const mayMount = spawnSync('unshare', ['-m', 'mount', '-t', 'tmpfs', 'none', '/mnt']).status === 0;
const disks: ReadonlyArray<[name: string, open: () => Promise<SmallDisk>]> = [
  ['the database may not grow', onFewPages],
  ...(mayMount ? [['the disk is full', onTmpfs] as [string, () => Promise<SmallDisk>]] : []),
];

test.each(disks)(
  'when %s, events are refused whole with a time to come back, nothing acknowledged is lost, and it goes on by itself',
  async (_, open) => {
    const disk = await open();
    const post = (events: readonly Event[]) => {
      const body = JSON.stringify(events);
      const headers = { 'content-type': 'application/cloudevents-batch+json', ...sign(disk.secret, body) };
      return fetch(`${disk.httpUrl}/api/v1/halls/demo/platform/events`, { method: 'POST', headers, body });
    };
    const batch = () =>
      Array.from({ length: BATCH }, () => {
        const [made, status] = [event('case.status_other', '', 1, {}), 'x'.repeat(60)];
        return { ...made, subject: `c-${made.id}`, data: { case: `c-${made.id}`, status } };
      });
    const held = (): string[] => {
      const db = readDb(disk.database());
      const ids = db.prepare<[], string>("SELECT id FROM facts WHERE type = 'case.status_other' ORDER BY seq").pluck().all();
      expect(db.pragma('integrity_check', { simple: true })).toBe('ok');
      db.close();
      return ids;
    };

    const acknowledged: string[] = [];
    const first = batch();
    expect((await post(first)).status).toBe(202);
    acknowledged.push(...first.map(({ id }) => id));
    disk.fill();
    let refused = batch();
    let reply = await post(refused);
    for (let sent = 0; reply.status === 202 && sent < 100; sent += 1) {
      acknowledged.push(...refused.map(({ id }) => id));
      refused = batch();
      reply = await post(refused);
    }
    expect(reply.status).toBe(503);
    expect(Number(reply.headers.get('retry-after'))).toBeGreaterThan(0);
    expect(await reply.json()).toMatchObject({ code: 'STORE_FULL', retryAfterS: Number(reply.headers.get('retry-after')) });
    expect(held()).toEqual(acknowledged);
    expect((await fetch(`${disk.httpUrl}/healthz`)).status).toBe(200);
    expect((await post(refused)).status).toBe(503);
    expect(held()).toEqual(acknowledged);

    await disk.free();
    await vi.waitFor(async () => expect((await post(refused)).status).toBe(202), { timeout: 10_000 });
    const ids = held();
    expect(ids.slice(-BATCH)).toEqual(refused.map(({ id }) => id));
    expect(new Set(ids).size).toBe(ids.length);
    expect(ids.slice(0, -BATCH)).toEqual(acknowledged.slice(-(ids.length - BATCH)));
  },
);
