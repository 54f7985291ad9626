import type { HallCalendar } from '@hall/contracts';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  addWorkingDays,
  businessDay,
  hoursText,
  isWorkingDay,
  localTime,
  phaseAt,
  startOfBusinessDay,
  workingDaysBetween,
} from './calendar.ts';
import { sampleCalendar } from './sample-hall.ts';
import { dayOfText, dayText, offsetMs, startOfDay, weekdayOf } from './zone.ts';

const HOUR = 3_600_000;
const DAY = 24 * HOUR;
/** A wall time in Shanghai, which has been UTC+8 all year since 1992. */
const at = (text: string) => Date.parse(`${text.replace(' ', 'T')}:00+08:00`);
const wall = (ms: number | null | undefined) =>
  ms === null || ms === undefined ? ms : `${businessDay('Asia/Shanghai', ms)} ${localTime('Asia/Shanghai', ms)}`;

describe('the phase of the hall', () => {
  test.each([
    // A Monday
    ['2026-11-23 00:00', 'closed', '2026-11-20 18:00', '2026-11-23 09:00', '2026-11-23 09:00'],
    ['2026-11-23 08:59', 'closed', '2026-11-20 18:00', '2026-11-23 09:00', '2026-11-23 09:00'],
    ['2026-11-23 09:00', 'open', '2026-11-23 09:00', '2026-11-23 12:00', '2026-11-23 13:30'],
    ['2026-11-23 11:59', 'open', '2026-11-23 09:00', '2026-11-23 12:00', '2026-11-23 13:30'],
    ['2026-11-23 12:00', 'lunch', '2026-11-23 12:00', '2026-11-23 13:30', '2026-11-23 13:30'],
    ['2026-11-23 13:30', 'open', '2026-11-23 13:30', '2026-11-23 17:00', '2026-11-24 09:00'],
    ['2026-11-23 17:00', 'tail', '2026-11-23 17:00', '2026-11-23 18:00', '2026-11-24 09:00'],
    ['2026-11-23 18:00', 'closed', '2026-11-23 18:00', '2026-11-24 09:00', '2026-11-24 09:00'],
    // A Saturday
    ['2026-11-28 10:00', 'closed', '2026-11-27 18:00', '2026-11-30 09:00', '2026-11-30 09:00'],
    // National Day, and the make-up Saturday after it
    ['2026-10-01 10:00', 'closed', '2026-09-30 18:00', '2026-10-08 09:00', '2026-10-08 09:00'],
    ['2026-10-10 10:00', 'open', '2026-10-10 09:00', '2026-10-10 12:00', '2026-10-10 13:30'],
  ])('%s is %s', (moment, phase, since, nextChangeAt, nextOpenAt) => {
    const answer = phaseAt(sampleCalendar, at(moment));
    expect([answer.phase, wall(answer.since), wall(answer.nextChangeAt), wall(answer.nextOpenAt)]).toEqual([
      phase,
      since,
      nextChangeAt,
      nextOpenAt,
    ]);
  });

  test('names the shift that runs', () => {
    expect(phaseAt(sampleCalendar, at('2026-11-23 10:00')).shift).toEqual({
      fromMs: at('2026-11-23 09:00'),
      toMs: at('2026-11-23 12:00'),
    });
    expect(phaseAt(sampleCalendar, at('2026-11-23 12:30')).shift).toBeUndefined();
  });

  test('a window on lunch duty is open through lunch, others are not', () => {
    const noon = at('2026-11-23 12:30');
    expect(phaseAt(sampleCalendar, noon, 'w2')).toMatchObject({ phase: 'open', nextChangeAt: at('2026-11-23 17:00') });
    expect(phaseAt(sampleCalendar, noon, 'w1').phase).toBe('lunch');
  });

  test('a window with hours of its own follows them, but not on a holiday', () => {
    const saturday = at('2026-11-28 10:00');
    expect(phaseAt(sampleCalendar, saturday, 'w3').phase).toBe('open');
    expect(phaseAt(sampleCalendar, saturday, 'w1').phase).toBe('closed');
    expect(phaseAt(sampleCalendar, at('2026-11-28 12:30'), 'w3').phase).toBe('tail');
    const holiday: HallCalendar = { ...sampleCalendar, holidays: [{ day: '2026-11-28', name: '停办' }] };
    expect(phaseAt(holiday, saturday, 'w3').phase).toBe('closed');
  });

  test('a hall that never opens never changes', () => {
    const never: HallCalendar = { ...sampleCalendar, week: [[], [], [], [], [], [], []], makeUpDays: [] };
    expect(phaseAt(never, at('2026-11-23 10:00'))).toEqual({ phase: 'closed', nextChangeAt: null, nextOpenAt: null });
  });

  test('a tail ends with the day at the latest', () => {
    const late: HallCalendar = {
      ...sampleCalendar,
      week: sampleCalendar.week.map(() => [{ from: '20:00', to: '23:30' }]),
      holidays: [],
    };
    expect(phaseAt(late, at('2026-11-23 23:45')).phase).toBe('tail');
    expect(phaseAt(late, at('2026-11-24 00:00')).phase).toBe('closed');
  });
});

test('the hours of a day as text', () => {
  expect(hoursText(sampleCalendar, at('2026-11-23 03:00'))).toBe('09:00-12:00 13:30-17:00');
  expect(hoursText(sampleCalendar, at('2026-11-28 03:00'))).toBe('');
  expect(hoursText(sampleCalendar, at('2026-11-28 03:00'), 'w3')).toBe('09:00-12:00');
});

test.each([
  ['Asia/Shanghai', Date.UTC(2026, 10, 22, 15, 59), '2026-11-22', '23:59'],
  ['Asia/Shanghai', Date.UTC(2026, 10, 22, 16, 0), '2026-11-23', '00:00'],
  ['Asia/Urumqi', Date.UTC(2026, 10, 22, 18, 0), '2026-11-23', '00:00'],
  ['Asia/Kathmandu', Date.UTC(2026, 10, 22, 18, 15), '2026-11-23', '00:00'],
  ['America/St_Johns', Date.UTC(2026, 0, 1, 3, 29), '2025-12-31', '23:59'],
  ['Europe/Berlin', Date.UTC(2026, 2, 29, 0, 59), '2026-03-29', '01:59'],
  ['Europe/Berlin', Date.UTC(2026, 2, 29, 1, 0), '2026-03-29', '03:00'],
])('%s at %d is %s %s', (zone, ms, day, time) => {
  expect([businessDay(zone, ms), localTime(zone, ms)]).toEqual([day, time]);
});

describe('daylight saving', () => {
  const nights = [
    { from: '01:00', to: '02:30' },
    { from: '02:45', to: '04:00' },
  ];
  const berlin: HallCalendar = {
    zone: 'Europe/Berlin',
    week: Array.from({ length: 7 }, () => nights),
    tailMinutes: 0,
    lunchWindows: [],
    holidays: [],
    makeUpDays: [],
    windowHours: [],
  };

  test('in spring a shift that ends in the skipped hour ends with the skip', () => {
    expect(phaseAt(berlin, Date.UTC(2026, 2, 29, 0, 30))).toMatchObject({
      phase: 'open',
      since: Date.UTC(2026, 2, 29, 0, 0),
      nextChangeAt: Date.UTC(2026, 2, 29, 2, 0),
    });
  });

  test('in autumn the first coming of a wall time counts', () => {
    expect(phaseAt(berlin, Date.UTC(2026, 9, 25, 0, 0))).toMatchObject({
      phase: 'open',
      nextChangeAt: Date.UTC(2026, 9, 25, 0, 30),
    });
    expect(phaseAt(berlin, Date.UTC(2026, 9, 25, 2, 0))).toMatchObject({
      phase: 'open',
      since: Date.UTC(2026, 9, 25, 0, 45),
      nextChangeAt: Date.UTC(2026, 9, 25, 3, 0),
    });
  });

  test('days of 23, 24 and 25 hours', () => {
    const lengthOf = (zone: string, day: string) => {
      const number = dayOfText(day) ?? 0;
      return (startOfDay(zone, number + 1) - startOfDay(zone, number)) / HOUR;
    };
    expect(lengthOf('Europe/Berlin', '2026-03-29')).toBe(23);
    expect(lengthOf('Europe/Berlin', '2026-10-25')).toBe(25);
    expect(lengthOf('Asia/Shanghai', '2026-10-25')).toBe(24);
    expect(lengthOf('Asia/Shanghai', '1986-05-04')).toBe(23);
    // Lebanon changes its clock at midnight: the day begins at 01:00.
    expect(lengthOf('Asia/Beirut', '2026-03-29')).toBe(23);
    expect(lengthOf('Australia/Lord_Howe', '2026-04-05')).toBe(24.5);
    // A day that Samoa left out.
    expect(lengthOf('Pacific/Apia', '2011-12-30')).toBe(0);
  });
});

const zones = ['Asia/Shanghai', 'Europe/Berlin', 'America/New_York', 'Asia/Beirut', 'Australia/Lord_Howe', 'America/St_Johns'];
const arbTime = fc.integer({ min: 0, max: 1439 });
const text = (minute: number) => `${String(Math.floor(minute / 60)).padStart(2, '0')}:${String(minute % 60).padStart(2, '0')}`;
const arbShift = fc
  .tuple(arbTime, arbTime)
  .filter(([a, b]) => a !== b)
  .map(([a, b]) => ({ from: text(Math.min(a, b)), to: text(Math.max(a, b)) }));
const arbShifts = fc.array(arbShift, { maxLength: 3 });
const arbDay = fc.integer({ min: 20_454, max: 20_850 }).map(dayText);
const arbCalendar: fc.Arbitrary<HallCalendar> = fc.record({
  zone: fc.constantFrom(...zones),
  week: fc.array(arbShifts, { minLength: 7, maxLength: 7 }),
  tailMinutes: fc.integer({ min: 0, max: 240 }),
  lunchWindows: fc.constantFrom([], ['w1']),
  holidays: fc.array(
    arbDay.map((day) => ({ day, name: '假日' })),
    { maxLength: 10 },
  ),
  makeUpDays: fc.array(fc.record({ day: arbDay, as: fc.integer({ min: 0, max: 6 }) }), { maxLength: 5 }),
  windowHours: fc.array(fc.record({ window: fc.constant('w1'), weekday: fc.integer({ min: 0, max: 6 }), shifts: arbShifts }), {
    maxLength: 3,
  }),
});
/** 2026, often near a change of clocks. */
const arbMoment = fc.oneof(
  fc.integer({ min: Date.UTC(2026, 0, 2), max: Date.UTC(2026, 11, 30) }),
  fc
    .tuple(
      fc.constantFrom(Date.UTC(2026, 2, 29, 1), Date.UTC(2026, 9, 25, 1), Date.UTC(2026, 2, 8, 7), Date.UTC(2026, 3, 4, 15)),
      fc.integer({ min: -DAY, max: DAY }),
    )
    .map(([a, b]) => a + b),
);
const arbWindow = fc.constantFrom(undefined, 'w1', 'w2');
/** The same question to a calendar that remembers nothing. */
const afresh = (calendar: HallCalendar, ms: number, window: string | undefined) => phaseAt({ ...calendar }, ms, window);

describe('properties of every calendar', () => {
  test('the next change is a change, and nothing changes before it', () => {
    fc.assert(
      fc.property(arbCalendar, arbMoment, arbWindow, fc.double({ min: 0, max: 1, noNaN: true }), (calendar, ms, window, part) => {
        const now = phaseAt(calendar, ms, window);
        const since = now.since ?? ms - 300 * DAY;
        expect(since).toBeLessThanOrEqual(ms);
        const until = now.nextChangeAt ?? ms + 300 * DAY;
        expect(until).toBeGreaterThan(ms);
        const between = Math.min(until - 1, Math.floor(since + (until - since) * part));
        expect(afresh(calendar, between, window)).toEqual(now);
        const next = now.nextChangeAt === null ? undefined : afresh(calendar, now.nextChangeAt, window);
        expect(next?.phase).not.toBe(now.phase);
        expect(next?.since).toBe(now.nextChangeAt ?? undefined);
        const before = now.since === undefined ? undefined : afresh(calendar, now.since - 1, window);
        expect(before?.phase).not.toBe(now.phase);
      }),
      { numRuns: 150 },
    );
  });

  test('the next opening is the first open moment that follows another phase', () => {
    fc.assert(
      fc.property(arbCalendar, arbMoment, arbWindow, (calendar, ms, window) => {
        const { nextOpenAt } = phaseAt(calendar, ms, window);
        let at: number | null = ms;
        for (let step = 0; step < 30 && at !== null; step += 1) {
          at = phaseAt(calendar, at, window).nextChangeAt;
          if (at !== null && phaseAt(calendar, at, window).phase === 'open') break;
        }
        fc.pre(at === null || phaseAt(calendar, at, window).phase === 'open');
        expect(nextOpenAt).toBe(at);
      }),
      { numRuns: 100 },
    );
  });

  test('a wall time is what the zone says, and a day begins once', () => {
    fc.assert(
      fc.property(fc.constantFrom(...zones, 'Asia/Kathmandu', 'Pacific/Apia'), arbMoment, (zone, ms) => {
        const plain = new Intl.DateTimeFormat('sv-SE', { timeZone: zone, dateStyle: 'short', timeStyle: 'short' }).format(ms);
        expect(`${businessDay(zone, ms)} ${localTime(zone, ms)}`).toBe(plain);
        const start = startOfBusinessDay(zone, businessDay(zone, ms)) ?? NaN;
        expect(start).toBeLessThanOrEqual(ms);
        expect(businessDay(zone, start)).toBe(businessDay(zone, ms));
        expect(businessDay(zone, start - 1)).not.toBe(businessDay(zone, ms));
        expect(offsetMs(zone, ms) % 900_000 === 0).toBe(true);
      }),
      { numRuns: 300 },
    );
  });
});

describe('the working-day clock', () => {
  test.each([
    ['2026-11-23 10:00', true],
    ['2026-11-28 10:00', false],
    ['2026-10-01 10:00', false],
    ['2026-10-10 10:00', true],
  ])('%s works: %s', (moment, works) => {
    expect(isWorkingDay(sampleCalendar, at(moment))).toBe(works);
  });

  test('a hall open on Saturday does not make Saturday a working day', () => {
    const week = sampleCalendar.week.map(() => [{ from: '09:00', to: '12:00' }]);
    expect(isWorkingDay({ ...sampleCalendar, week }, at('2026-11-28 10:00'))).toBe(false);
  });

  test.each([
    ['2026-11-23 10:00', 0, '2026-11-24 00:00'],
    ['2026-11-23 10:00', 1, '2026-11-25 00:00'],
    ['2026-11-20 16:00', 1, '2026-11-24 00:00'],
    ['2026-11-23 10:00', 20, '2026-12-22 00:00'],
    // Over National Day; Saturday the 10th is worked.
    ['2026-09-30 10:00', 3, '2026-10-11 00:00'],
  ])('%s and %d working days end at %s', (from, days, end) => {
    expect(wall(addWorkingDays(sampleCalendar, at(from), days))).toBe(end);
  });

  test('days at whose end the clock stands are not used', () => {
    const from = at('2026-11-23 10:00');
    const to = at('2026-11-27 10:00');
    expect(workingDaysBetween(sampleCalendar, from, to)).toBe(4);
    const stood = [{ fromMs: at('2026-11-24 15:00'), toMs: at('2026-11-26 09:00') }];
    expect(workingDaysBetween(sampleCalendar, from, to, stood)).toBe(2);
    const sameDay = [{ fromMs: at('2026-11-24 09:00'), toMs: at('2026-11-24 16:00') }];
    expect(workingDaysBetween(sampleCalendar, from, to, sameDay)).toBe(4);
    expect(workingDaysBetween(sampleCalendar, to, from)).toBe(0);
  });

  test('a promise is used up exactly at its deadline', () => {
    fc.assert(
      fc.property(arbCalendar, arbMoment, fc.integer({ min: 1, max: 60 }), (calendar, from, days) => {
        const end = addWorkingDays(calendar, from, days);
        expect(workingDaysBetween(calendar, from, end - 1)).toBe(days);
        const lastDayBegan = startOfDay(calendar.zone, dayOfText(businessDay(calendar.zone, end - 1)) ?? 0);
        expect(workingDaysBetween(calendar, from, lastDayBegan - 1)).toBe(days - 1);
      }),
      { numRuns: 100 },
    );
  });
});

test('weekdays begin on Monday', () => {
  expect(weekdayOf(dayOfText('2026-11-23') ?? 0)).toBe(0);
  expect(weekdayOf(dayOfText('2026-11-29') ?? 0)).toBe(6);
  expect(weekdayOf(dayOfText('1969-12-29') ?? 0)).toBe(0);
  expect(dayOfText('2026-02-29')).toBeUndefined();
  expect(dayOfText('2026-13-01')).toBeUndefined();
});
