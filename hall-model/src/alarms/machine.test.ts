import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  alarmPhases,
  FLAP_MS,
  isActive,
  isOpen,
  LAPSE_MS,
  moves,
  stepAlarm,
  type AlarmRecord,
  type Hold,
  type Seen,
  type Stepped,
} from './machine.ts';

const rule = { delayS: 60, clearS: 10 };
const START = Date.UTC(2026, 10, 23, 2, 20);
const fresh = (() => {
  let id = 0;
  return () => ({ id: (id += 1), type: 'device_offline', object: { kind: 'device', id: 's1' } }) as const;
})();
const step = (record: AlarmRecord | undefined, seen: Seen['is'], atS: number, hold: Hold = 'none', sinceS?: number): Stepped =>
  stepAlarm({
    record,
    seen: seen === 'holds' ? { is: seen, ...(sinceS !== undefined && { sinceMs: START + sinceS * 1000 }) } : { is: seen },
    hold,
    rule,
    nowMs: START + atS * 1000,
    fresh,
  });
/** Looks at the alarm at these seconds; answers what happened and when. */
function live(looks: ReadonlyArray<[atS: number, seen: Seen['is'], hold?: Hold]>, from?: AlarmRecord) {
  let record = from;
  const told: string[] = [];
  for (const [atS, seen, hold] of looks) {
    const stepped = step(record, seen, atS, hold);
    ({ record } = stepped);
    told.push(...stepped.happened.map((what) => `${what} ${atS}`));
  }
  return { record, told };
}

test('a condition raises after its delay and clears after its own, once each', () => {
  const { record, told } = live([
    [0, 'holds'],
    [59, 'holds'],
    [60, 'holds'],
    [61, 'holds'],
    [70, 'gone'],
    [79, 'gone'],
    [80, 'gone'],
    [81, 'gone'],
  ]);
  expect(told).toEqual(['raised 60', 'cleared 80']);
  expect(record).toMatchObject({ phase: 'quiet', count: 1, sinceMs: START, raisedMs: START + 60_000, clearedMs: START + 80_000 });
});

test('a condition that ends before its delay leaves nothing behind', () => {
  expect(
    live([
      [0, 'holds'],
      [59, 'gone'],
      [200, 'gone'],
    ]),
  ).toEqual({ record: undefined, told: [] });
});

test('a delay goes on over a time in which nobody looked, and not over one in which the condition was gone', () => {
  const pending = step(undefined, 'holds', 0).record;
  expect(live([[600, 'holds']], pending).told).toEqual(['raised 600']);
  expect(
    live(
      [
        [600, 'gone'],
        [601, 'holds'],
        [650, 'holds'],
      ],
      pending,
    ).told,
  ).toEqual([]);
});

test('what its source cannot tell neither raises nor clears', () => {
  const pending = step(undefined, 'holds', 0).record;
  expect(live([[600, 'unknown']], pending)).toEqual({ told: [], record: pending });
  const { record } = live(
    [
      [60, 'holds'],
      [61, 'gone'],
    ],
    pending,
  );
  expect(live([[600, 'unknown']], record).told).toEqual([]);
});

test('closed hours and maintenance hold back, and the delay counts anew; what only may explain it lets it run on', () => {
  const closed = live([
    [0, 'holds', 'suppress'],
    [300, 'holds', 'suppress'],
    [359, 'holds'],
    [360, 'holds'],
  ]);
  expect(closed.told).toEqual(['raised 360']);
  expect(
    live([
      [0, 'holds', 'wait'],
      [70, 'holds', 'wait'],
      [71, 'holds'],
    ]).told,
  ).toEqual(['raised 71']);
});

test('flapping is one alarm with a count, acknowledged or not', () => {
  const twice = live([
    [0, 'holds'],
    [60, 'holds'],
    [70, 'gone'],
    [80, 'gone'],
    [90, 'holds'],
    [150, 'holds'],
  ]);
  expect(twice.told).toEqual(['raised 60', 'cleared 80', 'raised 150']);
  expect(twice.record).toMatchObject({ count: 2, raisedMs: START + 60_000, clearedMs: null });
  const first = live([
    [0, 'holds'],
    [60, 'holds'],
    [70, 'gone'],
    [80, 'gone'],
  ]).record as AlarmRecord;
  const seen = { ...first, acknowledged: { by: 'wang', at: START } };
  expect(
    live(
      [
        [100, 'holds'],
        [160, 'holds'],
      ],
      seen,
    ).record,
  ).toMatchObject({ id: first.id, count: 2, acknowledged: { by: 'wang' } });
  const late = FLAP_MS / 1000 + 100;
  expect(step(seen, 'gone', late)).toMatchObject({ record: undefined, before: { id: first.id } });
  // Whoever did not look in between still has another alarm before them.
  const other = live(
    [
      [late, 'holds'],
      [late + 60, 'holds'],
    ],
    seen,
  ).record;
  expect(other).toMatchObject({ count: 1, acknowledged: null });
  expect(other?.id).not.toBe(first.id);
});

test('a cleared alarm that nobody acknowledges leaves the list after a day', () => {
  const { record } = live([
    [0, 'holds'],
    [60, 'holds'],
    [70, 'gone'],
    [80, 'gone'],
  ]);
  const lapsed = step(record, 'gone', 80 + LAPSE_MS / 1000);
  expect(lapsed).toMatchObject({ record: undefined, happened: ['lapsed'], before: { lapsedMs: expect.any(Number) } });
});

test('shelving ends by itself', () => {
  const { record } = live([
    [0, 'holds'],
    [60, 'holds'],
  ]);
  const shelved = {
    ...(record as AlarmRecord),
    shelved: { by: 'wang', at: START, until: START + 100_000, reason: 'part ordered' },
  };
  expect(
    live(
      [
        [99, 'holds'],
        [100, 'holds'],
        [101, 'holds'],
      ],
      shelved,
    ),
  ).toMatchObject({
    told: ['unshelved 100'],
    record: { shelved: null, phase: 'active' },
  });
});

test('the table of moves names every phase and everything that can be seen', () => {
  for (const phase of alarmPhases) expect(Object.keys(moves[phase]).toSorted()).toEqual(['gone', 'holds', 'unknown']);
});

describe('properties', () => {
  const seen = fc.constantFrom<Seen['is'][]>('holds', 'gone', 'unknown');
  const look = fc.record({
    waitS: fc.integer({ min: 0, max: 200 }),
    seen,
    hold: fc.constantFrom<Hold[]>('none', 'wait', 'suppress'),
  });
  const history = fc.array(look, { maxLength: 40 });
  const run = (looks: readonly { waitS: number; seen: Seen['is']; hold: Hold }[]) => {
    let at = 0;
    let record: AlarmRecord | undefined;
    const steps: Array<Stepped & { at: number; seen: Seen['is']; hold: Hold }> = [];
    for (const { waitS, seen: is, hold } of looks) {
      at += waitS;
      const stepped = step(record, is, at, hold);
      ({ record } = stepped);
      steps.push({ ...stepped, at, seen: is, hold });
    }
    return steps;
  };

  test('looking twice changes nothing the second time', () => {
    fc.assert(
      fc.property(history, (looks) => {
        for (const { record, at, seen: is, hold } of run(looks)) {
          const again = step(record, is, at, hold);
          expect(again.happened).toEqual([]);
          expect(again.record).toEqual(record);
        }
      }),
    );
  });

  test('looking more often in between changes only when it is noticed', () => {
    fc.assert(
      fc.property(history, fc.integer({ min: 1, max: 50 }), (looks, everyS) => {
        const often = looks.flatMap(({ waitS, ...what }) => {
          const parts = Array.from({ length: Math.floor(waitS / everyS) }, () => ({ waitS: everyS, ...what }));
          return [{ waitS: waitS % everyS, ...what }, ...parts];
        });
        // Only where what is seen has not changed between two looks: nobody can notice what is over already.
        const same = looks.every(({ seen: is, hold }) => is === looks[0]?.seen && hold === looks[0]?.hold);
        fc.pre(same);
        const first = { waitS: 0, seen: looks[0]?.seen ?? 'gone', hold: looks[0]?.hold ?? 'none' } as const;
        const [few, many] = [run([first, ...looks]).at(-1)?.record, run([first, ...often]).at(-1)?.record];
        expect([many?.phase, many?.count, many?.sinceMs]).toEqual([few?.phase, few?.count, few?.sinceMs]);
      }),
    );
  });

  test('raised and cleared take turns; nothing is raised early, held back or in doubt', () => {
    fc.assert(
      fc.property(history, (looks) => {
        let active = false;
        const wrong: unknown[] = [];
        for (const one of run(looks)) {
          const { happened, seen: is, hold, record } = one;
          for (const what of happened) {
            const early = (record?.raisedMs ?? 0) - (record?.sinceMs ?? 0) < rule.delayS * 1000 && record?.count === 1;
            if (what === 'raised' && (active || is !== 'holds' || hold !== 'none' || early)) wrong.push(one);
            if (what === 'cleared' && (!active || is !== 'gone')) wrong.push(one);
            if (what === 'raised' || what === 'cleared') active = what === 'raised';
          }
          if ((record !== undefined && isActive(record)) !== active) wrong.push(one);
          if (record && active && !isOpen(record)) wrong.push(one);
        }
        expect(wrong).toEqual([]);
      }),
      { numRuns: 500 },
    );
  });
});
