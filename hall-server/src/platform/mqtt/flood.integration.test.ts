import { connect as connectSocket, type Socket } from 'node:net';
import { FakeClock, MAX_PACKET_BYTES, addressOf } from '@hall/contracts';
import mqtt from 'mqtt';
import { expect, onTestFinished, test, vi } from 'vitest';
import { called, connectAgent, startHall, type Hall } from '../../fixture.ts';
import { createBroker } from './broker.ts';
import { MAX_CONNECT_BYTES } from './framing-guard.ts';
import { MAX_HELD_BYTES, MAX_UNSENT_BYTES } from './guarded-socket.ts';
import { MOST_STILL, STILL_MS } from './standstill.ts';

const MB = 1024 * 1024;
const metric = async (hall: Hall, name: string): Promise<number> => {
  const text = await (await fetch(`${hall.httpUrl}/metrics`)).text();
  return Number(new RegExp(`^${name} (\\S+)$`, 'm').exec(text)?.[1]);
};
const within = { timeout: 10_000 };

/** A bare connection; bytes that can no longer be sent are no fault of the test. */
async function raw({ mqttUrl }: Pick<Hall, 'mqttUrl'>): Promise<Socket> {
  const { hostname, port } = new URL(mqttUrl);
  const socket = connectSocket(Number(port), hostname);
  socket.on('error', () => {});
  onTestFinished(() => void socket.destroy());
  await new Promise((resolve) => {
    socket.once('connect', resolve);
  });
  return socket;
}
const text = (value: string) => Buffer.concat([Buffer.from([value.length >> 8, value.length & 0xff]), Buffer.from(value)]);
/** A packet with its length in three bytes. */
const packet = (first: number, ...parts: Buffer[]) => {
  const body = Buffer.concat(parts);
  const length = Buffer.from([(body.length & 0x7f) | 0x80, ((body.length >> 7) & 0x7f) | 0x80, body.length >> 14]);
  return Buffer.concat([Buffer.from([first]), length, body]);
};

/** An agent that must still be served. */
async function healthy(hall: Hall, installId: string): Promise<void> {
  const agent = await connectAgent(hall, { installId });
  agent.hello();
  expect((await agent.next('welcome')).verdict).toBe('accepted');
  await agent.client.endAsync();
}

test('a flood of packets that are too large, from strangers and from a platform, leaves nothing in memory', async () => {
  const hall = await startHall();
  const strangers = await Promise.all(Array.from({ length: 100 }, () => raw(hall)));
  for (const socket of strangers) socket.write(Buffer.concat([Buffer.from([0x10, 0x80, 0x80, 0x80, 0x32]), Buffer.alloc(MB)]));
  const senders = await Promise.all(
    Array.from({ length: 20 }, async (_, at) => {
      const login = { clientId: `city.${at}`, username: 'city', password: hall.mqttPassword, reconnectPeriod: 0 };
      const client = await mqtt.connectAsync(hall.mqttUrl, login);
      client.on('error', () => {});
      return client;
    }),
  );
  for (const client of senders)
    client.publish('hall/1/demo/platform/city/events', Buffer.alloc(4 * MAX_PACKET_BYTES), { qos: 0 });
  await vi.waitFor(async () => expect(await metric(hall, 'hall_mqtt_framing_faults')).toBe(120), within);
  expect(await metric(hall, 'hall_mqtt_most_held_bytes')).toBeLessThan(MB);
  await healthy(hall, 'install-1');
});

test('packets that are begun and never finished hold 4 MB at most, whoever begins them', async () => {
  const hall = await startHall();
  const half = Buffer.concat([Buffer.from([0x10, 0xff, 0x3f]), Buffer.alloc(MAX_CONNECT_BYTES - 100)]);
  const strangers = await Promise.all(Array.from({ length: 600 }, () => raw(hall)));
  for (const socket of strangers) socket.write(half);
  await vi.waitFor(async () => expect(await metric(hall, 'hall_mqtt_framing_faults')).toBeGreaterThan(50), within);
  const most = await metric(hall, 'hall_mqtt_most_held_bytes');
  expect(most).toBeGreaterThan(3 * MB);
  expect(most).toBeLessThanOrEqual(MAX_HELD_BYTES);
  for (const socket of strangers) socket.destroy();
  await vi.waitFor(() => healthy(hall, 'install-1'), within);
});

test('of a stranger nothing is read after its CONNECT until it is let in', async () => {
  const hall = await startHall();
  const [CLEAN_USER_PASSWORD, KEEPALIVE] = [Buffer.from([4, 0xc2]), Buffer.from([0, 60])];
  const who = [text('edge-1'), text('edge-1'), text('wrong')];
  const connect = packet(0x10, text('MQTT'), CLEAN_USER_PASSWORD, KEEPALIVE, ...who);
  const publish = packet(0x30, text('hall/1/demo/agent/edge-1/hello'), Buffer.alloc(200_000));
  const sockets = await Promise.all(Array.from({ length: 40 }, () => raw(hall)));
  for (const socket of sockets) {
    socket.write(connect);
    for (let at = 0; at < 10; at += 1) socket.write(publish);
  }
  await vi.waitFor(async () => expect(await metric(hall, 'hall_mqtt_refused_connect')).toBe(40), within);
  // What came in one piece with the CONNECT may be held; 40 times 2 MB may not.
  expect(await metric(hall, 'hall_mqtt_most_held_bytes')).toBeLessThan(40 * 64 * 1024);
  expect(await metric(hall, 'hall_mqtt_refused_publish')).toBe(0);
});

/** A broker alone, and agents that are let in with any password. */
async function brokerAlone() {
  const clock = new FakeClock();
  const broker = await createBroker({
    host: '127.0.0.1',
    port: 0,
    hall: 'demo',
    machine: clock.machine,
    authenticate: async (id) => ({ role: 'agent', hall: 'demo', id }),
    platformEvents: async () => {},
    refused: () => {},
    framing: () => {},
    handshake: () => {},
  });
  onTestFinished(broker.close);
  const agent = async (id: string, qos: 0 | 1) => {
    const client = await mqtt.connectAsync(broker.url, { clientId: id, username: id, reconnectPeriod: 0, protocolVersion: 4 });
    client.on('error', () => {});
    onTestFinished(async () => {
      await client.endAsync(true);
    });
    await client.subscribeAsync(addressOf('live', { hall: 'demo', agent: id }), { qos });
    return client;
  };
  return { broker, agent, clock };
}

test('a connection at fault stands still for ten seconds before it is cut, unless too many do', async () => {
  const { broker, clock } = await brokerAlone();
  const more = 5;
  const sockets = await Promise.all(Array.from({ length: MOST_STILL + more }, () => raw({ mqttUrl: broker.url })));
  let cut = 0;
  for (const socket of sockets) {
    socket.once('close', () => (cut += 1));
    socket.write(Buffer.concat([Buffer.from([0x10, 0x80, 0x80, 0x80, 0x32]), Buffer.alloc(MB)]));
  }
  await vi.waitFor(() => expect(cut).toBe(more), within);
  expect(broker.counters.framing).toBe(sockets.length);
  expect(broker.held.bytes).toBe(0);
  await clock.advance(STILL_MS - 1);
  expect(cut).toBe(more);
  await clock.advance(1);
  await vi.waitFor(() => expect(cut).toBe(sockets.length), within);
});

test.each([0, 1] as const)(
  'a subscriber that reads nothing is cut off before much waits for it; another one gets everything (QoS %i)',
  async (qos) => {
    const { broker, agent } = await brokerAlone();
    const [frozen, reader] = [await agent('edge-1', qos), await agent('edge-2', qos)];
    let received = 0;
    reader.on('message', () => {
      received += 1;
    });
    frozen.stream.pause();
    const text = ' '.repeat(200_000);
    for (let at = 0; at < 200; at += 1) {
      void broker.publish(addressOf('live', { hall: 'demo', agent: 'edge-1' }), text, { retain: false });
      void broker.publish(addressOf('live', { hall: 'demo', agent: 'edge-2' }), 'x', { retain: false });
    }
    await vi.waitFor(() => expect(received).toBe(200), within);
    await vi.waitFor(() => expect(broker.connections).toBe(1), within);
    expect(broker.counters.frozen).toBe(1);
    expect(broker.held.mostUnsentBytes).toBeLessThanOrEqual(MAX_UNSENT_BYTES + MAX_PACKET_BYTES);
  },
);

test('an agent that asks for everything without end gets it once a second', async () => {
  const hall = await startHall();
  const agent = await connectAgent(hall);
  agent.hello();
  await agent.next('lease');
  for (let at = 0; at < 200; at += 1) agent.send('resync', { epoch: 'epoch-1', gen: hall.services.writer.gen, seq: 0 });
  const full = () => agent.received.filter(({ name, data }) => name === 'live' && (data as { full: boolean }).full).length;
  const before = full();
  await vi.waitFor(() => expect(full()).toBeGreaterThan(before + 1), within);
  await hall.send(called('A900'));
  await agent.next('live', ({ fields }) => fields.some(({ value }) => 'ticket' in value && value.ticket === 'A900'));
  expect(full() - before).toBeLessThan(20);
});
