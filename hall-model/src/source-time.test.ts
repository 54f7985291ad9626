import fc from 'fast-check';
import { expect, test } from 'vitest';
import { parseTime } from './source-time.ts';

test.each([
  ['2026-11-23T10:20:00+08:00', Date.UTC(2026, 10, 23, 2, 20)],
  ['2026-11-23t02:20:00z', Date.UTC(2026, 10, 23, 2, 20)],
  ['2026-11-23T02:20:00.123456789Z', Date.UTC(2026, 10, 23, 2, 20, 0, 123)],
  ['2026-11-23T02:20:00.5Z', Date.UTC(2026, 10, 23, 2, 20, 0, 500)],
  ['2024-02-29T23:59:59-05:30', Date.UTC(2024, 2, 1, 5, 29, 59)],
  ['2026-02-29T00:00:00Z', undefined],
  ['2026-13-01T00:00:00Z', undefined],
  ['2026-00-10T00:00:00Z', undefined],
  ['2026-01-00T00:00:00Z', undefined],
  ['2026-01-01T24:00:00Z', undefined],
  ['2026-01-01T23:60:00Z', undefined],
  ['2026-12-31T23:59:60Z', undefined],
  ['2026-01-01T00:00:00+24:00', undefined],
  ['2026-01-01T00:00:00+08:60', undefined],
  ['2026-01-01T00:00:00', undefined],
  ['2026-01-01', undefined],
  ['', undefined],
])('%s', (text, expected) => {
  expect(parseTime(text)).toBe(expected);
});

test('reads back every time that a Date can write', () => {
  fc.assert(
    fc.property(fc.date({ min: new Date(0), max: new Date('9999-12-31T23:59:59Z'), noInvalidDate: true }), (date) => {
      expect(parseTime(date.toISOString())).toBe(date.getTime());
    }),
  );
});
