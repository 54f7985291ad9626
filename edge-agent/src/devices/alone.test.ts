/** A day and a night without a server: plans go on by the clock of the hall, and no screen is ever blank. */
import { FakeClock, type Layer } from '@hall/contracts';
import { localTime } from '@hall/model';
import { pino } from 'pino';
import { expect, onTestFinished, test } from 'vitest';
import { Type } from 'typebox';
import { defineDriver } from '../drivers/driver.ts';
import { createBoards } from '../kiosk/boards.ts';
import { applyLease, applyLive, emptyLive } from '../live/live-set.ts';
import { createHallTime } from '../time/hall-time.ts';
import type { Document } from '../twin/reconcile.ts';
import { GEN, stripDocument, tables, windowField } from './fixture.ts';
import type { UnnumberedReport } from './device-report.ts';
import { startDevice } from './device-host.ts';

const STEP_MS = 10 * 60_000;
const STEPS = 144;

/** The strip of window 01, over which the neutral text of window 02 is taken over in a span of hall time. */
function withTakeover(validFrom: number, validTo: number): Document {
  const document = stripDocument({ driver: 'kiosk', settings: {} });
  const takeover: Layer = {
    id: 'lunch',
    class: 'takeover',
    seq: 0,
    content: { template: 'strip-neutral', parameters: { window: 'w2' }, bindings: [] },
    validFrom,
    validTo,
    source: { kind: 'person', id: 'editor' },
  };
  const { plan } = document;
  if (!plan) throw new Error('the strip has a plan');
  return { ...document, plan: { ...plan, regions: plan.regions.map((one) => ({ ...one, layers: [...one.layers, takeover] })) } };
}

/** A screen that takes everything and does nothing by itself. */
const still = defineDriver({
  id: 'still',
  title: 'still',
  models: [],
  reaches: 'acknowledged',
  config: Type.Object({}),
  state: Type.Object({}),
  open: async () => {
    let end: (reason: undefined) => void = () => {};
    const closed = new Promise<undefined>((resolve) => {
      end = resolve;
    });
    return { show: async () => 'acknowledged' as const, read: () => ({}), closed, close: async () => end(undefined) };
  },
});

test('schedules begin and end on time, the number of the last call is gone after its age, nothing is blank', async () => {
  const clock = new FakeClock();
  const startMs = clock.hall.nowMs();
  const boards = createBoards(clock);
  const [fromMs, toMs] = [startMs + 10 * STEP_MS, startMs + 19 * STEP_MS];
  const document = withTakeover(fromMs, toMs);
  const field = windowField('A001', 1);
  const step = applyLive(emptyLive(GEN), { gen: GEN, after: 0, head: 1, full: false, fields: [field] }, 0);
  const live = applyLease(step.set, { gen: GEN, head: 1, fresh: true, hallTime: { hallMs: startMs, speed: 1 } }, 0).set;
  const reports: UnnumberedReport[] = [];
  const names = { ...tables.names, windows: { ...tables.names.windows, w2: { number: '02' } } };
  const host = startDevice(document, {
    clock,
    random: () => 0,
    log: pino({ level: 'silent' }),
    epoch: '00000000-0000-4000-8000-000000000000',
    hallTime: createHallTime(clock, undefined),
    boards,
    startedMs: 0,
    driverOf: () => still,
    live: () => live,
    tables: () => ({ ...tables, names }),
    blanked: () => false,
    overrides: () => [],
    append: () => {},
    report: async (_, report) => reports.push(report),
  });
  onTestFinished(async () => {
    await host.close();
  });
  await clock.advance(1000);
  expect(host.state().screen?.text.join(' ')).toContain('A001');
  const seen: { at: string; right: boolean }[] = [];
  for (let n = 1; n <= STEPS; n += 1) {
    await clock.advance(STEP_MS - (n === 1 ? 1000 : 0));
    const now = clock.hall.nowMs();
    const text = host.state().screen?.text.join(' ') ?? '';
    const own = now >= fromMs && now < toMs ? '02' : '01';
    seen.push({
      at: localTime('Asia/Shanghai', now),
      right: text.startsWith(own) && text.includes('叫号') && !text.includes('A001'),
    });
  }
  expect(seen).toHaveLength(STEPS);
  expect(seen.filter(({ right }) => !right)).toEqual([]);
  expect(reports.filter(({ screen }) => screen && screen.text.join('').trim() === '')).toEqual([]);
}, 60_000);
