/** History of a running server: what agents report is kept, a restart is an honest gap, and the report adds up. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { FakeClock, type Payload } from '@hall/contracts';
import { expect, onTestFinished, test, vi } from 'vitest';
import { connectAgent, openHall, type Hall } from '../../fixture.ts';

const MINUTE = 60_000;
const patience = { timeout: 15_000 };

const report = (seq: number, freshness: 'live' | 'stale', frames: number): Payload<'reported'> => ({
  epoch: 'epoch-1',
  seq,
  at: 0,
  link: 'online',
  since: 0,
  screen: { hash: 'h', text: ['A001'], freshness, level: 'acknowledged', decidedAt: 0, fields: {} },
  counters: { frames },
});
const conditionsOf = (hall: Hall) =>
  hall.services.history
    .device('strip-w1', {})
    .states.filter(({ kind }) => kind === 'condition')
    .map(({ value }) => value);

test('states and numbers of a device are kept, a restart is a gap, and uptime says how much was right', async () => {
  const data = mkdtempSync(join(tmpdir(), 'hall-history-'));
  onTestFinished(() => rmSync(data, { recursive: true, force: true }));
  const clock = new FakeClock();
  const begun = clock.hall.nowMs();
  const hall = await openHall({ clock, data });
  const agent = await connectAgent(hall);
  agent.hello();
  await agent.next('welcome');
  let seq = 0;
  const tell = async (freshness: 'live' | 'stale', frames: number) => {
    seq += 1;
    agent.send('reported', report(seq, freshness, frames), { device: 'strip-w1' });
    await vi.waitFor(() => expect(hall.services.devices.get('strip-w1')?.reported?.seq).toBe(seq), patience);
    // Seen within a second, written within ten.
    for (let step = 0; step < 12; step += 1) await clock.advance(1000);
  };
  await tell('live', 5);
  await clock.advance(10 * MINUTE);
  await tell('stale', 9);
  await clock.advance(2 * MINUTE);
  await tell('live', 11);
  await vi.waitFor(async () => {
    await clock.advance(1000);
    expect(conditionsOf(hall)).toEqual(['right', 'stale', 'right']);
  }, patience);
  const { points, metrics } = hall.services.history.device('strip-w1', { metric: 'frames' });
  expect(metrics).toEqual(['frames']);
  expect(points.map(({ last }) => last)).toEqual([5, 9, 11]);
  await hall.end();

  await clock.advance(30 * MINUTE);
  const second = await openHall({ clock, data });
  onTestFinished(second.end);
  await vi.waitFor(() => expect(conditionsOf(second).at(-1)).toBe('unknown'), patience);
  // An agent has a minute to come back before it counts as away.
  await vi.waitFor(async () => {
    await clock.advance(10_000);
    expect(conditionsOf(second).at(-1)).toBe('offline');
  }, patience);
  const [row] = (await second.services.history.uptime({ from: begun, by: 'hall' })).filter(({ group }) => group === '');
  const strip = (await second.services.history.uptime({ from: begun })).find(({ group }) => group === 'strip-w1');
  const { right = 0, stale = 0, offline = 0, unknown = 0, maintenance = 0 } = strip?.ms ?? {};
  expect(right + stale + offline + unknown + maintenance).toBe(clock.hall.nowMs() - begun);
  expect(stale / MINUTE).toBeGreaterThan(2);
  expect(stale / MINUTE).toBeLessThan(4);
  expect(unknown / MINUTE).toBeGreaterThan(29);
  expect(strip?.uptime).toBeLessThan(1);
  expect(row?.screens).toBe(2);
  await expect(second.services.history.uptime({ from: 5, to: 1 })).rejects.toMatchObject({ code: 'INPUT_INVALID' });
  expect(() => second.services.history.device('nobody', {})).toThrow(/nothing under this address/);
}, 60_000);
