import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { classify, verdicts, type Judgement } from './classify.ts';

const base: Judgement = {
  shown: 'A001',
  expected: [
    { key: 'A000', fromMs: 0, endedMs: 100_000 },
    { key: 'A001', fromMs: 100_000 },
  ],
  nowMs: 105_000,
  toleranceMs: 1000,
  maxAgeMs: 30_000,
  cut: false,
  neutral: new Set(['neutral']),
  stored: 'stored',
  dark: 'dark',
};
const judge = (change: Partial<Judgement>) => classify({ ...base, ...change });

describe('the verdict on a strip', () => {
  test('what should be seen is right, also while it is only sent and not yet acknowledged', () => {
    expect(judge({})).toBe('right');
    const unacknowledged = [
      { key: 'A000', fromMs: 0 },
      { key: 'A001', fromMs: 100_000 },
    ];
    expect(judge({ expected: unacknowledged, shown: 'A000' })).toBe('right');
    expect(judge({ expected: unacknowledged, shown: 'A001' })).toBe('right');
  });

  test('the picture before is right for one second after the change, not longer', () => {
    expect(judge({ shown: 'A000', nowMs: 101_000 })).toBe('right');
    expect(judge({ shown: 'A000', nowMs: 101_001 })).toBe('late');
  });

  test('the last picture is held within its lease while the way is cut, and wrong after it', () => {
    expect(judge({ shown: 'A000', cut: true })).toBe('held');
    expect(judge({ shown: 'A000', cut: true, nowMs: 131_000 })).toBe('held');
    expect(judge({ shown: 'A000', cut: true, nowMs: 131_001 })).toBe('wrong');
    expect(judge({ shown: 'A000', cut: false, nowMs: 131_001 })).toBe('wrong');
  });

  test('neutral, stored and dark are told apart, and none of them is wrong', () => {
    expect(judge({ shown: 'neutral' })).toBe('stale');
    expect(judge({ shown: 'stored' })).toBe('safe');
    expect(judge({ shown: 'dark' })).toBe('dark');
  });

  test('the neutral picture is right where it is what should be seen', () => {
    expect(judge({ shown: 'neutral', expected: [{ key: 'neutral', fromMs: 0 }] })).toBe('right');
  });

  test('a picture that was never right is wrong at once, cut or not', () => {
    expect(judge({ shown: 'B999' })).toBe('wrong');
    expect(judge({ shown: 'B999', cut: true })).toBe('wrong');
  });

  test('a picture that comes before its time is wrong', () => {
    expect(judge({ shown: 'A001', nowMs: 99_000 })).toBe('wrong');
  });

  test('a picture that was right long ago is never anything but wrong', () => {
    fc.assert(
      fc.property(fc.integer({ min: 31_001, max: 10_000_000 }), fc.boolean(), (laterMs, cut) => {
        expect(judge({ shown: 'A000', nowMs: 100_000 + laterMs, cut })).toBe('wrong');
      }),
    );
  });

  test('every verdict is one of those that are counted', () => {
    fc.assert(
      fc.property(
        fc.constantFrom('A000', 'A001', 'x', 'neutral', 'stored', 'dark'),
        fc.nat(200_000),
        fc.boolean(),
        (shown, nowMs, cut) => {
          expect(verdicts).toContain(judge({ shown, nowMs, cut }));
        },
      ),
    );
  });
});
