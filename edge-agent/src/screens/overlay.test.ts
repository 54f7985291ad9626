import fc from 'fast-check';
import { expect, test } from 'vitest';
import { stripDocument, tables } from '../devices/fixture.ts';
import { emptyLive } from '../live/live-set.ts';
import type { JournalCommand } from '../commands/sql.ts';
import { decide, liveFor } from './decide.ts';
import {
  fromStored,
  inForce,
  isAsCommanded,
  nextEndMs,
  overlaid,
  overridesAfter,
  panelOf,
  toStored,
  type Overrides,
} from './overlay.ts';

const document = stripDocument({ driver: 'onbon-k', settings: {} });
const { device } = document;
function known<T>(value: T | undefined): T {
  if (value === undefined) throw new Error('is not there');
  return value;
}
const plan = known(document.plan);
let made = 0;
const command = (act: JournalCommand['act'], given: JournalCommand['arguments']): JournalCommand => {
  made += 1;
  return { id: `c-${made}`, act, device: device.id, arguments: given };
};
const after = (overrides: Overrides, given: JournalCommand, atMs = 0): Overrides => overridesAfter(overrides, given, atMs) ?? [];
const shown = (overrides: Overrides, machineMs = 0, own = plan) => {
  const over = overlaid(own, device, inForce(overrides, machineMs));
  const panel = panelOf(inForce(overrides, machineMs));
  const moment = { machineMs, hallMs: Date.UTC(2026, 10, 23, 2, 20) };
  const { drawing } = decide({ plan: over, size: own, tables, live: liveFor(over, emptyLive('g'), 0), moment, wallMs: 0, panel });
  return drawing;
};

test('a name is shown for its seconds and goes by itself; the picture of the plan is there again', () => {
  const plain = shown([]);
  const overrides = after([], command('identify', { seconds: 10 }));
  expect(shown(overrides, 9999).text).toEqual(['01', '一号窗口']);
  expect(shown(overrides, 9999).panel).toMatchObject({ on: true, passing: overrides[0]?.command, endsMs: 10_000 });
  expect(nextEndMs(overrides)).toBe(10_000);
  expect(shown(overrides, 10_000)).toEqual(plain);
});

test('black is dark until it is taken back, whatever passes meanwhile; brightness stands beside it', () => {
  const dark = after([], command('black', { on: true }));
  expect(shown(dark, 1e9)).toMatchObject({ text: [], panel: { on: false } });
  const tested = after(dark, command('test_pattern', { seconds: 5 }), 1000);
  expect(shown(tested, 5999).panel.on).toBe(true);
  expect(shown(tested, 6000).panel.on).toBe(false);
  const dimmed = after(tested, command('brightness', { percent: 30 }), 7000);
  expect(shown(dimmed, 7000).panel).toEqual({ on: false, brightness: 30 });
  expect(shown(after(dimmed, command('black', { on: false }), 8000), 8000).panel).toEqual({ on: true, brightness: 30 });
  expect(after(dimmed, command('brightness', { percent: null }), 8000).map(({ slot }) => slot)).toEqual(['black']);
});

test('an emergency is not hidden, and not darkened', () => {
  const region = known(plan.regions[0]);
  const emergency = {
    id: 'alarm',
    class: 'emergency' as const,
    seq: 1,
    content: { template: 'strip-neutral', parameters: {}, bindings: [] },
    source: { kind: 'rule' as const, id: 'fire' },
  };
  const own = { ...plan, regions: [{ ...region, layers: [...region.layers, emergency] }] };
  for (const given of [command('black', { on: true }), command('test_pattern', { seconds: 60 })]) {
    const { panel, text } = shown(after([], given), 0, own);
    expect([panel, text]).toEqual([{ on: true }, shown([], 0, own).text]);
    expect(isAsCommanded(given, panel)).toBe(false);
  }
});

const given = fc.oneof(
  fc.record({ act: fc.constant('identify' as const), arguments: fc.record({ seconds: fc.integer({ min: 1, max: 60 }) }) }),
  fc.record({ act: fc.constant('test_pattern' as const), arguments: fc.record({ seconds: fc.integer({ min: 1, max: 300 }) }) }),
  fc.record({
    act: fc.constant('black' as const),
    arguments: fc.record({ on: fc.boolean(), seconds: fc.integer({ min: 1, max: 900 }) }, { requiredKeys: ['on'] }),
  }),
  fc.record({
    act: fc.constant('brightness' as const),
    arguments: fc.record(
      { percent: fc.option(fc.integer({ min: 0, max: 100 })), seconds: fc.integer({ min: 1, max: 900 }) },
      { requiredKeys: ['percent'] },
    ),
  }),
);
const history = fc.array(fc.record({ given, waitMs: fc.integer({ min: 0, max: 400_000 }) }), { maxLength: 12 });
const play = (steps: Iterable<{ given: { act: JournalCommand['act']; arguments: object }; waitMs: number }>) => {
  let [overrides, atMs]: [Overrides, number] = [[], 0];
  for (const step of steps) {
    atMs += step.waitMs;
    const one = command(step.given.act, { ...step.given.arguments });
    overrides = after(overrides, one, atMs);
    expect(isAsCommanded(one, panelOf(overrides))).toBe(true);
  }
  return { overrides, atMs };
};

test('whatever was commanded: the last one is in force at once, a slot holds one, and all that has an end is over by then', () => {
  fc.assert(
    fc.property(history, (steps) => {
      const { overrides } = play(steps);
      expect(new Set(overrides.map(({ slot }) => slot)).size).toBe(overrides.length);
      const lastMs = Math.max(0, ...overrides.flatMap(({ endsMs }) => endsMs ?? []));
      expect(inForce(overrides, lastMs).every(({ endsMs }) => endsMs === undefined)).toBe(true);
      const lasting = inForce(overrides, lastMs);
      expect(shown(overrides, lastMs)).toEqual(shown(lasting, lastMs));
    }),
  );
});

test('a restart prolongs nothing, however the clock was put meanwhile', () => {
  fc.assert(
    fc.property(history, fc.integer({ min: -86_400_000, max: 86_400_000 }), fc.nat(100_000), (steps, wallStepMs, startMs) => {
      const { overrides, atMs } = play(steps);
      const again = fromStored(toStored(device.id, overrides, atMs, 1e12), startMs, 1e12 + wallStepMs);
      for (const one of again) {
        const before = known(overrides.find(({ slot }) => slot === one.slot));
        expect(one.endsMs === undefined).toBe(before.endsMs === undefined);
        const leftMs = (one.endsMs ?? startMs) - startMs;
        const mostMs = before.endsMs === undefined ? 0 : before.endsMs - atMs - Math.max(0, wallStepMs);
        expect(leftMs).toBeLessThanOrEqual(mostMs);
      }
      const lasting = inForce(overrides, atMs).filter(({ endsMs }) => endsMs === undefined);
      expect(again.filter(({ endsMs }) => endsMs === undefined)).toHaveLength(lasting.length);
    }),
  );
});
