import { FakeClock, type AgentStatus } from '@hall/contracts';
import { expect, onTestFinished, test } from 'vitest';
import { createStatusReporter, EVERY_MS } from './status.ts';

const well: Omit<AgentStatus, 'seq'> = {
  epoch: 'e',
  at: 1,
  version: '0.1.0',
  uptimeS: 1,
  memory: { rssBytes: 1, heapBytes: 1 },
  loop: { worstMs: 1, stalls: 0 },
  disk: { freeBytes: 5e9, totalBytes: 9e9 },
  store: 'ok',
  clock: { trust: 'told', skewMs: 10, highestMs: 1 },
  outbox: { tail: 0, head: 0, count: 0, bytes: 0, oldestAt: 0, percent: 0 },
  documents: { devices: 1, fellBack: [] },
  counters: {},
};

function setup(taken = true) {
  const clock = new FakeClock();
  const said: AgentStatus[] = [];
  const world = { status: well };
  const reporter = createStatusReporter(
    {
      gather: async () => world.status,
      send: async (status) => {
        said.push(status);
        return taken;
      },
    },
    clock,
  );
  onTestFinished(() => reporter.close());
  return { clock, said, world, reporter };
}

test('it speaks after a welcome and then every 30 s, with growing numbers', async () => {
  const { clock, said, reporter } = setup();
  reporter.welcomed();
  await clock.advance(100);
  expect(said).toHaveLength(1);
  await clock.advance(3 * EVERY_MS + 3000);
  expect(said.map(({ seq }) => seq)).toEqual([1, 2, 3, 4]);
});

test.each<[string, Partial<AgentStatus>]>([
  ['the store', { store: 'full' }],
  ['trust in the time', { clock: { trust: 'untrusted', highestMs: 1 } }],
  ['the skew', { clock: { trust: 'told', skewMs: 5000, highestMs: 1 } }],
  ['the disk', { disk: { freeBytes: 1e7, totalBytes: 9e9 } }],
  ['a device that fell back', { documents: { devices: 1, fellBack: ['strip-1'] } }],
])('%s changes: said within seconds', async (_, change) => {
  const { clock, said, world, reporter } = setup();
  reporter.welcomed();
  await clock.advance(100);
  world.status = { ...well, ...change };
  await clock.advance(3000);
  expect(said).toHaveLength(2);
  expect(said[1]).toMatchObject(change);
});

test('numbers that always move wait for their turn', async () => {
  const { clock, said, world, reporter } = setup();
  reporter.welcomed();
  await clock.advance(100);
  world.status = {
    ...well,
    uptimeS: 9,
    memory: { rssBytes: 7, heapBytes: 3 },
    clock: { trust: 'told', skewMs: 12, highestMs: 9 },
  };
  await clock.advance(EVERY_MS - 5000);
  expect(said).toHaveLength(1);
});

test('what nobody took is said again', async () => {
  const { clock, said } = setup(false);
  await clock.advance(7000);
  expect(said.length).toBeGreaterThan(2);
});
