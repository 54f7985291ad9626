import { FakeClock, type LiveField } from '@hall/contracts';
import { pino } from 'pino';
import { expect, onTestFinished, test } from 'vitest';
import { driverOf } from '../drivers/registry.ts';
import { createBoards } from '../kiosk/boards.ts';
import { applyLease, applyLive, emptyLive, type LiveSet } from '../live/live-set.ts';
import type { NewRecord } from '../outbox/sql.ts';
import { createHallTime } from '../time/hall-time.ts';
import { GEN, stripDocument, tables, windowField } from './fixture.ts';
import type { UnnumberedReport } from './device-report.ts';
import { startDevice, type World } from './device-host.ts';

/** A strip on a page that paints at once, and the world around it. */
async function setup() {
  const clock = new FakeClock();
  const boards = createBoards(clock);
  const document = stripDocument({ driver: 'kiosk', settings: {} });
  const leave = boards.join(document.device.id, {
    show: ({ hash }) => void Promise.resolve().then(() => boards.painted(document.device.id, hash)),
    rest: () => {},
  });
  let live: LiveSet = emptyLive(GEN);
  const reports: UnnumberedReport[] = [];
  const records: NewRecord[] = [];
  const world: World = {
    clock,
    random: () => 0,
    log: pino({ level: 'silent' }),
    epoch: '00000000-0000-4000-8000-000000000000',
    hallTime: createHallTime(clock, undefined),
    boards,
    startedMs: clock.machine.nowMs(),
    driverOf,
    live: () => live,
    tables: () => tables,
    overrides: () => [],
    blanked: () => false,
    append: (record) => records.push(record),
    report: async (_, report) => reports.push(report),
  };
  const host = startDevice(document, world);
  onTestFinished(async () => {
    leave();
    await host.close();
  });
  const take = async (field: LiveField) => {
    const { seq } = field;
    const nowMs = clock.machine.nowMs();
    const step = applyLive(live, { gen: GEN, after: seq - 1, head: seq, full: false, fields: [field] }, nowMs);
    live = applyLease(
      step.set,
      { gen: GEN, head: seq, fresh: true, hallTime: { hallMs: clock.hall.nowMs(), speed: 1 } },
      nowMs,
    ).set;
    host.lookIfBound(step.changed);
    await clock.advance(100);
  };
  return { clock, host, reports, records, take };
}

test('a change that draws the same picture is reported with its seq, and what the device said of the picture stays', async () => {
  const { take, reports, records } = await setup();
  await take(windowField('A001', 1));
  const first = reports.at(-1)?.screen;
  expect(first).toMatchObject({ level: 'acknowledged', fields: { 'window/w1': 1 } });
  await take(windowField('A001', 2));
  expect(reports.at(-1)?.screen).toEqual({ ...first, fields: { 'window/w1': 2 } });
  expect(records.filter(({ type }) => type === 'screen.confirmed')).toHaveLength(2);
  const said = reports.length;
  await take(windowField('A001', 2));
  expect(reports).toHaveLength(said);
});
