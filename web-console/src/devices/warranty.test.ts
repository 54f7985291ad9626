import { expect, test } from 'vitest';
import { warrantyOf } from './warranty.ts';

test.each([
  ['2026-11-22', { is: 'over', until: '2026-11-22' }],
  ['2026-11-23', { is: 'ending', until: '2026-11-23', days: 0 }],
  ['2027-01-22', { is: 'ending', until: '2027-01-22', days: 60 }],
  ['2027-01-23', { is: 'valid', until: '2027-01-23', days: 61 }],
  ['2028-02-29', { is: 'valid', until: '2028-02-29', days: 463 }],
  [undefined, { is: 'none' }],
  ['soon', { is: 'none' }],
])('a warranty until %s, looked at on 2026-11-23', (until, expected) => {
  expect(warrantyOf(until, '2026-11-23')).toEqual(expected);
});
