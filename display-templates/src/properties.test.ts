import type { LiveValue, PauseReason, Tables, WindowState } from '@hall/contracts';
import { pauseReasons, windowStates } from '@hall/contracts';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { boardView, drawingChangesAt, drawPicture, drawScene, sceneFaults, sceneText, templates } from './index.ts';
import { regionOf, type Sample } from './sample.ts';
import sampleTables from './sample-tables.json' with { type: 'json' };

const sample = sampleTables as Tables;
const HALL_MS = Date.UTC(2026, 10, 23, 2, 20);

/** Names as people give them: rare characters beyond the basic plane, emoji, long, Latin, spaces. */
const name = fc.oneof(
  fc.string({ unit: 'binary', minLength: 1, maxLength: 40 }),
  fc.string({ unit: fc.constantFrom('䶮', '𠮷', '龘', '张', 'A', ' ', '…', '(', '😀', '·'), minLength: 1, maxLength: 40 }),
);
const short = fc.option(fc.string({ unit: 'binary', minLength: 1, maxLength: 8 }), { nil: undefined });
const named = fc.record({ zh: name, en: name, short }, { requiredKeys: ['zh'] });

const tablesWith = fc
  .record({ hall: name, department: named, services: fc.array(named, { maxLength: 64 }), staff: name, number: name })
  .map(({ hall, department, services, staff, number }) => ({
    count: services.length,
    tables: {
      calendar: sample.calendar,
      names: {
        hall: { zh: hall },
        departments: { d: department },
        services: Object.fromEntries(services.map((service, at) => [`s${at}`, service])),
        staff: { p: staff },
        windows: { w: { number } },
      },
    } as Tables,
  }));

const live = fc.record(
  {
    state: fc.constantFrom<WindowState>(...windowStates),
    ticket: fc.stringMatching(/^[A-Z]{0,3}[0-9]{1,5}$/),
    calledAt: fc.integer({ min: HALL_MS - 600_000, max: HALL_MS }),
    reason: fc.constantFrom<PauseReason>(...pauseReasons),
    expectedReturnAt: fc.integer({ min: HALL_MS - 600_000, max: HALL_MS + 86_400_000 }),
    staff: fc.constant('p'),
  },
  { requiredKeys: ['state'] },
);

const anything = fc.record({ named: tablesWith, live, language: fc.constantFrom('zh', 'en', 'xx') });
const sampleWith = (values: Sample['values'], freshness: Sample['freshness'], language = 'zh'): Sample => ({
  name: '',
  parameters: { language },
  bindings: ['window/w', 'queue/s0'],
  freshness,
  hallMs: HALL_MS,
  values,
});
const valuesOf = (given: Partial<LiveValue> & { state: WindowState }, services: number): Sample['values'] => ({
  'window/w': {
    kind: 'window',
    window: 'w',
    department: 'd',
    services: Array.from({ length: services }, (_, at) => `s${at}`),
    ...given,
  } as LiveValue,
  'queue/s0': { kind: 'queue', service: 's0', waiting: 100_000, next: ['ABC12345'] },
});

test.each(templates)('$id: no name, however long or rare, leaves its place or stops the drawing', (template) => {
  fc.assert(
    fc.property(anything, ({ named: { tables, count }, live: given, language }) => {
      const region = regionOf(template.id, sampleWith(valuesOf(given as never, count), 'live', language));
      for (const size of template.sizes) {
        const scene = drawScene(region, tables, HALL_MS, size);
        expect(sceneFaults(scene)).toEqual([]);
        if (template.kind === 'strip') drawPicture(scene);
      }
    }),
    { numRuns: 60 },
  );
  expect.hasAssertions();
});

test.each(templates)('$id: no ticket is shown from a value that is stale, nor from a window that is closed', (template) => {
  fc.assert(
    fc.property(live, fc.constantFrom('stale', 'safe', 'live'), (given, freshness) => {
      const dead = freshness === 'live' ? { state: 'closed' as const } : {};
      const values = valuesOf({ ...given, ticket: 'Z98765', ...dead } as never, 1);
      const region = regionOf(template.id, sampleWith({ 'window/w': values['window/w'] as LiveValue }, freshness));
      for (const size of template.sizes) {
        expect(sceneText(drawScene(region, sample, HALL_MS, size)).join()).not.toContain('Z98765');
      }
    }),
    { numRuns: 40 },
  );
  expect.hasAssertions();
});

test('a called ticket is whole on every strip, whatever else there is to say', () => {
  const strip = templates.find(({ id }) => id === 'window-strip');
  fc.assert(
    fc.property(anything, ({ named: { tables, count }, live: given }) => {
      fc.pre(given.ticket !== undefined && (given.state === 'open' || given.state === 'serving'));
      const region = regionOf('window-strip', sampleWith(valuesOf(given as never, count), 'live'));
      for (const size of strip?.sizes ?? []) {
        const text = sceneText(drawScene(region, tables, HALL_MS, size));
        expect(text.some((line) => line.endsWith(given.ticket ?? '-'))).toBe(true);
      }
    }),
    { numRuns: 100 },
  );
  expect.hasAssertions();
});

test('screens of any size stay whole: the next smaller layout is taken, or nothing', () => {
  const size = fc.record({ widthPx: fc.integer({ min: 16, max: 2000 }), heightPx: fc.integer({ min: 8, max: 1200 }) });
  const id = fc.constantFrom(...templates.map((template) => template.id), 'of-a-later-release');
  fc.assert(
    fc.property(id, size, (template, px) => {
      const values = valuesOf({ state: 'serving', ticket: 'A012' } as never, 3);
      expect(sceneFaults(drawScene(regionOf(template, sampleWith(values, 'live')), sample, HALL_MS, px))).toEqual([]);
    }),
  );
  expect.hasAssertions();
});

test.each(['window-strip', 'queue-board'])('%s: until the announced time the same is drawn, whatever the hour', (template) => {
  const hallMs = fc.integer({ min: HALL_MS - 10 * 86_400_000, max: HALL_MS + 10 * 86_400_000 });
  const region = (values: Sample['values']) => regionOf(template, sampleWith(values, 'live'));
  const drawn = (values: Sample['values'], atMs: number) => {
    const { clock: _, date: __, ...view } = boardView(region(values), sample, atMs);
    const texts = [
      { widthPx: 320, heightPx: 48 },
      { widthPx: 1280, heightPx: 720 },
    ].map((size) => sceneText(drawScene(region(values), sample, atMs, size)));
    return JSON.stringify([view, texts]);
  };
  fc.assert(
    fc.property(live, hallMs, fc.double({ min: 0, max: 1, noNaN: true }), (given, nowMs, share) => {
      const ends = { calledAt: nowMs - 5000, expectedReturnAt: nowMs + 60_000 };
      const { ['window/w']: value } = valuesOf({ ...given, ...ends } as never, 1);
      const values = { 'window/w': value as LiveValue };
      const until = drawingChangesAt(region(values), sample, nowMs) ?? nowMs + 30 * 86_400_000;
      expect(until).toBeGreaterThan(nowMs);
      expect(drawn(values, nowMs + Math.floor((until - nowMs - 1) * share))).toBe(drawn(values, nowMs));
    }),
    { numRuns: 200 },
  );
  expect.hasAssertions();
});
