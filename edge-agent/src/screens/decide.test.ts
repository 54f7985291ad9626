import { FakeClock, type Freshness, type LiveField, type ScreenPlan, type Tables } from '@hall/contracts';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { applyLease, applyLive, emptyLive, restoredLive, type LiveSet } from '../live/live-set.ts';
import { decide, isSameDrawing, liveFor } from './decide.ts';
import { firstLeak } from './leak-guard.ts';

const GEN = 'g';
const size = { widthPx: 192, heightPx: 32 };
const neutral = { template: 'strip-neutral', parameters: { window: 'w1' }, bindings: [] };
const plan: ScreenPlan = {
  ...size,
  maxAgeMs: 30_000,
  safeAfterMs: 300_000,
  regions: [
    {
      id: 'main',
      layers: [
        {
          id: 'window',
          class: 'window_state',
          seq: 0,
          content: { template: 'window-strip', parameters: { window: 'w1' }, bindings: ['window/w1'] },
          stale: neutral,
          safe: neutral,
          source: { kind: 'binding', id: 'strip-1' },
        },
      ],
    },
  ],
};
const tablesWith = (department: string): Tables => ({
  names: {
    hall: { zh: '北厅' },
    departments: { police: { zh: department } },
    services: {},
    staff: {},
    windows: { w1: { number: '01' } },
  },
  calendar: {
    zone: 'Asia/Shanghai',
    week: Array.from({ length: 7 }, () => []),
    tailMinutes: 0,
    lunchWindows: [],
    holidays: [],
    makeUpDays: [],
    windowHours: [],
  },
});
const hallMs = new FakeClock().hall.nowMs();
const calling = (ticket: string, seq: number): LiveField => ({
  key: 'window/w1',
  seq,
  sourceTime: hallMs,
  value: {
    kind: 'window',
    window: 'w1',
    state: 'serving',
    ticket,
    callNumber: 1,
    calledAt: hallMs,
    department: 'police',
    services: [],
  },
});
const called = (set: LiveSet, seq: number, nowMs: number) =>
  applyLive(set, { gen: GEN, after: seq - 1, head: seq, full: false, fields: [calling(`A00${seq % 10}`, seq)] }, nowMs).set;
const at = (set: LiveSet, machineMs: number, department = '公安局') =>
  decide({
    plan,
    size,
    tables: tablesWith(department),
    live: liveFor(plan, set, 0),
    moment: { hallMs, machineMs },
    wallMs: 1,
  });

test('a held field is drawn with its seq; when its age ends the answer changes by itself, and no old number stays', () => {
  const set = called(emptyLive(GEN), 1, 1000);
  const now = at(set, 2000);
  expect(now.basis).toEqual({ freshness: 'live', fields: { 'window/w1': 1 } });
  expect(now.drawing.text).toContain('A001');
  expect(now.nextMachineMs).toBe(31_000);
  const later = at(set, 31_000);
  expect(later.basis).toEqual({ freshness: 'stale', fields: {} });
  expect(later.drawing.text.join()).not.toContain('A001');
  expect(later.drawing.text).toContain('请以窗口叫号为准');
});

test('what is only known from before a restart is stale at once and safe after its time', () => {
  const set = restoredLive(GEN, 1, [calling('A001', 1)]);
  const expected: ReadonlyArray<[number, Freshness]> = [
    [0, 'stale'],
    [299_999, 'stale'],
    [300_000, 'safe'],
  ];
  for (const [machineMs, freshness] of expected) expect(at(set, machineMs).basis.freshness).toBe(freshness);
});

test('a screen that has never received anything is neutral, and safe after its time', () => {
  const expected: ReadonlyArray<[number, Freshness]> = [
    [0, 'stale'],
    [299_999, 'stale'],
    [300_000, 'safe'],
  ];
  const never = emptyLive(GEN);
  for (const [machineMs, freshness] of expected) expect(at(never, machineMs).basis).toEqual({ freshness, fields: {} });
  expect(at(never, 0).nextMachineMs).toBe(300_000);
});

test('of a board that has received some of its fields, those it has count', () => {
  const [region] = plan.regions;
  const [layer] = region?.layers ?? [];
  const content = { template: 'queue-board', parameters: {}, bindings: ['window/w1', 'window/w2'] };
  const board = { ...plan, regions: [{ id: 'main', layers: [{ ...layer!, content }] }] };
  expect([...liveFor(board, called(emptyLive(GEN), 1, 0), 0).keys()]).toEqual(['window/w1']);
});

test('a 40-minute service with a healthy feed never goes stale', () => {
  let set = called(emptyLive(GEN), 1, 0);
  for (let nowMs = 5000; nowMs <= 2_400_000; nowMs += 5000) {
    set = applyLease(set, { gen: GEN, head: 1, fresh: true, hallTime: { hallMs, speed: 1 } }, nowMs).set;
    expect(at(set, nowMs + 4999).basis.freshness).toBe('live');
  }
});

test('whatever comes, nothing is drawn from a field nobody has vouched for within its age', () => {
  const step = fc.record({
    waitMs: fc.integer({ min: 0, max: 40_000 }),
    is: fc.constantFrom('call', 'lease', 'stale lease', 'copy'),
  });
  fc.assert(
    fc.property(fc.array(step, { maxLength: 30 }), (steps) => {
      let set = emptyLive(GEN);
      let nowMs = 0;
      let seq = 0;
      let vouchedMs = Number.NEGATIVE_INFINITY;
      for (const { waitMs, is } of steps) {
        nowMs += waitMs;
        if (is === 'call') {
          seq += 1;
          set = called(set, seq, nowMs);
          vouchedMs = nowMs;
        } else if (is === 'copy') {
          const fields = seq > 0 ? [calling(`A00${seq % 10}`, seq)] : [];
          set = applyLive(set, { gen: GEN, after: 0, head: seq, full: true, fields }, nowMs).set;
        } else {
          set = applyLease(set, { gen: GEN, head: seq, fresh: is === 'lease', hallTime: { hallMs, speed: 1 } }, nowMs).set;
          if (is === 'lease') vouchedMs = nowMs;
        }
        const { basis } = at(set, nowMs);
        expect(basis.freshness === 'live' && nowMs - vouchedMs >= plan.maxAgeMs).toBe(false);
      }
    }),
  );
});

describe('the leak guard', () => {
  test('a text that could identify a person is replaced by the neutral picture, and only its kind is told', () => {
    const { drawing, leak } = at(called(emptyLive(GEN), 1, 0), 1, '13812345678');
    expect(leak).toBe('mobile');
    expect(drawing.text).toContain('请以窗口叫号为准');
    expect(JSON.stringify(drawing)).not.toContain('13812345678');
  });

  test('a neutral picture that leaks too leaves the screen empty', () => {
    const leaking = tablesWith('公安局');
    const tables = { ...leaking, names: { ...leaking.names, hall: { zh: '13812345678' } } };
    const live = liveFor(plan, called(emptyLive(GEN), 1, 0), 0);
    const { drawing, leak } = decide({ plan, size, tables, live, moment: { hallMs, machineMs: 1 }, wallMs: 1 });
    expect({ leak, items: drawing.scene.items.length }).toEqual({ leak: 'mobile', items: 0 });
    expect(JSON.stringify(drawing)).not.toContain('13812345678');
  });

  test('ordinary texts pass, however deep they lie', () => {
    expect(firstLeak({ rows: [{ ticket: 'A001', names: ['公安局', '约10:40恢复'] }], waiting: 12 })).toBeUndefined();
    expect(firstLeak({ rows: [{ names: ['ok', '电话 138 1234 5678'] }] })).toBe('mobile');
  });
});

test('a picture that only the clock of a board tells apart is the same; a recall is another', () => {
  const { drawing } = at(called(emptyLive(GEN), 1, 0), 1);
  expect(isSameDrawing(drawing, { ...drawing, decidedAt: 5, board: { ...drawing.board, clock: '23:59' } })).toBe(true);
  expect(isSameDrawing(drawing, { ...drawing, board: { ...drawing.board, kind: 'safe' } })).toBe(false);
});
