/** A strip nobody knows is found, adopted, shows its window, is traced; and another card in its place is not written to. */
import { createOnbonKSimulator, listenTcp, type OnbonKSimulator, type TcpListener } from '@hall/simulators';
import { onbonK } from '@hall/wire';
import { startHall, type RunningHall } from '@hall/proof';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';

const within = { timeout: 30_000 };
const asker = { by: 'test', address: '127.0.0.1' };
const HOST = '127.0.0.77';
const SIZE = { widthPx: 320, heightPx: 48 };

let hall: RunningHall;
let card: OnbonKSimulator;
let line: TcpListener;
const cardOf = (deviceType: number) => createOnbonKSimulator({ clock: hall.clock, ...SIZE, maxAreas: 32, deviceType });
const kinds = (one: OnbonKSimulator) =>
  new Set(one.state.log.filter(({ direction }) => direction === 'in').map(({ describe: { fields } }) => fields['kind']));

beforeAll(async () => {
  hall = await startHall({
    windows: 2,
    content: (content) => ({ ...content, devices: content.devices.filter(({ id }) => id !== 'strip-w02') }),
  });
  card = cardOf(onbonK.deviceTypes['6K1']);
  line = await listenTcp(card, { host: HOST });
  await vi.waitUntil(() => hall.agents.get('agent-a')?.state().devices['strip-w01']?.link === 'online', within);
  await vi.waitUntil(() => hall.server.services.agents.list()[0]?.presence === 'online', within);
});
afterAll(async () => {
  await hall?.close();
  card?.close();
  await line?.close();
});

/** One search over a few addresses, to its end. */
async function search() {
  const { discovery } = hall.server.services;
  const own = hall.server.services.content.load().devices.find(({ id }) => id === 'strip-w01');
  await discovery.search(
    {
      agents: ['agent-a'],
      seconds: 20,
      ranges: [
        { from: '127.0.0.70', to: '127.0.0.80' },
        { from: '127.0.0.1', to: '127.0.0.1' },
      ],
      ports: [line.port, Number(own?.settings['port'])],
    },
    asker,
  );
  await vi.waitFor(() => expect(discovery.view().searches[0]?.state).not.toBe('running'), within);
  return discovery.view();
}

test('a search finds the strip nobody knows, knows the one that is driven, and disturbs neither', async () => {
  const driven = hall.strips.get('strip-w01')?.simulator;
  const before = driven?.state.counters.connections;
  const { searches, found } = await search();
  expect(searches).toMatchObject([{ state: 'done', code: null, asked: 12, toAsk: 12 }]);
  const unknown = found.filter(({ device }) => device === null);
  expect(unknown).toMatchObject([
    {
      found: { place: `tcp://${HOST}:${line.port}`, model: 'BX-6K1', settings: { host: HOST, screenNumber: 1, model: 'BX-6K1' } },
    },
  ]);
  expect(found.filter(({ device }) => device !== null)).toMatchObject([{ device: 'strip-w01', found: { known: 'strip-w01' } }]);
  expect(driven?.state.counters.connections).toBe(before);
  expect(kinds(card)).toEqual(new Set(['ping', 'status']));
});

/** The card over window 02, which serves A007; whoever is first searches for it and adopts it. */
async function adopted(): Promise<void> {
  const { services } = hall.server;
  if (services.devices.get('strip-w02')) return;
  const unknown = ({ device }: { device: string | null }) => device === null;
  const found = services.discovery.view().found.find(unknown) ?? (await search()).found.find(unknown);
  const [service = ''] = hall.content.windows[1]?.services ?? [];
  const { feed } = hall;
  await feed.send([
    feed.event('window.opened', 'made-w02', { window: 'w02' }),
    feed.event('ticket.issued', 'made-A007', { ticket: 'A007', service }),
    feed.event('ticket.called', 'made-A007', { ticket: 'A007', window: 'w02' }),
  ]);
  const adoption = await services.discovery.adopt(found?.id ?? 0, { window: 'w02' }, asker);
  expect(adoption).toMatchObject({ adopted: true, device: { id: 'strip-w02', screen: SIZE } });
  await vi.waitFor(() => expect(card.texts().join(' ')).toContain('A007'), { timeout: 5000 });
}

test('adopted with one window, it shows that window within seconds', async () => {
  const { services } = hall.server;
  await adopted();
  await vi.waitFor(() => expect(services.devices.get('strip-w02')?.difference).toEqual([]), within);
  expect(services.discovery.view().found.filter(({ device }) => device === null)).toEqual([]);
});

test('the bytes between agent and strip are told while somebody looks, with what they say', async () => {
  await adopted();
  const { deviceTraces } = hall.server.services;
  await deviceTraces.start('strip-w02', { seconds: 30, frames: 4 }, asker);
  await vi.waitFor(() => expect(deviceTraces.newest('strip-w02')?.state).toBe('done'), within);
  const { frames = [] } = deviceTraces.newest('strip-w02') ?? {};
  expect(frames).toHaveLength(4);
  expect(new Set(frames.map(({ direction }) => direction))).toEqual(new Set(['in', 'out']));
  for (const { hex, en } of frames) {
    expect(hex).toMatch(/^a5a5/);
    expect(en).toBeDefined();
  }
});

test('another model in its place is asked who it is, told nothing, and named as the cause', async () => {
  await adopted();
  const other = cardOf(onbonK.deviceTypes['5K1']);
  const { port } = line;
  card.close();
  await line.close();
  line = await listenTcp(other, { host: HOST, port });
  const device = () => hall.server.services.devices.get('strip-w02')?.reported;
  await vi.waitFor(() => expect(device()).toMatchObject({ link: 'offline', error: 'DEVICE_OTHER' }), within);
  const { feed } = hall;
  await feed.send([feed.event('ticket.recalled', 'made-A007', { ticket: 'A007', window: 'w02' })]);
  const asked = other.state.counters.connections;
  await vi.waitFor(() => expect(other.state.counters.connections).toBeGreaterThan(asked + 1), within);
  expect(kinds(other)).toEqual(new Set(['ping']));
  expect(other.state).toMatchObject({ areas: [], flashWrites: 0 });
  expect(other.texts()).toEqual(['请以窗口叫号为准']);

  // The right one comes back: nobody has to do anything.
  other.close();
  await line.close();
  card = cardOf(onbonK.deviceTypes['6K1']);
  line = await listenTcp(card, { host: HOST, port });
  await vi.waitFor(() => expect(card.texts().join(' ')).toContain('A007'), within);
});
