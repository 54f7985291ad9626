import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { en } from '../i18n/en.ts';
import { zh } from '../i18n/zh.ts';
import {
  holidaysText,
  makeUpDaysText,
  parseHolidays,
  parseMakeUpDays,
  parseShifts,
  parseWeekday,
  parseWindowHours,
  shiftsText,
  windowHoursText,
} from './calendar-text.ts';

describe('hours', () => {
  it.each([
    ['09:00-12:00, 13:30-17:00', '09:00-12:00, 13:30-17:00'],
    ['9:00 – 12:00；13:30至17:00', '09:00-12:00, 13:30-17:00'],
    ['', ''],
  ])('%s is read', (text, written) => {
    expect(shiftsText(parseShifts(text) ?? [{ from: 'x', to: 'x' }])).toBe(written);
  });

  it.each(['9-12', '12:00-09:00', '09:00-09:00', '25:00-26:00', '09:00-12:00, 11:00-13:00', 'closed'])(
    '%s is refused',
    (text) => {
      expect(parseShifts(text)).toBeUndefined();
    },
  );

  it('read back what was written', () => {
    const minute = fc.integer({ min: 0, max: 1439 });
    const clock = (of: number) => `${String(Math.floor(of / 60)).padStart(2, '0')}:${String(of % 60).padStart(2, '0')}`;
    fc.assert(
      fc.property(fc.uniqueArray(minute, { minLength: 0, maxLength: 12 }), (minutes) => {
        const times = minutes.toSorted((a, b) => a - b).map(clock);
        const shifts = Array.from({ length: Math.floor(times.length / 2) }, (_, at) => ({
          from: times[2 * at] ?? '',
          to: times[2 * at + 1] ?? '',
        }));
        expect(parseShifts(shiftsText(shifts))).toEqual(shifts);
      }),
    );
  });
});

describe('days', () => {
  it('know weekdays in both languages, as written by the dictionaries', () => {
    for (const days of [zh.calendar.days, en.calendar.days]) expect(days.map(parseWeekday)).toEqual([0, 1, 2, 3, 4, 5, 6]);
    expect(parseWeekday('someday')).toBeUndefined();
  });

  it('are read line by line, and the wrong line is named', () => {
    expect(parseHolidays('2026-10-01 国庆节\n\n2026-10-02 国庆节')).toEqual({
      value: [
        { day: '2026-10-01', name: '国庆节' },
        { day: '2026-10-02', name: '国庆节' },
      ],
    });
    expect(parseHolidays('2026-10-01 国庆节\n2026-02-30 没有这天')).toEqual({ wrongLine: 2 });
    expect(parseMakeUpDays('2026-10-10 星期五')).toEqual({ value: [{ day: '2026-10-10', as: 4 }] });
    expect(parseMakeUpDays('2026-10-10')).toEqual({ wrongLine: 1 });
  });

  it('of single windows name only windows of the hall', () => {
    const windows = new Set(['w01']);
    const text = 'w01 星期六 09:00-12:00';
    const value = [{ window: 'w01', weekday: 5, shifts: [{ from: '09:00', to: '12:00' }] }];
    expect(parseWindowHours(text, windows)).toEqual({ value });
    expect(windowHoursText(value, zh.calendar.days)).toBe(text);
    expect(parseWindowHours('w99 星期六 09:00-12:00', windows)).toEqual({ wrongLine: 1 });
  });

  it('are written as they are read', () => {
    const days = [{ day: '2026-10-10', as: 4 }];
    expect(parseMakeUpDays(makeUpDaysText(days, en.calendar.days))).toEqual({ value: days });
    const holidays = [{ day: '2026-10-01', name: 'National Day' }];
    expect(parseHolidays(holidaysText(holidays))).toEqual({ value: holidays });
  });
});
