/** Clients that never come to the end of what they begin, against a broker whose time the test moves. */
import { connect as connectSocket, type Socket } from 'node:net';
import { FakeClock, addressOf } from '@hall/contracts';
import mqtt from 'mqtt';
import { expect, onTestFinished, test, vi } from 'vitest';
import { createBroker, MOST_PLATFORM_SESSIONS, MOST_STRANGERS, SIGN_IN_MS } from './broker.ts';
import { MAX_HELD_BYTES, PACKET_MS } from './guarded-socket.ts';

const within = { timeout: 30_000 };
const NOTHING_REFUSED = { refused: () => {}, framing: () => {}, handshake: () => {} };

/** A broker alone, and agents that are let in with any password. */
async function brokerAlone() {
  const clock = new FakeClock();
  const broker = await createBroker({
    host: '127.0.0.1',
    port: 0,
    hall: 'demo',
    machine: clock.machine,
    authenticate: async (id, username) => ({ role: username === 'city' ? 'platform' : 'agent', hall: 'demo', id: username }),
    platformEvents: async () => {},
    ...NOTHING_REFUSED,
  });
  onTestFinished(broker.close);
  const raw = async (): Promise<Socket & { readonly over: Promise<void> }> => {
    const socket = connectSocket(Number(new URL(broker.url).port), '127.0.0.1');
    socket.on('error', () => {});
    onTestFinished(() => void socket.destroy());
    const over = new Promise<void>((resolve) => {
      socket.once('close', () => resolve());
    });
    await new Promise((resolve) => {
      socket.once('connect', resolve);
    });
    return Object.assign(socket, { over });
  };
  const agent = async (id: string) => {
    const client = await mqtt.connectAsync(broker.url, { clientId: id, username: id, reconnectPeriod: 0, protocolVersion: 4 });
    client.on('error', () => {});
    onTestFinished(() => client.endAsync(true));
    return client;
  };
  const taken = (bytes: number) => vi.waitFor(() => expect(broker.held.bytes).toBe(bytes), within);
  return { broker, clock, raw, agent, taken };
}
/** The first bytes of a CONNECT of 100. */
const HALF_CONNECT = Buffer.from([0x10, 100, 0, 4]);
/** A PUBLISH that says it has 200 KiB. */
const LONG_PUBLISH = Buffer.from([0x30, 0x80, 0x80 | 0x00, 0x0c]);

test('a CONNECT that never comes to its end is cut when the time to sign in is over, each byte more or less', async () => {
  const { broker, clock, raw, agent, taken } = await brokerAlone();
  const [silent, slow] = [await raw(), await raw()];
  let gone = 0;
  for (const socket of [silent, slow]) socket.once('close', () => (gone += 1));
  slow.write(HALF_CONNECT);
  await taken(HALF_CONNECT.length);
  const known = await agent('edge-1');
  await clock.advance(SIGN_IN_MS - 1);
  slow.write(Buffer.from([0]));
  await taken(HALF_CONNECT.length + 1);
  expect({ gone, slow: broker.counters.slow }).toEqual({ gone: 0, slow: 0 });
  await clock.advance(1);
  await Promise.all([silent.over, slow.over]);
  expect(broker.counters.slow).toBe(2);
  expect(broker.held.bytes).toBe(0);
  expect(known.connected).toBe(true);
});

test('a packet that never comes to its end is cut after its time; one that ends before it goes on', async () => {
  const { broker, clock, agent, taken } = await brokerAlone();
  const [slow, honest] = [await agent('edge-1'), await agent('edge-2')];
  const gone = new Promise<void>((resolve) => {
    slow.once('close', () => resolve());
  });
  const topic = addressOf('heartbeat', { hall: 'demo', agent: 'edge-2' });
  const heard: string[] = [];
  broker.listen(topic, (_, payload) => void heard.push(payload.toString()));
  // Ends a packet and begins the next with the same bytes, all the time: each is counted by itself.
  const packet = Buffer.concat([
    Buffer.from([0x30, 2 + topic.length + 1, 0, topic.length]),
    Buffer.from(topic),
    Buffer.from('x'),
  ]);
  slow.stream.write(LONG_PUBLISH);
  honest.stream.write(packet.subarray(0, 10));
  await taken(LONG_PUBLISH.length + 10);
  for (let turn = 1; turn <= 4; turn += 1) {
    await clock.advance(PACKET_MS / 4 - 1);
    honest.stream.write(Buffer.concat([packet.subarray(10), packet.subarray(0, 10)]));
    slow.stream.write(Buffer.from([0]));
    await vi.waitFor(() => expect(heard).toHaveLength(turn), within);
    await taken(LONG_PUBLISH.length + turn + 10);
  }
  expect(broker.counters.slow).toBe(0);
  await clock.advance(4);
  await gone;
  expect(broker.counters).toMatchObject({ slow: 1, framing: 0 });
  expect(honest.connected).toBe(true);
});

test('when unfinished packets hold too much, the one begun first is at fault, not the one that comes', async () => {
  const { broker, clock, raw, agent, taken } = await brokerAlone();
  const half = Buffer.concat([Buffer.from([0x10, 0xff, 0x3f]), Buffer.alloc(8000)]);
  const most = Math.floor(MAX_HELD_BYTES / half.length);
  const first = await raw();
  first.write(half);
  await taken(half.length);
  const others = await Promise.all(Array.from({ length: most }, raw));
  for (const socket of others) socket.write(half);
  await vi.waitFor(() => expect(broker.counters.framing).toBe(1), within);
  const client = await agent('edge-1');
  client.stream.write(LONG_PUBLISH);
  client.stream.write(Buffer.alloc(150_000));
  await vi.waitFor(() => expect(broker.counters.framing).toBeGreaterThan(15), within);
  expect(client.connected).toBe(true);
  expect(broker.held.mostBytes).toBeLessThanOrEqual(MAX_HELD_BYTES);
  // What is at fault stands still for a while.
  await clock.advance(60_000);
  await first.over;
});

test('more strangers than may wait cost the oldest stranger; who signs in at once comes in', async () => {
  const { broker, raw, agent } = await brokerAlone();
  const more = 50;
  const strangers: Socket[] = [];
  while (strangers.length < MOST_STRANGERS + more) {
    strangers.push(...(await Promise.all(Array.from({ length: 50 }, raw))));
  }
  await vi.waitFor(() => expect(broker.counters.slow).toBe(more), within);
  await agent('edge-1');
  expect(broker.connections).toBe(1);
  expect(broker.counters.slow).toBe(more + 1);
}, 60_000);

test('a platform has so many sessions and no more, and another one for each that ends', async () => {
  const { broker } = await brokerAlone();
  const open = async (at: number) => {
    const login = { clientId: `city.${at}`, username: 'city', reconnectPeriod: 0, protocolVersion: 4 } as const;
    const client = await mqtt.connectAsync(broker.url, login, false);
    onTestFinished(() => client.endAsync(true));
    return client;
  };
  const [first] = await Promise.all(Array.from({ length: MOST_PLATFORM_SESSIONS }, (_, at) => open(at)));
  await expect(open(1000)).rejects.toMatchObject({ code: 3 });
  await first?.endAsync(true);
  await vi.waitFor(() => expect(broker.connections).toBe(MOST_PLATFORM_SESSIONS - 1), within);
  await open(1001);
  await expect(open(1002)).rejects.toMatchObject({ code: 3 });
});

test.each([
  '',
  '+',
  '#',
  'a/b',
  '$SYS',
  '__proto__',
  'a\u0000',
  'edge-1 ',
  'EDGE-1',
  '\uFEFFedge-1',
  'a.b.c',
  '.',
  'a'.repeat(33),
])('the client id %j is rejected as such, before anything is asked of a credential', async (clientId) => {
  const asked = vi.fn<() => Promise<undefined>>(async () => undefined);
  const { machine } = new FakeClock();
  const broker = await createBroker({
    host: '127.0.0.1',
    port: 0,
    hall: 'demo',
    machine,
    authenticate: asked,
    platformEvents: async () => {},
    ...NOTHING_REFUSED,
  });
  onTestFinished(broker.close);
  const login = { clientId, username: 'edge-1', password: 'x', reconnectPeriod: 0, protocolVersion: 4 } as const;
  await expect(mqtt.connectAsync(broker.url, login, false)).rejects.toMatchObject({ code: 2 });
  expect(asked).not.toHaveBeenCalled();
  expect(broker.counters.refusedConnect).toBe(1);
});
