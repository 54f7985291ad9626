import type { LiveField, Payload } from '@hall/contracts';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { applyLease, applyLive, emptyLive, restoredLive, type LiveSet } from './live-set.ts';

const GEN = 'g1';
const field = (key: string, seq: number): LiveField => ({
  key,
  seq,
  sourceTime: 0,
  value: { kind: 'queue', service: 's', waiting: seq, next: [] },
});
const change = (after: number, ...fields: LiveField[]): Payload<'live'> => ({
  gen: GEN,
  after,
  head: Math.max(...fields.map(({ seq }) => seq)),
  full: false,
  fields,
});
const full = (head: number, ...fields: LiveField[]): Payload<'live'> => ({ gen: GEN, after: 0, head, full: true, fields });
const lease = (head: number, fresh = true, gen = GEN): Payload<'lease'> => ({
  gen,
  head,
  fresh,
  hallTime: { hallMs: 0, speed: 1 },
});
const seqs = (set: LiveSet) => Object.fromEntries([...set.entries].map(([key, entry]) => [key, entry.field.seq]));
const renewed = (set: LiveSet, key: string) => set.entries.get(key)?.renewedAtMs;

describe('values', () => {
  test('a change is taken, its key named, and the head moves', () => {
    const { set, changed, behind } = applyLive(emptyLive(GEN), change(0, field('a', 1)), 5);
    expect({ seqs: seqs(set), head: set.head, changed: [...changed], behind }).toEqual({
      seqs: { a: 1 },
      head: 1,
      changed: ['a'],
      behind: false,
    });
  });

  test('a change after a gap is shown but the head stays, so that the gap is not forgotten', () => {
    const { set, behind } = applyLive(emptyLive(GEN), change(4, field('a', 5)), 0);
    expect({ seqs: seqs(set), head: set.head, behind }).toEqual({ seqs: { a: 5 }, head: 0, behind: true });
  });

  test('a whole copy removes what it does not name, but not what is newer than itself', () => {
    const held = applyLive(restoredLive(GEN, 2, [field('a', 1), field('b', 2)]), change(8, field('c', 9)), 0).set;
    const { set, changed } = applyLive(held, full(7, field('b', 7)), 0);
    expect(seqs(set)).toEqual({ b: 7, c: 9 });
    expect(new Set(changed)).toEqual(new Set(['a', 'b']));
  });

  test('an old copy that comes late removes nothing', () => {
    const held = restoredLive(GEN, 9, [field('a', 9)]);
    expect(seqs(applyLive(held, full(3, field('b', 2)), 0).set)).toEqual({ a: 9, b: 2 });
  });

  test('another generation clears everything, be it in a change or in a lease', () => {
    const held = restoredLive('old', 9, [field('a', 9)]);
    const taken = applyLive(held, change(0, field('b', 1)), 0);
    expect(seqs(taken.set)).toEqual({ b: 1 });
    expect(new Set(taken.changed)).toEqual(new Set(['a', 'b']));
    const leased = applyLease(held, lease(3), 0);
    expect({ seqs: seqs(leased.set), behind: leased.behind, changed: [...leased.changed] }).toEqual({
      seqs: {},
      behind: true,
      changed: ['a'],
    });
  });

  /** What a server with 40 changes of 5 fields may say, in any order and any number of times. */
  const messages = Array.from({ length: 40 }, (_, at) => change(at, field(`k${(at * 7) % 5}`, at + 1)));
  const last = Object.fromEntries(messages.flatMap(({ fields }) => fields).map(({ key, seq }) => [key, seq]));

  test('any order and repetition of all changes, then a whole copy, ends in the same fields', () => {
    const copy = full(40, ...Object.entries(last).map(([key, seq]) => field(key, seq)));
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 0, max: 39 }), { maxLength: 120 }), fc.boolean(), (order, copyFirst) => {
        const heard = order.flatMap((at) => messages[at] ?? []);
        const said = copyFirst ? [copy, ...heard] : [...heard, copy];
        const end = said.reduce((set, message) => applyLive(set, message, 0).set, emptyLive(GEN));
        expect(seqs(end)).toEqual(last);
        expect(end.head).toBe(40);
      }),
    );
  });

  test('no order of messages ever takes a field back to an older seq', () => {
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 0, max: 39 }), { maxLength: 120 }), (order) => {
        let set = emptyLive(GEN);
        for (const at of order) {
          const before = seqs(set);
          set = applyLive(set, messages[at] ?? full(0), 0).set;
          for (const [key, seq] of Object.entries(before)) expect(seqs(set)[key]).toBeGreaterThanOrEqual(seq);
        }
      }),
    );
  });

  test('the head never claims a change that was not received', () => {
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 0, max: 39 }), { maxLength: 120 }), (order) => {
        let set = emptyLive(GEN);
        const received = new Set<number>();
        for (const at of order) {
          received.add(at + 1);
          set = applyLive(set, messages[at] ?? full(0), 0).set;
          for (let seq = 1; seq <= set.head; seq += 1) expect(received).toContain(seq);
        }
      }),
    );
  });
});

describe('ages', () => {
  test('a change is fresh from its arrival', () => {
    expect(renewed(applyLive(emptyLive(GEN), change(0, field('a', 1)), 77).set, 'a')).toBe(77);
  });

  test('what is known from before a restart is not fresh, and neither is a copy nobody vouched for', () => {
    const held = restoredLive(GEN, 1, [field('a', 1)]);
    expect(renewed(held, 'a')).toBeUndefined();
    expect(renewed(applyLive(held, full(2, field('a', 2)), 9).set, 'a')).toBeUndefined();
  });

  test('a copy is as fresh as the lease before it', () => {
    const leased = applyLease(emptyLive(GEN), lease(2), 50).set;
    expect(renewed(applyLive(leased, full(2, field('a', 2)), 60).set, 'a')).toBe(50);
  });

  test('a lease renews everything when nothing is missing, and also what was held for 40 minutes', () => {
    const held = applyLive(emptyLive(GEN), change(0, field('a', 1)), 0).set;
    expect(renewed(applyLease(held, lease(1), 2_400_000).set, 'a')).toBe(2_400_000);
  });

  test('a lease while the feed is stale renews nothing', () => {
    const held = applyLive(emptyLive(GEN), change(0, field('a', 1)), 0).set;
    expect(renewed(applyLease(held, lease(1, false), 5000).set, 'a')).toBe(0);
  });

  test('a lease that speaks of more than is held renews nothing until that has come', () => {
    const held = applyLive(emptyLive(GEN), change(0, field('a', 1)), 0).set;
    const { set, behind } = applyLease(held, lease(2), 5000);
    expect({ age: renewed(set, 'a'), behind }).toEqual({ age: 0, behind: true });
    expect(renewed(applyLive(set, change(1, field('b', 2)), 5001).set, 'a')).toBe(5000);
  });

  test('nothing but a fresh lease or a change of its own ever makes a field younger', () => {
    const step = fc.oneof(
      fc.record({ is: fc.constant('lease' as const), head: fc.integer({ min: 0, max: 12 }), fresh: fc.boolean() }),
      fc.record({ is: fc.constant('change' as const), at: fc.integer({ min: 0, max: 11 }) }),
      fc.record({ is: fc.constant('full' as const), head: fc.integer({ min: 0, max: 12 }) }),
    );
    fc.assert(
      fc.property(fc.array(step, { maxLength: 60 }), (steps) => {
        let set = emptyLive(GEN);
        let nowMs = 0;
        let vouchedMs = -1;
        const changedMs = new Map<string, number>();
        for (const one of steps) {
          nowMs += 1;
          if (one.is === 'lease') {
            if (one.fresh) vouchedMs = nowMs;
            set = applyLease(set, lease(one.head, one.fresh), nowMs).set;
          } else if (one.is === 'change') {
            changedMs.set(`k${one.at % 3}`, nowMs);
            set = applyLive(set, change(one.at, field(`k${one.at % 3}`, one.at + 1)), nowMs).set;
          } else {
            set = applyLive(set, full(one.head, ...(one.head > 0 ? [field('k0', one.head)] : [])), nowMs).set;
          }
          for (const [key, { renewedAtMs = -1 }] of set.entries) {
            expect(renewedAtMs).toBeLessThanOrEqual(Math.max(vouchedMs, changedMs.get(key) ?? -1));
          }
        }
      }),
    );
  });
});
