import { connect as connectSocket } from 'node:net';
import { FakeClock, MAX_PACKET_BYTES } from '@hall/contracts';
import mqtt from 'mqtt';
import { expect, onTestFinished, test, vi } from 'vitest';
import { called, connectAgent, startHall, type Hall } from '../../fixture.ts';
import { STILL_MS } from './standstill.ts';

const metric = async (hall: Hall, name: string): Promise<number> => {
  const text = await (await fetch(`${hall.httpUrl}/metrics`)).text();
  return Number(new RegExp(`^${name} (\\S+)$`, 'm').exec(text)?.[1]);
};

const faults = (hall: Hall, count: number) =>
  vi.waitFor(async () => expect(await metric(hall, 'hall_mqtt_framing_faults')).toBe(count), { timeout: 10_000 });

/** A raw connection and a promise of its end. */
function raw(hall: Hall) {
  const { hostname, port } = new URL(hall.mqttUrl);
  const socket = connectSocket(Number(port), hostname);
  socket.on('error', () => {});
  onTestFinished(() => void socket.destroy());
  const ended = new Promise<void>((resolve) => {
    socket.once('close', () => resolve());
  });
  return { socket, ended };
}

test.each([
  ['no user', {}],
  ['an unknown user', { clientId: 'edge-9', username: 'edge-9', password: 'x' }],
  ['a wrong password', { clientId: 'edge-1', username: 'edge-1', password: 'x' }],
  ['a client id that is not the user', { clientId: 'edge-2', username: 'edge-1', right: true }],
  ['a wildcard as id', { clientId: '+', username: '+', right: true }],
  ["the server's id", { clientId: 'server', username: 'server', right: true }],
  ['an id of a platform as agent id with a dot', { clientId: 'edge-1.x', username: 'edge-1', right: true }],
])(
  '%s is turned away',
  async (_, { right = false, ...login }: { right?: boolean; clientId?: string; username?: string; password?: string }) => {
    const hall = await startHall();
    const password = right ? { password: hall.agentPassword } : {};
    await expect(mqtt.connectAsync(hall.mqttUrl, { ...login, ...password, reconnectPeriod: 0 }, false)).rejects.toThrow(
      /[Rr]efused|[Bb]ad/,
    );
  },
);

test('a refused publish is acknowledged and dropped, told once, and the connection lives', async () => {
  const hall = await startHall();
  const agent = await connectAgent(hall);
  const closed = vi.fn<() => void>();
  agent.client.on('close', closed);
  const live = hall.services.live.windows().get('w1');
  for (const topic of [
    'hall/1/demo/agent/edge-2/hello',
    'hall/1/demo/agent/edge-1/live',
    'hall/1/demo/server/state',
    'any/thing',
    '$SYS/x',
    'a\u0000b',
  ]) {
    await agent.client.publishAsync(topic, 'x', { qos: 1, retain: true });
    await agent.client.publishAsync(topic, 'x', { qos: 1 });
  }
  await agent.client.publishAsync('hall/1/demo/platform/city/events', JSON.stringify(called()), { qos: 1 });
  expect(await metric(hall, 'hall_mqtt_refused_publish')).toBe(13);
  agent.hello();
  await agent.next('welcome');
  expect(closed).not.toHaveBeenCalled();
  expect(hall.services.live.windows().get('w1')).toEqual(live);
  await vi.waitFor(() => {
    const rows = hall.services.db.prepare("SELECT 1 FROM audit WHERE action = 'mqtt.publish'").all();
    expect(rows.length).toBeGreaterThanOrEqual(7);
  });
});

test('subscriptions outside the own topics are refused one by one', async () => {
  const hall = await startHall();
  const agent = await connectAgent(hall);
  const granted = await agent.client
    .subscribeAsync(['#', '+/+/+/+/+/+', '$SYS/#', 'hall/1/demo/agent/+/welcome', 'hall/1/demo/agent/edge-1/lease'], { qos: 1 })
    .catch((error: { packet?: { granted: number[] } }) => error.packet?.granted ?? []);
  expect(granted.map((one) => (typeof one === 'number' ? one : one.qos))).toEqual([128, 128, 128, 128, 1]);
});

test.each([
  ['a 100 MB CONNECT before authentication', Buffer.from([0x10, 0x80, 0x80, 0x80, 0x32])],
  ['something that is not MQTT', Buffer.from('GET / HTTP/1.1\r\n\r\n')],
])('%s is at fault from its first bytes, and cut', async (_, bytes) => {
  const clock = new FakeClock();
  const hall = await startHall({ clock });
  const { socket, ended } = raw(hall);
  socket.write(bytes);
  await faults(hall, 1);
  await clock.advance(STILL_MS);
  await expect(ended).resolves.toBeUndefined();
});

test('a packet over the limit cuts its sender and nobody else', async () => {
  const clock = new FakeClock();
  const hall = await startHall({ clock });
  const agent = await connectAgent(hall);
  const flood = await mqtt.connectAsync(hall.mqttUrl, {
    clientId: 'city',
    username: 'city',
    password: hall.mqttPassword,
    reconnectPeriod: 0,
  });
  flood.on('error', () => {});
  const ended = new Promise<void>((resolve) => {
    flood.once('close', () => resolve());
  });
  flood.publish('hall/1/demo/platform/city/events', Buffer.alloc(MAX_PACKET_BYTES + 1), { qos: 0 });
  await faults(hall, 1);
  await clock.advance(STILL_MS);
  await ended;
  agent.hello();
  expect((await agent.next('welcome')).verdict).toBe('accepted');
});

test('a new credential ends the session under the old one', async () => {
  const hall = await startHall();
  const agent = await connectAgent(hall);
  const ended = new Promise<void>((resolve) => {
    agent.client.once('close', () => resolve());
  });
  await hall.services.agents.admit('edge-1');
  await ended;
  await expect(connectAgent(hall)).rejects.toThrow(/[Rr]efused|[Bb]ad/);
});

test('a subscriber that reads nothing does not hold up the others', async () => {
  const hall = await startHall();
  const frozen = await connectAgent(hall);
  frozen.hello();
  await frozen.next('lease');
  frozen.client.stream.pause();
  const { password } = await hall.services.agents.admit('edge-2');
  const { content } = hall.services;
  const now = content.load();
  const devices = [
    ...now.devices,
    { ...now.devices[0], id: 'strip-b', name: 'b', agent: 'edge-2' } as (typeof now.devices)[number],
  ];
  await content.replace({ by: 'system', address: '' }, { ...now, devices });
  const healthy = await connectAgent({ ...hall, mqttUrl: hall.mqttUrl, agentPassword: password } as Hall, {
    id: 'edge-2',
    installId: 'install-2',
  });
  healthy.hello();
  await healthy.next('lease');
  for (let at = 1; at <= 300; at += 1) await hall.send(called(`A${at}`, 'w1'));
  const isLast = ({ value }: { value: { ticket?: string } | object }) => 'ticket' in value && value.ticket === 'A300';
  expect(await healthy.next('live', ({ fields }) => fields.some(isLast))).toMatchObject({ full: false });
});
