import fc from 'fast-check';
import { expect, test } from 'vitest';
import { actOn } from './acts.ts';
import type { AlarmRecord } from './machine.ts';
import { alarmReport, floodsOf, median, type Raise } from './report.ts';

const START = Date.UTC(2026, 10, 23, 2, 20);
const MINUTE = 60_000;
const object = { kind: 'device', id: 's1' } as const;
const raise = (minute: number, id = 's1'): Raise => ({
  type: 'device_offline',
  object: { kind: 'device', id },
  atMs: START + minute * MINUTE,
  hallMs: START + minute * MINUTE,
});

test.each([
  [[], null],
  [[3], 3],
  [[1, 9], 5],
  [[9, 1, 2], 2],
])('the median of %j is %s', (values, expected) => expect(median(values)).toBe(expected));

test('more than ten raises within ten minutes are a flood', () => {
  const ten = Array.from({ length: 10 }, (_, n) => raise(n));
  expect(floodsOf(ten)).toEqual([]);
  expect(floodsOf([...ten, raise(10)])).toEqual([{ from: START, until: START + 10 * MINUTE, raises: 11 }]);
  expect(floodsOf([...ten, raise(11)])).toEqual([]);
});

test('floods never overlap, and every eleven raises within ten minutes lie in one', () => {
  fc.assert(
    fc.property(fc.array(fc.integer({ min: 0, max: 120 }), { maxLength: 80 }), (minutes) => {
      const raises = minutes.toSorted((a, b) => a - b).map((minute) => raise(minute));
      const floods = floodsOf(raises);
      floods.forEach((flood, n) => expect(flood.from).toBeGreaterThan(floods[n - 1]?.until ?? 0));
      raises.forEach(({ atMs }, n) => {
        const eleventh = raises[n + 10];
        if (!eleventh || eleventh.atMs - atMs > 10 * MINUTE) return;
        expect(floods.some(({ from, until }) => from <= atMs && eleventh.atMs <= until)).toBe(true);
      });
    }),
  );
});

test('the report counts by day and hour of the hall, and knows what stands, what repeats and what nobody answered', () => {
  const alarm = {
    type: 'device_offline',
    object,
    raisedMs: START,
    clearedMs: START + 5 * MINUTE,
    acknowledgedMs: START + MINUTE,
  } as const;
  const report = alarmReport({
    alarms: [alarm, { ...alarm, type: 'feed_stale', clearedMs: null, acknowledgedMs: null }],
    raises: [raise(0), raise(1), raise(60, 's2')],
    zone: 'Asia/Shanghai',
    fromMs: START - 86_400_000,
    untilMs: START + 2 * 86_400_000,
    nowMs: START + 2 * 86_400_000,
  });
  expect(report.days).toEqual([
    { day: '2026-11-22', raises: 0 },
    { day: '2026-11-23', raises: 3 },
    { day: '2026-11-24', raises: 0 },
    { day: '2026-11-25', raises: 0 },
  ]);
  expect([report.hours[10], report.hours[11]]).toEqual([2, 1]);
  expect(report.standing).toEqual([{ type: 'feed_stale', object, raisedAt: START }]);
  expect(report.topTen.map(({ object: { id }, raises }) => [id, raises])).toEqual([
    ['s1', 2],
    ['s2', 1],
  ]);
  expect(report).toMatchObject({
    alarms: 2,
    raises: 3,
    neverAcknowledged: 0.5,
    medianAcknowledgeMs: MINUTE,
    medianClearMs: 5 * MINUTE,
  });
});

test('acts: twice is once, a closed alarm takes only comments, and shelving has an end that its type allows', () => {
  const active: AlarmRecord = {
    id: 1,
    type: 'feed_stale',
    object: { kind: 'platform', id: 'feed' },
    phase: 'active',
    sinceMs: START,
    countFromMs: START,
    endedMs: null,
    raisedMs: START,
    clearedMs: null,
    lapsedMs: null,
    count: 1,
    evidence: {},
    acknowledged: null,
    assignee: null,
    shelved: null,
  };
  const seen = actOn(active, { act: 'acknowledge' }, 'wang', START);
  if ('refused' in seen) throw new Error(seen.refused);
  expect(seen).toMatchObject({ happened: 'acknowledged', record: { acknowledged: { by: 'wang', at: START } } });
  expect(actOn(seen.record, { act: 'acknowledge' }, 'li', START + 1)).toEqual({
    record: seen.record,
    happened: undefined,
    text: '',
  });
  expect(actOn(active, { act: 'shelve', minutes: 481, reason: 'x' }, 'wang', START)).toEqual({ refused: 'too_long', hours: 8 });
  expect(actOn(active, { act: 'shelve', minutes: 480, reason: ' part ordered ' }, 'wang', START)).toMatchObject({
    text: 'part ordered',
    record: { shelved: { until: START + 480 * MINUTE, reason: 'part ordered' } },
  });
  const over = { ...seen.record, phase: 'quiet', clearedMs: START } as const;
  expect(actOn(over, { act: 'assign', assignee: 'li' }, 'wang', START)).toEqual({ refused: 'closed' });
  expect(actOn(over, { act: 'comment', text: ' done ' }, 'wang', START)).toMatchObject({ happened: 'commented', text: 'done' });
});
