import { Discovered, FakeClock, FOUND_PER_MESSAGE, MAX_FOUND, type Discover, type FoundDevice } from '@hall/contracts';
import { pino } from 'pino';
import { Value } from 'typebox/value';
import { expect, onTestFinished, test } from 'vitest';
import { createDiscovery, type DiscoveryDeps } from './discovery.ts';
import type { DeviceFinder, FinderContext } from './finder.ts';

const device = (place: string): FoundDevice => ({
  finder: 'made-up',
  driver: 'onbon-k',
  place,
  settings: { transport: 'tcp', host: '10.0.0.1' },
  placedBy: ['host'],
  confidence: 'sure',
  evidence: [],
});
type Find = (context: FinderContext, signal: AbortSignal, clock: FakeClock) => AsyncIterable<FoundDevice>;

function setup(find: Find, deps: Partial<DiscoveryDeps> = {}) {
  const clock = new FakeClock();
  const told: Discovered[] = [];
  const finder: DeviceFinder = { id: 'made-up', title: 'made up', find: (context, signal) => find(context, signal, clock) };
  const discovery = createDiscovery({
    clock,
    log: pino({ level: 'silent' }),
    epoch: 'e',
    finders: [finder],
    networks: () => [{ address: '192.168.5.9', broadcast: '192.168.5.255' }],
    serialPorts: async () => [{ path: '/dev/ttyUSB0' }],
    inUse: async () => ({ network: () => undefined, serial: () => undefined }),
    publish: async (message) => {
      expect([...Value.Errors(Discovered, message)]).toEqual([]);
      told.push(structuredClone(message));
    },
    ...deps,
  });
  onTestFinished(() => discovery.close());
  const order = (id: string, more: Partial<Discover> = {}): Discover => ({
    id,
    seconds: 20,
    deadline: clock.wall.nowMs() + 30_000,
    ...more,
  });
  const places = () => told.flatMap(({ devices }) => devices.map(({ place }) => place));
  return { clock, told, discovery, order, places };
}
const settle = async (clock: FakeClock) => clock.advance(1);

test('what is found is told while the search goes on, and the end is said once', async () => {
  const { clock, told, discovery, order, places } = setup(async function* ({ toAsk, asked }, signal, { machine }) {
    toAsk(2);
    yield device('a');
    asked();
    await machine.sleep(1200, signal);
    asked();
    yield device('b');
  });
  discovery.take(order('s1'));
  await clock.advance(600);
  expect(places()).toEqual(['a']);
  expect(told.at(-1)).toMatchObject({ state: 'running', asked: 1, toAsk: 2 });
  await clock.advance(1000);
  expect(places()).toEqual(['a', 'b']);
  expect(told.at(-1)).toMatchObject({ id: 's1', epoch: 'e', state: 'done', asked: 2, toAsk: 2 });
  expect(told.map(({ seq }) => seq)).toEqual(told.map((_, at) => at + 1));
  expect(told.filter(({ state }) => state === 'done')).toHaveLength(1);
});

test('without ranges the networks of the machine and its serial ports are searched; with ranges only those', async () => {
  const seen: FinderContext[] = [];
  const { clock, discovery, order } = setup(async function* (context) {
    seen.push(context);
    yield* [];
  });
  discovery.take(order('s1'));
  await settle(clock);
  discovery.take(order('s2', { ranges: [{ from: '10.0.0.5', to: '10.0.0.7' }], ports: [6000] }));
  await settle(clock);
  expect(seen[0]).toMatchObject({ networks: [{ address: '192.168.5.9' }], serialPorts: [{ path: '/dev/ttyUSB0' }] });
  expect(seen[0]?.addresses).toHaveLength(254);
  expect(seen[1]).toMatchObject({
    networks: [],
    serialPorts: [],
    addresses: ['10.0.0.5', '10.0.0.6', '10.0.0.7'],
    ports: [6000],
  });
  discovery.take(order('s3', { ranges: [{ from: '10.0.0.0', to: '10.0.255.255' }] }));
  await settle(clock);
  expect(seen[2]?.addresses).toHaveLength(1024);
});

test('a second search is refused while one runs, the same one again is nothing new, one that is late is not begun', async () => {
  let begun = 0;
  const { clock, told, discovery, order } = setup(async function* (_, signal, { machine }) {
    begun += 1;
    await machine.sleep(5000, signal);
    yield* [];
  });
  discovery.take(order('late', { deadline: clock.wall.nowMs() - 1 }));
  expect(told).toMatchObject([{ id: 'late', state: 'failed', code: 'SEARCH_EXPIRED' }]);
  discovery.take(order('s1'));
  await settle(clock);
  discovery.take(order('s1'));
  discovery.take(order('s2'));
  await settle(clock);
  expect(begun).toBe(1);
  expect(told.filter(({ id }) => id === 's2')).toMatchObject([{ state: 'failed', code: 'SEARCH_RUNNING' }]);
  await clock.advance(6000);
  discovery.take(order('s3'));
  await settle(clock);
  expect(begun).toBe(2);
});

test('the time of the request ends the search, and what was found until then counts', async () => {
  const { clock, told, discovery, order, places } = setup(async function* (_, signal, { machine }) {
    for (let at = 0; !signal.aborted; at += 1) {
      yield device(`place-${at}`);
      await machine.sleep(1000, signal).catch(() => {});
    }
  });
  discovery.take(order('s1', { seconds: 5 }));
  await clock.advance(6000);
  expect(told.at(-1)).toMatchObject({ state: 'done' });
  expect(places()).toEqual(['place-0', 'place-1', 'place-2', 'place-3', 'place-4']);
});

test('a place is told once, what no schema allows is left out, and there is an end to how many', async () => {
  const { clock, told, discovery, order, places } = setup(async function* (_, signal) {
    yield device('a');
    yield device('a');
    yield { ...device('b'), model: '' };
    for (let at = 0; at < MAX_FOUND + 5 && !signal.aborted; at += 1) yield device(`place-${at}`);
  });
  discovery.take(order('s1'));
  await clock.advance(1000);
  expect(places()).toHaveLength(MAX_FOUND);
  expect(places().filter((place) => place === 'a')).toHaveLength(1);
  expect(places()).not.toContain('b');
  expect(told.at(-1)).toMatchObject({ state: 'done', code: 'SEARCH_FULL' });
  expect(Math.max(...told.map(({ devices }) => devices.length))).toBe(FOUND_PER_MESSAGE);
  expect(told.filter(({ state }) => state === 'done')).toHaveLength(1);
});

test('a finder that fails is not the end of the others; where all fail the search has failed', async () => {
  const broken: DeviceFinder = {
    id: 'broken',
    title: 'broken',
    // oxlint-disable-next-line require-yield -- it never comes to that
    async *find() {
      throw new Error('no such network');
    },
  };
  const good: DeviceFinder = {
    id: 'good',
    title: 'good',
    async *find() {
      yield device('a');
    },
  };
  const { clock, told, discovery, order, places } = setup(async function* () {}, { finders: [broken, good] });
  discovery.take(order('s1'));
  await clock.advance(100);
  expect(places()).toEqual(['a']);
  expect(told.at(-1)).toMatchObject({ id: 's1', state: 'done' });
  discovery.take(order('s2', { finders: ['broken'] }));
  await clock.advance(100);
  expect(told.at(-1)).toMatchObject({ id: 's2', state: 'failed', code: 'INTERNAL' });
});

test('the end of the agent ends a search without a word', async () => {
  const { clock, told, discovery, order } = setup(async function* (_, signal, { machine }) {
    await machine.sleep(60_000, signal);
    yield* [];
  });
  discovery.take(order('s1'));
  await settle(clock);
  const closed = discovery.close();
  await clock.advance(1000);
  await closed;
  expect(told.map(({ state }) => state)).toEqual(['running']);
});
