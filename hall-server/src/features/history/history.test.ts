import { conditions, type Condition, type DeviceView, type HallCalendar } from '@hall/contracts';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { openInMemory } from '../../platform/store/database.ts';
import { emptyContent } from '../content/store.ts';
import { conditionOf } from './condition.ts';
import { createObserver, type Observer } from './observer.ts';
import { createHistoryStore } from './store.ts';
import { reading, thin, thinning, type Bucket } from './thin.ts';
import { conditionTimes, openSpans, uptimeOf, type ConditionChange } from './uptime.ts';
import { historyWrites } from './writes.ts';

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;
/** Monday 09:00 in Shanghai. */
const OPENS = Date.UTC(2026, 10, 23, 1, 0);
const calendar: HallCalendar = { ...emptyContent.calendar, tailMinutes: 0 };
const context = { nowMs: 0, changed: () => {} };

const total = (buckets: readonly Bucket[]) => ({
  n: buckets.reduce((sum, { n }) => sum + n, 0),
  sum: buckets.reduce((sum, bucket) => sum + bucket.sum, 0),
  min: Math.min(...buckets.map(({ min }) => min)),
  max: Math.max(...buckets.map(({ max }) => max)),
  last: buckets.at(-1)?.last,
});
const arbReadings = fc
  .array(fc.tuple(fc.integer({ min: 0, max: 3 * HOUR }), fc.integer({ min: -1000, max: 1000 })), { minLength: 1, maxLength: 60 })
  .map((rows) => rows.toSorted(([a], [b]) => a - b).map(([at, value]) => reading(at, value)));

describe('thinning', () => {
  test('keeps counts, sums, extremes and the newest, at whole steps', () => {
    fc.assert(
      fc.property(arbReadings, fc.constantFrom(5 * MINUTE, HOUR), (readings, step) => {
        const buckets = thin(readings, step);
        expect(total(buckets)).toEqual(total(readings));
        expect(buckets.every(({ at }) => at % step === 0)).toBe(true);
        expect(new Set(buckets.map(({ at }) => at)).size).toBe(buckets.length);
      }),
    );
  });
  test('by way of five minutes it comes to the same hours', () => {
    fc.assert(
      fc.property(arbReadings, (readings) => {
        expect(thin(thin(readings, 5 * MINUTE), HOUR)).toEqual(thin(readings, HOUR));
      }),
    );
  });

  test('in the store it goes in small steps, and what is asked for is the same before and after', () => {
    fc.assert(
      fc.property(arbReadings, fc.integer({ min: 1, max: 7 }), (readings, limit) => {
        const db = openInMemory();
        const store = createHistoryStore(db);
        const unique = [...new Map(readings.map((each) => [each.at, each])).values()];
        const rows = unique.map(({ at, last: value }) => ({ device: 'd', metric: 'm', at, value }));
        historyWrites['history.record'](db, { states: [], readings: rows, watchedAt: 0 }, context);
        const asBuckets = () =>
          store
            .points('d', 'm', 0, 10 * DAY, 1000)
            .map(({ at, n, min, mean, max, last }) => ({ at, n, min, max, sum: mean * n, last }));
        const before = total(asBuckets());
        for (const now of [2 * DAY + 4 * HOUR, 32 * DAY]) {
          while (historyWrites['history.retain'](db, { now, limit }, context).removed > 0);
          const after = total(asBuckets());
          expect({ ...after, sum: 0 }).toEqual({ ...before, sum: 0 });
          expect(after.sum).toBeCloseTo(before.sum, 6);
        }
        expect(asBuckets().map(({ at }) => at)).toEqual(thin(unique, HOUR).map(({ at }) => at));
        while (historyWrites['history.retain'](db, { now: 500 * DAY, limit }, context).removed > 0);
        expect(asBuckets()).toEqual([]);
        db.close();
      }),
      { numRuns: 15 },
    );
  });

  test('the state that holds is never removed, however old', () => {
    const db = openInMemory();
    const states = [1, 2, 3].map((at) => ({ device: 'd', kind: 'link' as const, at: at * DAY, value: `v${at}` }));
    historyWrites['history.record'](db, { states, readings: [], watchedAt: 0 }, context);
    while (historyWrites['history.retain'](db, { now: 900 * DAY, limit: 1 }, context).removed > 0);
    expect(createHistoryStore(db).states('d', 800 * DAY, 900 * DAY, 10)).toEqual([{ at: 3 * DAY, kind: 'link', value: 'v3' }]);
  });

  test('steps follow each other', () => {
    expect(thinning[0].to).toBe(thinning[1].from);
  });
});

const view = (more: Partial<DeviceView> = {}, freshness: 'live' | 'stale' | 'safe' = 'live'): DeviceView => ({
  id: 'd',
  name: 'd',
  agent: 'edge-1',
  agentPresence: 'online',
  driver: 'onbon-k',
  desired: { gen: 'g', ver: 1 },
  applied: null,
  difference: [],
  differenceSince: null,
  settings: {},
  reported: {
    epoch: 'e',
    seq: 1,
    at: 0,
    link: 'online',
    since: 0,
    screen: { hash: '', text: [], freshness, level: 'acknowledged', decidedAt: 0, fields: {} },
    counters: { frames: 1 },
  },
  reportedAt: 0,
  ...more,
});
const outside = { maintenance: false, override: '' };

test('a screen is right, stale, offline or under maintenance', () => {
  expect(conditionOf(view(), outside)).toBe('right');
  expect([conditionOf(view({}, 'stale'), outside), conditionOf(view({}, 'safe'), outside)]).toEqual(['stale', 'stale']);
  expect(conditionOf(view({ agentPresence: 'lost' }), outside)).toBe('offline');
  expect(conditionOf(view({ reported: null }), outside)).toBe('offline');
  expect(conditionOf(view({ reported: null }), { ...outside, maintenance: true })).toBe('maintenance');
});

describe('the observer', () => {
  const lookAt = (observer: Observer, now: number, seen: DeviceView | undefined, known = true) => {
    observer.touch('d');
    observer.look(now, () => seen && { view: seen, outside, known });
  };
  test('leaves nothing for a report that changes nothing', () => {
    const observer = createObserver([]);
    lookAt(observer, 0, view());
    expect(observer.take().states.map(({ kind, value }) => `${kind} ${value}`)).toEqual([
      'condition right',
      'presence online',
      'link online',
      'freshness live',
    ]);
    for (let at = 1; at < 50; at += 1) lookAt(observer, at * 1000, view());
    expect(observer.take()).toEqual({ states: [], readings: [] });
  });
  test('goes on after a restart where the store ends', () => {
    const observer = createObserver([
      { device: 'd', kind: 'condition', value: 'right' },
      { device: 'd', kind: 'presence', value: 'online' },
    ]);
    lookAt(observer, 0, view(), false);
    expect(observer.take().states).toEqual([{ device: 'd', kind: 'condition', at: 0, value: 'unknown' }]);
    lookAt(observer, 1, view());
    expect(observer.take().states.map(({ kind }) => kind)).toEqual(['condition', 'link', 'freshness']);
  });
  test('keeps numbers once a minute, and a device that flaps does not fill the store', () => {
    const observer = createObserver([]);
    const { reported } = view();
    if (!reported) throw new Error('the sample has reported');
    for (let second = 0; second < 3600; second += 1) {
      const flapping = view({ agentPresence: second % 2 === 0 ? 'online' : 'lost' });
      lookAt(observer, second * 1000, { ...flapping, reported: { ...reported, counters: { frames: second } } });
    }
    const { states, readings } = observer.take();
    expect(states.length).toBeLessThan(250);
    expect(readings.length).toBeLessThanOrEqual(61);
    expect(readings.length).toBeGreaterThan(55);
  });
  test('a device that is gone is unknown from then on', () => {
    const observer = createObserver([]);
    lookAt(observer, 0, view());
    observer.take();
    lookAt(observer, 5, undefined);
    expect(observer.take().states).toEqual([{ device: 'd', kind: 'condition', at: 5, value: 'unknown' }]);
  });
  test('keeps what could not be written, the newest of it', () => {
    const observer = createObserver([]);
    lookAt(observer, 0, view());
    const gathered = observer.take();
    observer.putBack(gathered, 2);
    expect(observer.take().states).toEqual(gathered.states.slice(-2));
  });
});

const arbChanges: fc.Arbitrary<ConditionChange[]> = fc
  .array(fc.tuple(fc.integer({ min: -DAY, max: 4 * DAY }), fc.constantFrom<Condition>(...conditions)), { maxLength: 30 })
  .map((rows) => rows.toSorted(([a], [b]) => a - b).map(([at, value]) => ({ at: OPENS + at, value })));
const sumOf = (days: ReturnType<typeof conditionTimes>) =>
  Object.fromEntries(conditions.map((each) => [each, [...days.values()].reduce((sum, times) => sum + times[each], 0)]));

describe('uptime', () => {
  test('counts opening hours alone', () => {
    const changes: ConditionChange[] = [
      { at: OPENS - HOUR, value: 'right' },
      { at: OPENS + HOUR, value: 'offline' },
      { at: OPENS + 2 * HOUR, value: 'stale' },
      { at: OPENS + 2.5 * HOUR, value: 'maintenance' },
      { at: OPENS + 3 * HOUR, value: 'right' },
    ];
    const times = conditionTimes(changes, openSpans(calendar, OPENS - 9 * HOUR, OPENS + 15 * HOUR));
    // 09:00 to 12:00 and 13:30 to 17:00
    expect([...times]).toEqual([
      ['2026-11-23', { right: 4.5 * HOUR, offline: HOUR, stale: HOUR / 2, maintenance: HOUR / 2, unknown: 0 }],
    ]);
    expect(uptimeOf({ right: 4.5, offline: 1, stale: 0.5, maintenance: 0.5, unknown: 0 })).toBe(0.75);
    expect(uptimeOf({ right: 0, offline: 0, stale: 0, maintenance: 5, unknown: 5 })).toBeNull();
  });

  test('every moment of the opening hours is counted once', () => {
    fc.assert(
      fc.property(
        arbChanges,
        fc.integer({ min: 0, max: 3 * DAY }),
        fc.integer({ min: 0, max: 3 * DAY }),
        (changes, from, length) => {
          const spans = openSpans(calendar, OPENS + from, OPENS + from + length);
          const counted = Object.values(sumOf(conditionTimes(changes, spans))).reduce((sum, ms) => sum + ms, 0);
          expect(counted).toBe(spans.reduce((sum, span) => sum + span.to - span.from, 0));
        },
      ),
    );
  });

  test('a span is the sum of its parts', () => {
    fc.assert(
      fc.property(arbChanges, fc.integer({ min: 0, max: 4 * DAY }), (changes, cut) => {
        const part = (from: number, to: number) => sumOf(conditionTimes(changes, openSpans(calendar, OPENS + from, OPENS + to)));
        const [whole, left, right] = [part(0, 4 * DAY), part(0, cut), part(cut, 4 * DAY)];
        for (const each of conditions) expect((left[each] ?? 0) + (right[each] ?? 0)).toBe(whole[each]);
      }),
    );
  });
});
