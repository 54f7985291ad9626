import { FakeClock, type WindowLive } from '@hall/contracts';
import { island, type IslandState } from '@hall/model';
import { expect, test } from 'vitest';
import { GEN, windowField } from '../devices/fixture.ts';
import { applyLive, emptyLive } from '../live/live-set.ts';
import { overlaid } from './overlay.ts';

const field = windowField('A001', 7);
const { set } = applyLive(emptyLive(GEN), { gen: GEN, after: 0, head: 7, full: false, fields: [field] }, 0);
const local: WindowLive = {
  kind: 'window',
  window: 'w1',
  state: 'serving',
  ticket: 'A002',
  calledAt: 9e12,
  department: 'police',
  services: [],
  island: true,
};
const alone: IslandState = {
  ...island.noIsland,
  phase: 'island',
  windows: { w1: { live: local, calledAt: 9e12 } },
  used: { A002: 'w1' },
};

test('what the keys say is always of this moment, and bears no seq of the server', async () => {
  const clock = new FakeClock();
  const entry = overlaid(set, alone, clock.machine).entries.get('window/w1');
  expect(entry?.field).toMatchObject({ seq: 0, value: { ticket: 'A002', island: true } });
  await clock.advance(100_000);
  expect(entry?.renewedAtMs).toBe(100_000);
});

test('a number that was overtaken is left out, and is as old as the word of the server', () => {
  const settled = island.settle(alone, new Map([['w1', { seq: 7, live: field.value as WindowLive }]]));
  const entry = overlaid(set, settled, new FakeClock().machine).entries.get('window/w1');
  expect(entry).toMatchObject({ field: { seq: 7 }, renewedAtMs: 0 });
  expect(entry?.field.value).not.toHaveProperty('ticket');
});

test('where nothing was done here the set is the same one', () => {
  expect(overlaid(set, island.noIsland, new FakeClock().machine)).toBe(set);
});
