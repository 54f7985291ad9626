import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { FakeClock } from '@hall/contracts';
import { expect, onTestFinished, test, vi } from 'vitest';
import { openHall, startHall } from './fixture.ts';

const HOUR = 3_600_000;

test('a running server begins the next business day by itself, and a restart does not begin it again', async () => {
  const data = mkdtempSync(join(tmpdir(), 'hall-days-'));
  onTestFinished(() => rmSync(data, { recursive: true, force: true }));
  const clock = new FakeClock(Date.UTC(2026, 10, 23, 14, 0));
  const first = await openHall({ clock, data });
  const resets = (hall: typeof first) =>
    hall.services.facts
      .list({ type: 'hall.queue_reset' })
      .map(({ id, source, data: { businessDay } }) => [id, source, businessDay]);
  const own = (day: string) => [`queue-reset-${day}`, '/hall/demo/server', day];
  expect(resets(first)).toEqual([own('2026-11-23')]);
  const about = { id: 'e1', source: 'urn:city', subject: 't-1', time: clock.hall.nowMs(), sequence: 1 };
  const issued = { ...about, type: 'ticket.issued' as const, data: { ticket: 'A001', service: 'invoice' } };
  await first.services.writer.record({ platform: 'city', receivedAt: clock.wall.nowMs(), events: [issued], quarantine: [] });
  const waiting = () => first.services.live.queues().get('invoice')?.field.value.waiting;
  await vi.waitFor(() => expect(waiting()).toBe(1));
  await clock.advance(3 * HOUR);
  await vi.waitFor(() => expect(waiting()).toBe(0));
  expect(resets(first)).toEqual([own('2026-11-24'), own('2026-11-23')]);
  await first.end();
  const second = await openHall({ clock, data });
  onTestFinished(second.end);
  expect(resets(second)).toEqual([own('2026-11-24'), own('2026-11-23')]);
});

test('closing twice is closing once, and a port that is taken is named', async () => {
  const hall = await startHall();
  const port = Number(new URL(hall.httpUrl).port);
  await expect(openHall({ config: { http: { port } } })).rejects.toMatchObject({
    code: 'PORT_TAKEN',
    details: { field: '/http/port', port },
  });
  const mqtt = { port: Number(new URL(hall.mqttUrl).port) };
  await expect(openHall({ config: { mqtt } })).rejects.toMatchObject({ code: 'PORT_TAKEN', details: { field: '/mqtt/port' } });
  await Promise.all([hall.close(), hall.close()]);
  await expect(fetch(`${hall.httpUrl}/healthz`)).rejects.toThrow(/fetch failed/);
});
