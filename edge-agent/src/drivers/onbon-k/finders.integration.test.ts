/** Cards on real sockets, real datagrams and real pseudo-terminals; and things that are no cards. */
import { createServer, type AddressInfo } from 'node:net';
import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { FoundDevice, systemClock } from '@hall/contracts';
import { createOnbonKSimulator, listenTcp, listenUdp, openPty, type OnbonKOptions, type OnbonKSimulator } from '@hall/simulators';
import { onbonK as wire } from '@hall/wire';
import { pino } from 'pino';
import { Value } from 'typebox/value';
import { describe, expect, onTestFinished, test } from 'vitest';
import type { DeviceFinder, FinderContext } from '../../discovery/finder.ts';
import { settingsFor } from '../driver.ts';
import { onbonK } from './driver.ts';
import { networkFinder, serialFinder } from './finders.ts';

const clock = systemClock();
const forever = new AbortController().signal;
const nobody = { network: () => undefined, serial: () => undefined };

function cardOf(options: Partial<OnbonKOptions> = {}): OnbonKSimulator {
  const card = createOnbonKSimulator({ clock, ...options });
  onTestFinished(card.close);
  return card;
}
async function onTcp(card: OnbonKSimulator, host: string, port = 0) {
  const line = await listenTcp(card, { host, port });
  onTestFinished(() => line.close());
  return line;
}
async function onUdp(card: OnbonKSimulator, host: string, port: number) {
  const line = await listenUdp(card, { host, port, broadcast: '127.255.255.255' });
  onTestFinished(() => line.close());
  return line;
}
function onPty(card: OnbonKSimulator, baud?: number) {
  const line = openPty(card, { clock, ...(baud === undefined ? {} : { baud }) });
  onTestFinished(line.close);
  return line;
}
/** Something that accepts connections and does what is said with what it hears. */
async function stranger(host: string, port: number, act: (say: (bytes: Uint8Array) => void) => void) {
  const server = createServer((socket) => {
    socket.on('error', () => {});
    socket.on('data', () => act((bytes) => void socket.write(bytes)));
  });
  server.listen(port, host);
  await once(server, 'listening');
  onTestFinished(() => void server.close());
  return (server.address() as AddressInfo).port;
}

async function find(finder: DeviceFinder, more: Partial<FinderContext>, signal = forever) {
  const progress = { asked: 0, toAsk: 0 };
  const context: FinderContext = {
    clock,
    log: pino({ level: 'silent' }),
    addresses: [],
    networks: [],
    serialPorts: [],
    inUse: nobody,
    toAsk: (places) => {
      progress.toAsk += places;
    },
    asked: () => {
      progress.asked += 1;
    },
    ...more,
  };
  const found: FoundDevice[] = [];
  for await (const device of finder.find(context, signal)) {
    expect([...Value.Errors(FoundDevice, device)]).toEqual([]);
    found.push(device);
  }
  return { found, progress };
}
/** Every request the card ever heard, by kind. */
const heardBy = (card: OnbonKSimulator) =>
  card.state.log.filter(({ direction }) => direction === 'in').map(({ describe: { fields } }) => fields['kind']);
const written = (card: OnbonKSimulator) => heardBy(card).filter((kind) => kind !== 'ping' && kind !== 'status');

describe('over the network', () => {
  test('a card is found with what it says of itself, its settings open it, and it was only asked', async () => {
    const card = cardOf({ address: 7, deviceType: wire.deviceTypes['6K2'] });
    const { port } = await onTcp(card, '127.0.0.21');
    const { found, progress } = await find(networkFinder(), {
      addresses: ['127.0.0.20', '127.0.0.21', '127.0.0.22'],
      ports: [port],
    });
    expect(found).toMatchObject([
      {
        finder: 'onbon-k-network',
        driver: 'onbon-k',
        place: `tcp://127.0.0.21:${port}`,
        settings: { transport: 'tcp', host: '127.0.0.21', port, screenNumber: 7, model: 'BX-6K2' },
        placedBy: ['host', 'port'],
        confidence: 'sure',
        maker: '仰邦 Onbon',
        model: 'BX-6K2',
        shows: 'P000, 0 dynamic areas',
      },
    ]);
    expect(progress).toEqual({ asked: 3, toAsk: 3 });
    expect(settingsFor(onbonK, found[0]?.settings)).toMatchObject({ screenNumber: 7 });
    expect(heardBy(card)).toEqual(['ping', 'status']);
    expect(written(card)).toEqual([]);
  });

  test('a card that does not answer "every card" is asked as number 1', async () => {
    const card = cardOf({ answersAll: false });
    const { port } = await onTcp(card, '127.0.0.23');
    const { found } = await find(networkFinder(), { addresses: ['127.0.0.23'], ports: [port] });
    expect(found).toMatchObject([
      { settings: { screenNumber: 1 }, evidence: [expect.stringContaining('screen 1'), expect.anything()] },
    ]);
    expect(found[0]).not.toHaveProperty('model');
  });

  test('a slow card is found; one that never answers, one that talks garbage and a web server are not', async () => {
    const slow = cardOf();
    slow.faults.slowMs = 900;
    const { port } = await onTcp(slow, '127.0.0.31');
    const silent = cardOf();
    silent.faults.silence = true;
    await onTcp(silent, '127.0.0.32', port);
    const broken = cardOf();
    broken.faults.corruptAnswers = 1;
    await onTcp(broken, '127.0.0.33', port);
    await stranger('127.0.0.34', port, (say) => say(Buffer.from('HTTP/1.1 400 Bad Request\r\n\r\n')));
    await stranger('127.0.0.35', port, (say) => say(new Uint8Array(100_000).fill(0xa5)));
    const hasty = cardOf();
    hasty.faults.cutAfterBytes = 5;
    await onTcp(hasty, '127.0.0.36', port);
    const addresses = [31, 32, 33, 34, 35, 36, 37].map((host) => `127.0.0.${host}`);
    const { found, progress } = await find(networkFinder(), { addresses, ports: [port] });
    expect(found.map(({ place }) => place)).toEqual([`tcp://127.0.0.31:${port}`]);
    expect(progress.asked).toBe(7);
    for (const card of [slow, silent, broken, hasty]) expect(written(card)).toEqual([]);
  });

  test('a card in use is told as known and gets no second session', async () => {
    const card = cardOf();
    const { port } = await onTcp(card, '127.0.0.24');
    const inUse = {
      ...nobody,
      network: (host: string, at: number) => (host === '127.0.0.24' && at === port ? 'strip-w01' : undefined),
    };
    const { found } = await find(networkFinder(), { addresses: ['127.0.0.24'], ports: [port], inUse });
    expect(found).toMatchObject([{ place: `tcp://127.0.0.24:${port}`, known: 'strip-w01' }]);
    expect(card.state.counters.connections).toBe(0);
  });

  test('one datagram finds every card of the network; one that takes no connection is likely', async () => {
    const first = cardOf({ address: 2 });
    const { port } = await onTcp(first, '127.0.0.41');
    const { port: udpPort } = await onUdp(first, '127.0.0.41', 0);
    const busy = cardOf({ address: 3, deviceType: wire.deviceTypes['5K1'] });
    await onUdp(busy, '127.0.0.42', udpPort);
    const garbage = createSocket('udp4');
    garbage.on('message', (_, from) => garbage.send(Buffer.from([0xa5, 0x5a, 1, 2, 3]), from.port, from.address));
    garbage.bind(udpPort, '127.0.0.43');
    await once(garbage, 'listening');
    onTestFinished(() => void garbage.close());
    const { found } = await find(networkFinder(udpPort), {
      addresses: ['127.0.0.41', '127.0.0.42', '127.0.0.43'],
      networks: [{ address: '127.0.0.1', broadcast: '127.255.255.255' }],
      ports: [port],
    });
    expect(found.toSorted((one, other) => (one.place < other.place ? -1 : 1))).toMatchObject([
      { place: `tcp://127.0.0.41:${port}`, confidence: 'sure', settings: { screenNumber: 2 } },
      { place: `tcp://127.0.0.42:${port}`, confidence: 'likely', model: 'BX-5K1', settings: { screenNumber: 3 } },
    ]);
    for (const card of [first, busy]) expect(written(card)).toEqual([]);
  });

  test('the signal ends it at once, however many addresses are left', async () => {
    const silent = cardOf();
    silent.faults.silence = true;
    const { port } = await onTcp(silent, '127.0.0.51');
    const over = new AbortController();
    const addresses = Array.from({ length: 1000 }, () => '127.0.0.51');
    const searching = find(networkFinder(), { addresses, ports: [port] }, over.signal);
    await clock.machine.sleep(200);
    over.abort();
    const { progress } = await searching;
    expect(progress.asked).toBeLessThan(200);
  });
});

describe('on serial lines', () => {
  test.each([57_600, 9600])('a card at %i baud is found and only asked', async (baud) => {
    const card = cardOf({ address: 5, deviceType: wire.deviceTypes['5K2'] });
    const { path } = onPty(card, baud);
    const { found } = await find(serialFinder, { serialPorts: [{ path }] });
    // A pseudo-terminal has no rate: the first one asked is answered.
    expect(found).toMatchObject([
      {
        finder: 'onbon-k-serial',
        place: `serial:${path}`,
        settings: { transport: 'serial', path, baud: 57_600, screenNumber: 5, model: 'BX-5K2' },
        placedBy: ['path', 'screenNumber'],
        evidence: ['57600 baud', expect.stringContaining('screen 5'), expect.stringContaining('status')],
      },
    ]);
    expect(settingsFor(onbonK, found[0]?.settings)).toMatchObject({ path });
    expect(written(card)).toEqual([]);
  });

  test('ports in use are left alone, ports that are gone or silent are passed over', async () => {
    const driven = cardOf();
    const silent = cardOf();
    silent.faults.silence = true;
    const [used, mute] = [onPty(driven).path, onPty(silent).path];
    const inUse = { ...nobody, serial: (path: string) => (path === used ? 'strip-w02' : undefined) };
    const serialPorts = [{ path: used }, { path: mute }, { path: '/dev/no-such-port' }];
    const { found, progress } = await find(serialFinder, { serialPorts, inUse });
    expect(found).toMatchObject([{ place: `serial:${used}`, known: 'strip-w02' }]);
    expect(progress).toEqual({ asked: 3, toAsk: 3 });
    expect(heardBy(driven)).toEqual([]);
    expect(written(silent)).toEqual([]);
  });

  test('a port that was asked is free again', async () => {
    const { path } = onPty(cardOf({ address: 2 }));
    const twice = [await find(serialFinder, { serialPorts: [{ path }] }), await find(serialFinder, { serialPorts: [{ path }] })];
    expect(twice.map(({ found }) => found.length)).toEqual([1, 1]);
  });
});
