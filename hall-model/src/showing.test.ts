import type { Content, Layer, Live, LiveField, ScreenPlan } from '@hall/contracts';
import { layerClasses } from '@hall/contracts';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { planFor } from './plan.ts';
import { sampleHall } from './sample-hall.ts';
import { showing } from './showing.ts';

const content = (template: string, ...bindings: string[]): Content => ({ template, parameters: {}, bindings });
const layer = (id: string, cls: Layer['class'], extra: Partial<Layer> = {}): Layer => ({
  id,
  class: cls,
  seq: 0,
  content: content(id),
  source: { kind: 'rule', id: `rule-${id}` },
  ...extra,
});
const planOf = (...layers: Layer[]): ScreenPlan => ({
  widthPx: 192,
  heightPx: 32,
  maxAgeMs: 30_000,
  safeAfterMs: 300_000,
  regions: [{ id: 'main', layers }],
});
const fieldOf = (key: string): LiveField => {
  const [kind, id = ''] = key.split('/');
  const value: LiveField['value'] =
    kind === 'window'
      ? { kind: 'window', window: id, state: 'open', department: 'tax', services: [] }
      : { kind: 'queue', service: id, waiting: 3, next: [] };
  return { key, seq: 1, sourceTime: 0, value };
};
const liveOf = (renewed: Record<string, number>): Live =>
  new Map(Object.entries(renewed).map(([key, renewedAtMs]) => [key, { field: fieldOf(key), renewedAtMs }]));
const none: Live = new Map();
const main = (plan: ScreenPlan, live: Live, machineMs = 0, hallMs = 0) => {
  const answer = showing(plan, live, { machineMs, hallMs });
  const [region] = answer.regions;
  if (!region) throw new Error('no region');
  return { ...answer, region };
};
const bound = layer('window', 'window_state', {
  content: content('window-strip', 'window/w1'),
  stale: content('neutral'),
  safe: content('safe'),
});

describe('of layers that compete', () => {
  test('the class decides, whatever the order of the list', () => {
    const all = layerClasses.map((cls) => layer(cls.replace('_', '-'), cls));
    for (let from = 0; from < all.length; from += 1) {
      const expected = layerClasses[from];
      expect(main(planOf(...all.slice(from).toReversed()), none).region.class).toBe(expected);
    }
  });

  test('within a class the higher seq wins', () => {
    const plan = planOf(layer('old', 'programme', { seq: 1 }), layer('new', 'programme', { seq: 2 }));
    expect(main(plan, none).region).toMatchObject({
      layer: 'new',
      reasons: [
        { layer: 'new', verdict: 'shown', source: 'rule:rule-new' },
        { layer: 'old', verdict: 'weaker', source: 'rule:rule-old' },
      ],
    });
  });

  test('an emergency is alone on the screen', () => {
    const plan: ScreenPlan = {
      ...planOf(),
      regions: [
        { id: 'top', layers: [layer('fire', 'emergency', { validTo: 100 }), layer('a', 'default')] },
        { id: 'bottom', layers: [layer('b', 'call')] },
      ],
    };
    const regionsAt = (hallMs: number) =>
      showing(plan, none, { hallMs, machineMs: 0 }).regions.map((region) => [region.region, region.content.template]);
    expect(regionsAt(99)).toEqual([
      ['top', 'fire'],
      ['bottom', 'blank'],
    ]);
    expect(regionsAt(100)).toEqual([
      ['top', 'a'],
      ['bottom', 'b'],
    ]);
  });
});

describe('a validity window', () => {
  const plan = planOf(layer('notice', 'programme', { validFrom: 1000, validTo: 2000 }), layer('rest', 'default'));

  test.each([
    [999, 'rest', 'not_yet', 1000],
    [1000, 'notice', 'shown', 2000],
    [1999, 'notice', 'shown', 2000],
    [2000, 'rest', 'over', undefined],
  ])('at %d shows %s', (hallMs, shown, verdict, nextHallMs) => {
    const answer = main(plan, none, 0, hallMs);
    expect(answer.region.layer).toBe(shown);
    expect(answer.region.reasons[0]?.verdict).toBe(verdict);
    expect(answer.nextHallMs).toBe(nextHallMs);
  });

  test('with no valid layer the region is blank', () => {
    const answer = main(planOf(layer('notice', 'programme', { validTo: 5 })), none, 0, 5);
    expect(answer.region).toMatchObject({ layer: 'none', content: { template: 'blank' }, freshness: 'static' });
  });
});

describe('age', () => {
  const plan = planOf(bound, layer('neutral', 'default'));

  test.each([
    [0, 'window-strip', 'live', 30_000],
    [29_999, 'window-strip', 'live', 30_000],
    [30_000, 'neutral', 'stale', 330_000],
    [329_999, 'neutral', 'stale', 330_000],
    [330_000, 'safe', 'safe', undefined],
  ])('after %d ms without renewal: %s', (machineMs, template, freshness, nextMachineMs) => {
    const answer = main(plan, liveOf({ 'window/w1': 0 }), machineMs);
    expect([answer.region.layer, answer.region.content.template, answer.region.freshness]).toEqual([
      'window',
      template,
      freshness,
    ]);
    expect(answer.nextMachineMs).toBe(nextMachineMs);
    expect(Object.keys(answer.region.values)).toEqual(freshness === 'live' ? ['window/w1'] : []);
  });

  test('a field never received is stale at once, and nothing changes by itself', () => {
    const answer = main(plan, none, 10);
    expect(answer.region).toMatchObject({ layer: 'window', freshness: 'stale', content: { template: 'neutral' } });
    expect(answer.region.reasons[0]).toEqual({ layer: 'window', verdict: 'stale', source: 'rule:rule-window' });
    expect(answer.nextMachineMs).toBeUndefined();
  });

  test('a renewed field lives through a service of any length', () => {
    expect(main(plan, liveOf({ 'window/w1': 2_400_000 }), 2_400_100).region.freshness).toBe('live');
  });

  test('one old field makes the whole layer stale; a missing one is only missing', () => {
    const board = planOf({ ...bound, content: content('board', 'window/w1', 'window/w2', 'queue/licence') });
    expect(main(board, liveOf({ 'window/w1': 50_000, 'window/w2': 10_000 }), 45_000).region.freshness).toBe('stale');
    const partly = main(board, liveOf({ 'window/w1': 50_000 }), 60_000);
    expect(partly.region.freshness).toBe('live');
    expect(Object.keys(partly.region.values)).toEqual(['window/w1']);
  });

  test('a layer without neutral content steps back', () => {
    const { stale: _, safe: __, ...bare } = bound;
    const answer = main(planOf(bare, layer('rest', 'default')), liveOf({ 'window/w1': 0 }), 40_000);
    expect(answer.region.layer).toBe('rest');
    expect(answer.region.reasons.map(({ verdict }) => verdict)).toEqual(['stale', 'shown']);
  });

  test('the sample strip falls back to its neutral text', () => {
    const [strip] = sampleHall.devices;
    const strips = strip && planFor(strip, sampleHall);
    if (!strips) throw new Error('no plan');
    expect(main(strips, liveOf({ 'window/w1': 0 }), 29_999).region.content.template).toBe('window-strip');
    expect(main(strips, liveOf({ 'window/w1': 0 }), 30_000).region.content.template).toBe('strip-neutral');
    expect(main(strips, none).region.content.template).toBe('strip-neutral');
  });
});

const keys = ['window/w1', 'window/w2', 'queue/licence'];
const arbContent = fc.record({
  template: fc.constantFrom('t1', 't2', 't3'),
  parameters: fc.constant({}),
  bindings: fc.subarray(keys),
});
const arbBoundary = fc.option(fc.integer({ min: 0, max: 40 }), { nil: undefined });
const arbLayers = fc
  .array(
    fc.record({
      class: fc.constantFrom(...layerClasses),
      content: arbContent,
      stale: fc.option(arbContent, { nil: undefined }),
      safe: fc.option(arbContent, { nil: undefined }),
      validFrom: arbBoundary,
      validTo: arbBoundary,
    }),
    { minLength: 1, maxLength: 6 },
  )
  .map((rows) =>
    rows.map(({ class: cls, content: given, ...optional }, at) => {
      const present = Object.fromEntries(Object.entries(optional).filter(([, value]) => value !== undefined));
      return layer(`l${at}`, cls, { seq: at, content: given, ...present });
    }),
  );
const arbPlan: fc.Arbitrary<ScreenPlan> = fc.tuple(arbLayers, fc.option(arbLayers)).map(([first, second]) => ({
  ...planOf(),
  maxAgeMs: 10,
  safeAfterMs: 15,
  regions: [{ id: 'r1', layers: first }, ...(second ? [{ id: 'r2', layers: second }] : [])],
}));
const arbLive = fc
  .dictionary(fc.constantFrom(...keys), fc.integer({ min: 0, max: 40 }), { noNullPrototype: true })
  .map((renewed) => liveOf(renewed));
const arbMoment = fc.record({ hallMs: fc.integer({ min: 0, max: 40 }), machineMs: fc.integer({ min: 0, max: 60 }) });

describe('for every plan', () => {
  test('each region shows exactly one thing', () => {
    fc.assert(
      fc.property(arbPlan, arbLive, arbMoment, (plan, live, moment) => {
        const { regions } = showing(plan, live, moment);
        expect(regions.map(({ region }) => region)).toEqual(plan.regions.map(({ id }) => id));
        for (const [at, region] of regions.entries()) {
          expect(region.reasons.map((reason) => reason.layer).toSorted((a, b) => a.localeCompare(b))).toEqual(
            plan.regions[at]?.layers.map(({ id }) => id),
          );
        }
      }),
    );
  });

  test('the order in which layers are listed makes no difference', () => {
    const arb = arbPlan.chain((plan) =>
      fc.tuple(
        fc.constant(plan),
        fc.tuple(...plan.regions.map(({ layers }) => fc.shuffledSubarray(layers, { minLength: layers.length }))),
      ),
    );
    fc.assert(
      fc.property(arb, arbLive, arbMoment, ([plan, shuffled], live, moment) => {
        const other = { ...plan, regions: plan.regions.map((region, at) => ({ ...region, layers: shuffled[at] ?? [] })) };
        expect(showing(other, live, moment)).toEqual(showing(plan, live, moment));
      }),
    );
  });

  test('nothing changes before the next moments, and there is always a next one before a change', () => {
    fc.assert(
      fc.property(arbPlan, arbLive, arbMoment, fc.nat(60), fc.nat(60), (plan, live, moment, machine, hall) => {
        const now = showing(plan, live, moment);
        const later = {
          machineMs: Math.min(moment.machineMs + machine, (now.nextMachineMs ?? Infinity) - 1),
          hallMs: Math.min(moment.hallMs + hall, (now.nextHallMs ?? Infinity) - 1),
        };
        expect(now.nextMachineMs ?? Infinity).toBeGreaterThan(moment.machineMs);
        expect(now.nextHallMs ?? Infinity).toBeGreaterThan(moment.hallMs);
        expect(showing(plan, live, later)).toEqual(now);
      }),
      { numRuns: 500 },
    );
  });

  test('what is over or not yet valid is not shown, and no old value is', () => {
    fc.assert(
      fc.property(arbPlan, arbLive, arbMoment, (plan, live, moment) => {
        for (const [at, region] of showing(plan, live, moment).regions.entries()) {
          const shown = plan.regions[at]?.layers.find(({ id }) => id === region.layer);
          expect(shown?.validFrom ?? -1).toBeLessThanOrEqual(moment.hallMs);
          expect(shown?.validTo ?? Infinity).toBeGreaterThan(moment.hallMs);
          for (const key of Object.keys(region.values)) {
            expect(region.content.bindings).toContain(key);
            expect(moment.machineMs - (live.get(key)?.renewedAtMs ?? -Infinity)).toBeLessThan(plan.maxAgeMs);
          }
          const bindings = region.freshness === 'live' ? region.content.bindings : [];
          for (const key of bindings) expect(region.values[key]).toEqual(live.get(key)?.field.value);
        }
      }),
      { numRuns: 500 },
    );
  });

  test('a stronger valid layer without live fields always wins', () => {
    fc.assert(
      fc.property(arbPlan, arbLive, arbMoment, (plan, live, moment) => {
        const top = layer('top', 'emergency', { seq: 99 });
        const with_ = { ...plan, regions: [{ id: 'r1', layers: [...(plan.regions[0]?.layers ?? []), top] }] };
        expect(showing(with_, live, moment).regions[0]?.layer).toBe('top');
      }),
    );
  });
});
