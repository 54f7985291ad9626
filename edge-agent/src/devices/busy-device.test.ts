/** What is decided, drawn and reported of a device that is still busy with an earlier picture, in the time of a fake clock. */
import { FakeClock, HallError, type ConfirmationLevel } from '@hall/contracts';
import { pino } from 'pino';
import { Type } from 'typebox';
import { expect, onTestFinished, test } from 'vitest';
import { defineDriver, type Device, type Driver, type Order } from '../drivers/driver.ts';
import { createBoards } from '../kiosk/boards.ts';
import { applyLease, applyLive, emptyLive, type LiveSet } from '../live/live-set.ts';
import type { NewRecord } from '../outbox/sql.ts';
import { createHallTime } from '../time/hall-time.ts';
import { GEN, stripDocument, tables, windowField } from './fixture.ts';
import type { UnnumberedReport } from './device-report.ts';
import { startDevice, type World } from './device-host.ts';
import { GATHER_MS } from './device-report.ts';

const MAX_AGE_MS = 10_000;

/** A strip that has shown a picture when the test says so, and the world around it. */
async function setup({ there = true } = {}) {
  const clock = new FakeClock();
  const shown: Order[] = [];
  let finish: (() => void) | undefined;
  let level: ConfirmationLevel = 'acknowledged';
  let reachable = there;
  const device: Device<object> = {
    show: async (order) => {
      shown.push(order);
      await new Promise<void>((resolve) => {
        finish = resolve;
      });
      finish = undefined;
      return level;
    },
    read: () => ({}),
    closed: new Promise(() => {}),
    close: async () => finish?.(),
  };
  const driver: Driver = defineDriver({
    id: 'slow',
    title: 'slow',
    models: [],
    reaches: 'acknowledged',
    config: Type.Object({}),
    state: Type.Object({}),
    open: async () => {
      if (!reachable) throw new HallError('DEVICE_OFFLINE');
      return device;
    },
  });
  let live: LiveSet = emptyLive(GEN);
  const reports: UnnumberedReport[] = [];
  const records: NewRecord[] = [];
  let decisions = 0;
  const world: World = {
    clock,
    random: () => 0,
    log: pino({ level: 'silent' }),
    epoch: '00000000-0000-4000-8000-000000000000',
    hallTime: createHallTime(clock, undefined),
    boards: createBoards(clock),
    startedMs: clock.machine.nowMs(),
    driverOf: () => driver,
    live: () => live,
    // Asked for once by each decision.
    blanked: () => false,
    tables: () => {
      decisions += 1;
      return tables;
    },
    append: (record) => records.push(record),
    overrides: () => [],
    report: async (_, report) => reports.push(report),
  };
  const host = startDevice(stripDocument({ driver: 'slow', settings: {} }, MAX_AGE_MS), world);
  onTestFinished(async () => {
    const closed = host.close();
    finish?.();
    await Promise.race([closed, clock.advance(1)]);
  });
  let seq = 0;
  await clock.advance(1);
  return {
    clock,
    shown,
    reports,
    records,
    texts: () => shown.map(({ text }) => text.join(' ')),
    decisions: () => decisions,
    call(ticket: string) {
      seq += 1;
      const nowMs = clock.machine.nowMs();
      const message = { gen: GEN, after: seq - 1, head: seq, full: false, fields: [windowField(ticket, seq)] };
      const step = applyLive(live, message, nowMs);
      const hallTime = { hallMs: clock.hall.nowMs(), speed: 1 };
      live = applyLease(step.set, { gen: GEN, head: seq, fresh: true, hallTime }, nowMs).set;
      host.lookIfBound(step.changed);
    },
    vouch() {
      const hallTime = { hallMs: clock.hall.nowMs(), speed: 1 };
      live = applyLease(live, { gen: GEN, head: seq, fresh: true, hallTime }, clock.machine.nowMs()).set;
      host.lookIfStale();
    },
    answer: (next: ConfirmationLevel) => void (level = next),
    async finish() {
      finish?.();
      await clock.advance(0);
    },
    appear: () => void (reachable = true),
  };
}

/** Lets what was begun in this turn of the event loop go on, without ending it. */
const restOfTurn = async () => {
  for (let step = 0; step < 10; step += 1) await Promise.resolve();
};

test('a device that is free is told in the same turn', async () => {
  const { call, finish, texts } = await setup();
  await finish();
  call('A001');
  await restOfTurn();
  expect(texts().at(-1)).toMatch(/A001/);
});

test('however often a field changes while the device is busy: one decision, one picture, the newest', async () => {
  const { call, clock, finish, texts, decisions, reports } = await setup();
  await finish();
  call('A001');
  await restOfTurn();
  const [decided, shown] = [decisions(), texts().length];
  for (let ticket = 2; ticket <= 50; ticket += 1) call(`A${String(ticket).padStart(3, '0')}`);
  await finish();
  expect(decisions() - decided).toBe(1);
  expect(texts().slice(shown)).toEqual([expect.stringMatching(/A050/)]);
  await finish();
  await clock.advance(GATHER_MS);
  expect(reports.at(-1)?.screen).toMatchObject({ level: 'acknowledged', fields: { 'window/w1': 50 } });
  expect(texts()).toHaveLength(shown + 1);
});

test('a picture that was too old when its turn came is not reported as shown, and is shown once it is vouched for again', async () => {
  const { answer, call, clock, finish, records, shown, vouch } = await setup();
  await finish();
  call('A001');
  await restOfTurn();
  answer('none');
  await finish();
  const tries = shown.length;
  const confirmed = () => records.filter(({ type, data }) => type === 'screen.confirmed' && data['hash'] === shown.at(-1)?.hash);
  expect(confirmed()).toEqual([]);
  answer('acknowledged');
  await clock.advance(MAX_AGE_MS - 1000);
  vouch();
  await clock.advance(1001);
  expect(shown.slice(tries)).toEqual([shown[tries - 1]]);
  await finish();
  expect(confirmed()).toHaveLength(1);
});

test('what vouches for a newer call does not vouch for the picture of the one before', async () => {
  const { call, clock, finish, shown, vouch } = await setup();
  await finish();
  call('A001');
  await restOfTurn();
  const first = shown.at(-1);
  const untilMs = clock.machine.nowMs() + MAX_AGE_MS;
  expect(first?.vouchedUntilMs()).toBe(untilMs);
  await clock.advance(3000);
  vouch();
  expect(first?.vouchedUntilMs()).toBe(untilMs + 3000);
  await clock.advance(1000);
  call('A002');
  expect(first?.vouchedUntilMs()).toBe(untilMs + 3000);
});

test('changes that come in one turn are decided once', async () => {
  const { call, finish, texts, decisions } = await setup();
  await finish();
  const [decided, shown] = [decisions(), texts().length];
  call('A001');
  call('A002');
  await restOfTurn();
  expect(decisions() - decided).toBe(1);
  expect(texts().slice(shown)).toEqual([expect.stringMatching(/A002/)]);
});

test('a device that is busy for long is reported with what it should show within a second, and again after each change', async () => {
  const { call, clock, finish, reports } = await setup();
  await finish();
  call('A001');
  await restOfTurn();
  for (let seq = 2; seq < 6; seq += 1) {
    call(`A00${seq}`);
    await clock.advance(1000);
    expect(reports.at(-1)?.screen).toMatchObject({ level: 'none', fields: { 'window/w1': seq } });
    expect(reports.at(-1)?.screen?.text.join()).toMatch(`A00${seq}`);
  }
});

test('a device that is overtaken all the time is reported with what it should show every second', async () => {
  const { call, clock, finish, reports } = await setup();
  await finish();
  for (let seq = 1; seq <= 40; seq += 1) {
    call(`A${String(seq).padStart(3, '0')}`);
    await clock.advance(100);
    await finish();
    const fields = reports.at(-1)?.screen?.fields ?? {};
    expect(fields['window/w1'] ?? 0).toBeGreaterThanOrEqual(seq - 11);
  }
});

test('a device that is away is reported with the newest decision, and shows it when it comes back', async () => {
  const { call, clock, reports, appear, texts, decisions } = await setup({ there: false });
  const decided = decisions();
  for (let ticket = 1; ticket <= 9; ticket += 1) call(`A00${ticket}`);
  await clock.advance(500);
  expect(decisions() - decided).toBe(1);
  expect(reports.at(-1)).toMatchObject({ link: 'offline', screen: { level: 'none', fields: { 'window/w1': 9 } } });
  call('A010');
  appear();
  await clock.advance(2000);
  expect(texts()).toEqual([expect.stringMatching(/A010/)]);
});

test('a busy device is found stale on time, and told so before anything else', async () => {
  const { call, clock, finish, reports, texts } = await setup();
  await finish();
  call('A001');
  await clock.advance(MAX_AGE_MS - 1);
  expect(reports.at(-1)?.screen).toMatchObject({ freshness: 'live', level: 'none' });
  await clock.advance(501);
  expect(reports.at(-1)?.screen).toMatchObject({ freshness: 'stale', level: 'none' });
  const shown = texts().length;
  await finish();
  expect(texts().slice(shown)).toEqual([expect.not.stringMatching(/A001/)]);
});

test('a change that waits for a busy device does not put off the moment its fields grow too old', async () => {
  const { call, clock, finish, texts } = await setup();
  await finish();
  call('A001');
  await restOfTurn();
  call('A002');
  await clock.advance(MAX_AGE_MS + 1);
  const shown = texts().length;
  await finish();
  expect(texts().slice(shown)).toEqual([expect.not.stringMatching(/A00/)]);
});
