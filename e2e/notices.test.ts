/** Alarms leave the hall by a webhook over a restart, and what a strip went through is kept and becomes a work order. */
import { once } from 'node:events';
import { createServer, type IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';
import { startHall, type RunningHall } from '@hall/proof';
import { afterAll, beforeAll, expect, onTestFinished, test, vi } from 'vitest';

const within = { timeout: 30_000 };
const asker = { by: 'wang', address: '127.0.0.1' };

let hall: RunningHall;
beforeAll(async () => {
  hall = await startHall({ windows: 2 });
});
afterAll(() => hall?.close());

test('an alarm whose receiver was too busy is told after a restart of the server, with the id it had', async () => {
  const received: IncomingMessage['headers'][] = [];
  const receiver = createServer((request, response) => {
    received.push(request.headers);
    request.resume();
    response.writeHead(received.length === 1 ? 503 : 204).end();
  }).listen(0, '127.0.0.1');
  await once(receiver, 'listening');
  onTestFinished(() => void receiver.close());
  const { port } = receiver.address() as AddressInfo;
  const { notices } = hall.server.services;
  const { settings, version } = notices.settings();
  const base = { enabled: true, language: 'both', perMinute: 20 } as const;
  const hook = { ...base, id: 'hook', kind: 'webhook', name: '值班平台', url: `http://127.0.0.1:${port}/notice` } as const;
  const step = { id: 'hook', priorities: [2 as const], afterMin: 0, channels: ['hook'], people: [], repeatMin: 0, repeats: 0 };
  const next = { ...settings, channels: [...settings.channels, hook], steps: [...settings.steps, step] };
  await notices.store(asker, { settings: next, secrets: {} }, version);
  // More than a slip: events about windows that the hall does not have.
  const strange = Array.from({ length: 12 }, (_, n) => hall.feed.event('window.opened', `strange-${n}`, { window: `x${n}` }));
  await hall.feed.send(strange);
  const stateOf = () =>
    hall.server.services.notices.deliveries({ channel: 'hook', limit: 5 }).map(({ state, code }) => `${state} ${code}`);
  await expect.poll(stateOf, within).toEqual(['waiting HTTP_503']);
  await hall.stopServer();
  await hall.startServer();
  await expect.poll(stateOf, within).toEqual(['sent SENT']);
  expect(received.map((headers) => headers['webhook-id'])).toEqual([received[0]?.['webhook-id'], received[0]?.['webhook-id']]);
  const [{ id } = { id: '' }] = hall.server.services.alarms.list().filter(({ type }) => type === 'quarantine_growing');
  expect(hall.server.services.notices.onConsole(5)).toMatchObject([{ alarm: id, what: 'raised' }]);
});

test('a strip that is cut off is offline in its history, and the order about it says how long the repair took', async () => {
  const services = () => hall.server.services;
  const conditions = () =>
    services()
      .history.device('strip-w01', {})
      .states.filter(({ kind }) => kind === 'condition')
      .map(({ value }) => value);
  /** While the platform is heard, what is shown is live. */
  const becomes = (condition: string) =>
    vi.waitFor(async () => {
      await hall.feed.send([hall.feed.event('feed.heartbeat', 'made-heartbeat', {})]);
      expect(conditions().at(-1)).toBe(condition);
    }, within);
  await becomes('right');
  const strip = hall.strips.get('strip-w01');
  const since = Date.now();
  strip?.unplug(true);
  await becomes('offline');
  const about = { title: '01 号窗口屏离线', device: 'strip-w01', alarmType: 'device_offline', faultAt: since };
  const order = await services().workOrders.open(asker, about);
  strip?.unplug(false);
  await becomes('right');
  await services().workOrders.change(asker, order.id, { ver: order.ver, state: 'done', note: '换了网线' });
  const [repair] = services().workOrders.repairs({ by: 'alarm_type' });
  expect(repair).toMatchObject({ kind: 'device_offline', done: 1 });
  expect(repair?.meanMs).toBeGreaterThan(0);
  const rows = await services().history.uptime({ by: 'device' });
  const row = rows.find(({ group }) => group === 'strip-w01');
  expect(row?.ms.offline).toBeGreaterThan(0);
  expect(row?.uptime).toBeLessThan(1);
}, 120_000);
