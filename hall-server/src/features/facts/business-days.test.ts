import { FakeClock, type HallContent } from '@hall/contracts';
import { pino } from 'pino';
import { expect, onTestFinished, test, vi } from 'vitest';
import { content } from '../../fixture.ts';
import { openInMemory } from '../../platform/store/database.ts';
import type { Batch, GoodEvent } from '../../platform/store/protocol.ts';
import { writes } from '../../platform/store/writes.ts';
import { createBusinessDays } from './business-days.ts';
import { createRecorder } from './recorder.ts';
import { newestReset } from './store.ts';

const HOUR = 3_600_000;
const log = pino({ level: 'silent' });

/** A store in memory that records as the worker does, and the rule that runs on it. */
function setup({ start, zone = 'Asia/Shanghai', speed = 1 }: { start: string; zone?: string; speed?: number }) {
  const clock = new FakeClock(Date.parse(start));
  const db = openInMemory();
  const hall: HallContent = { ...content, calendar: { ...content.calendar, zone } };
  const context = { nowMs: clock.wall.nowMs(), changed: () => {} };
  writes['content.replace'](db, { by: 'system', address: '', hall: 'demo', content: hall }, context);
  let recorder = createRecorder(db, clock.wall.nowMs());
  const live = new Map<string, { ticket?: string; waiting?: number }>();
  const record = vi.fn<(batch: Batch) => Promise<readonly ('' | 'duplicate' | 'does_not_fit' | 'late' | 'gap')[]>>(
    async (batch) => {
      const outcome = recorder.record(batch);
      for (const json of recorder.finish().live) {
        const { key, value } = JSON.parse(json) as { key: string; value: { ticket?: string } };
        live.set(key, value);
      }
      return outcome;
    },
  );
  const options = { hall: 'demo', clock, speed, log, writer: { record }, zone: () => zone, newestReset: () => newestReset(db) };
  const days = createBusinessDays(options);
  const send = (id: string, type: string, subject: string, sequence: number, data: object) => {
    const event = { id, source: 'urn:city', type, subject, time: clock.hall.nowMs(), sequence, data } as GoodEvent;
    return record({ platform: 'city', receivedAt: clock.wall.nowMs(), events: [event], quarantine: [] });
  };
  const resets = () =>
    db
      .prepare<[], { id: string; source: string; time: number; day: string }>(
        "SELECT id, source, time, data ->> '$.businessDay' AS day FROM facts WHERE type = 'hall.queue_reset' ORDER BY seq",
      )
      .all();
  const run = () => {
    const stop = new AbortController();
    const running = days.run(stop.signal);
    onTestFinished(async () => {
      stop.abort();
      await running;
      db.close();
    });
  };
  const restart = () => {
    recorder = createRecorder(db, clock.wall.nowMs());
    recorder.finish();
  };
  return { clock, days, record, send, resets, run, restart, live };
}

test('the server begins a day once, as an ordinary fact of its own', async () => {
  const { days, resets } = setup({ start: '2026-11-23T02:20:00Z' });
  expect([await days.begin(), await days.begin()]).toEqual([true, true]);
  expect(resets()).toEqual([
    { id: 'queue-reset-2026-11-23', source: '/hall/demo/server', time: Date.parse('2026-11-23T02:20:00Z'), day: '2026-11-23' },
  ]);
});

test('a day that the platform has begun, or a later one, is left alone', async () => {
  const { clock, days, send, resets } = setup({ start: '2026-11-23T10:00:00Z' });
  await send('r-24', 'hall.queue_reset', '', 0, { businessDay: '2026-11-24' });
  await days.begin();
  await clock.advance(12 * HOUR);
  await days.begin();
  expect(resets().map(({ id }) => id)).toEqual(['r-24']);
});

test('a reset of the platform that does not fit does not count', async () => {
  const { days, send, resets } = setup({ start: '2026-11-23T02:20:00Z' });
  await send('far', 'hall.queue_reset', '', 0, { businessDay: '9999-12-31' });
  await days.begin();
  expect(resets().map(({ id }) => id)).toEqual(['far', 'queue-reset-2026-11-23']);
});

test('at midnight the tickets of the day before leave queue and screen; the reset of the platform later changes nothing', async () => {
  const { clock, send, run, resets, live } = setup({ start: '2026-11-23T02:20:00Z' });
  run();
  await clock.advance(0);
  await send('1', 'ticket.issued', 't-1', 1, { ticket: 'A001', service: 'invoice' });
  await send('2', 'ticket.called', 't-1', 2, { ticket: 'A001', window: 'w1' });
  await send('3', 'ticket.issued', 't-2', 1, { ticket: 'A002', service: 'invoice' });
  expect([live.get('window/w1')?.ticket, live.get('queue/invoice')?.waiting]).toEqual(['A001', 1]);
  await clock.advance(Date.parse('2026-11-23T15:59:59Z') - clock.hall.nowMs());
  expect(live.get('queue/invoice')?.waiting).toBe(1);
  await clock.advance(1000);
  expect([live.get('window/w1')?.ticket, live.get('queue/invoice')?.waiting]).toEqual([undefined, 0]);
  await send('4', 'ticket.issued', 't-3', 1, { ticket: 'A001', service: 'invoice' });
  expect(await send('r', 'hall.queue_reset', '', 0, { businessDay: '2026-11-24' })).toEqual(['']);
  expect(live.get('queue/invoice')?.waiting).toBe(1);
  expect(resets().map(({ day }) => day)).toEqual(['2026-11-23', '2026-11-24', '2026-11-24']);
});

test('a change of the day between two runs is caught up at the start', async () => {
  const { clock, days, send, resets, restart, live } = setup({ start: '2026-11-23T10:00:00Z' });
  await days.begin();
  await send('1', 'ticket.issued', 't-1', 1, { ticket: 'A001', service: 'invoice' });
  await clock.advance(3 * 24 * HOUR);
  restart();
  await days.begin();
  expect(live.get('queue/invoice')?.waiting).toBe(0);
  expect(resets().map(({ day }) => day)).toEqual(['2026-11-23', '2026-11-26']);
  restart();
  await days.begin();
  expect(resets()).toHaveLength(2);
});

test.each([
  ['Europe/Berlin', '2026-10-24T20:00:00Z', ['2026-10-24T22:00:00Z', '2026-10-25T23:00:00Z', '2026-10-26T23:00:00Z']],
  ['Europe/Berlin', '2026-03-28T20:00:00Z', ['2026-03-28T23:00:00Z', '2026-03-29T22:00:00Z', '2026-03-30T22:00:00Z']],
  // The clocks go from 24:00 to 01:00: the 29th begins at one o'clock.
  ['Asia/Beirut', '2026-03-28T12:00:00Z', ['2026-03-28T22:00:00Z', '2026-03-29T21:00:00Z', '2026-03-30T21:00:00Z']],
])('days of 23 and 25 hours begin when they begin: %s from %s', async (zone, start, begins) => {
  const { clock, run, resets } = setup({ start, zone });
  run();
  await clock.advance(Date.parse(begins[2] ?? '') - Date.parse(start) + 1000);
  expect(
    resets()
      .slice(1)
      .map(({ time }) => new Date(time).toISOString()),
  ).toEqual(begins.map((time) => new Date(time).toISOString()));
  expect(new Set(resets().map(({ day }) => day)).size).toBe(4);
});

test('a store that cannot take it is asked again soon', async () => {
  const { clock, run, record, resets } = setup({ start: '2026-11-23T02:20:00Z' });
  record.mockRejectedValueOnce(new Error('full'));
  run();
  await clock.advance(4000);
  expect(resets()).toEqual([]);
  await clock.advance(2000);
  expect(resets()).toHaveLength(1);
});
