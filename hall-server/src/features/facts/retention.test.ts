import { FakeClock } from '@hall/contracts';
import { pino } from 'pino';
import { expect, test, vi } from 'vitest';
import { openInMemory, type Database } from '../../platform/store/database.ts';
import type { Writer } from '../../platform/store/writer.ts';
import { createFactStore } from './fact-store.ts';
import { keepRetaining, retain } from './retention.ts';
import { factWrites, type RetentionArgs } from './writes.ts';

const DAY = 86_400_000;
const HOUR = 3_600_000;
const days = { queueDays: 400, caseDays: 1825, edgeDays: 90, personalDays: 30 };

function setup() {
  const clock = new FakeClock();
  const db = openInMemory();
  const facts = createFactStore(db);
  let made = 0;
  const add = (type: string, ageDays: number) => {
    made += 1;
    const receivedAt = clock.wall.nowMs() - ageDays * DAY;
    facts.add({ source: 's', id: `e${made}`, type, subject: '', time: receivedAt, receivedAt, sequence: 0, data: '{}' });
  };
  const refuse = (digest: string, ageDays: number) =>
    facts.quarantine('city', clock.wall.nowMs() - ageDays * DAY, {
      id: null,
      source: null,
      type: null,
      code: 'EVENT_INVALID',
      field: null,
      reason: null,
      digest,
      sealed: Buffer.from('raw'),
    });
  const call = vi.fn<(name: string, args: RetentionArgs) => Promise<{ removed: number }>>(async (_, args) =>
    factWrites['facts.retain'](db, args, { nowMs: clock.wall.nowMs(), changed: () => {} }),
  );
  const destroyBefore = vi.fn<(beforeMs: number) => number>(() => 0);
  const options = { writer: { call } as unknown as Pick<Writer, 'call'>, keys: { destroyBefore }, clock, days };
  return { clock, db, add, refuse, call, destroyBefore, options };
}
const left = (db: Database) =>
  db.prepare<[], { type: string; count: number }>('SELECT type, count(*) AS count FROM facts GROUP BY type').all();
const NEWEST = 'ticket.issued';

test.each([
  ['ticket.called', 400],
  ['window.paused', 400],
  ['rating.given', 400],
  ['hall.queue_reset', 400],
  ['case.decided', 1825],
  ['screen.confirmed', 90],
  ['device.link', 90],
  ['feed.heartbeat', 1],
  ['platform.snapshot', 7],
])('%s is kept for %i days', async (type, kept) => {
  const { db, add, options } = setup();
  add(type, kept + 0.001);
  add(type, kept - 0.001);
  add(NEWEST, 0);
  await retain(options);
  expect(left(db).find((row) => row.type === type)?.count).toBe(type === NEWEST ? 2 : 1);
});

test('changes of the content are kept for ever', async () => {
  const { db, add, options } = setup();
  add('content.changed', 5000);
  add(NEWEST, 0);
  await retain(options);
  expect(left(db).map(({ type }) => type)).toEqual(['content.changed', NEWEST]);
});

test('the newest fact stays however old it is, so that no seq is given out twice', async () => {
  const { db, add, options } = setup();
  add('feed.heartbeat', 10);
  add('feed.heartbeat', 10);
  await retain(options);
  expect(db.prepare('SELECT seq FROM facts').all()).toEqual([{ seq: 2 }]);
  add('feed.heartbeat', 0);
  expect(db.prepare('SELECT max(seq) AS seq FROM facts').get()).toEqual({ seq: 3 });
});

test('the raw body of a refused event goes after 7 days, its row after 90', async () => {
  const { db, refuse, options } = setup();
  for (const [digest, age] of [
    ['young', 6.9],
    ['old', 7.1],
    ['gone', 90.1],
  ] as const)
    refuse(digest, age);
  await retain(options);
  expect(db.prepare('SELECT digest, sealed IS NOT NULL AS held FROM quarantine ORDER BY digest').all()).toEqual([
    { digest: 'old', held: 0 },
    { digest: 'young', held: 1 },
  ]);
});

test('the keys of personal fields are destroyed by their own time', async () => {
  const { clock, destroyBefore, options } = setup();
  await retain(options);
  expect(destroyBefore.mock.calls).toEqual([[clock.wall.nowMs() - 30 * DAY]]);
});

test('much is removed in steps, and it goes on until nothing is left', async () => {
  const { db, add, call, options } = setup();
  for (let at = 0; at < 4500; at += 1) add('feed.heartbeat', 2);
  add(NEWEST, 0);
  await retain(options);
  expect(left(db)).toEqual([{ type: NEWEST, count: 1 }]);
  const removed = await Promise.all(call.mock.results.map(({ value }) => value as Promise<{ removed: number }>));
  expect(removed.map((one) => one.removed)).toEqual([2000, 2000, 500, 0]);
});

test('it happens at the start and every hour, also after a failure, and ends with the signal', async () => {
  const { clock, call, destroyBefore, options } = setup();
  const stop = new AbortController();
  const running = keepRetaining({ ...options, log: pino({ level: 'silent' }) }, stop.signal);
  await clock.advance(0);
  expect(destroyBefore).toHaveBeenCalledTimes(1);
  call.mockRejectedValueOnce(new Error('full'));
  await clock.advance(HOUR);
  await clock.advance(HOUR);
  expect(destroyBefore).toHaveBeenCalledTimes(3);
  stop.abort();
  await running;
  expect(clock.sleeping).toBe(0);
});
