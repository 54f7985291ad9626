import { FakeClock } from '@hall/contracts';
import { expect, test } from 'vitest';
import { createHallTime } from './hall-time.ts';
import { localTime } from './local-time.ts';

test('without a sample the own hall clock counts; with one, the sample carried on at its speed', async () => {
  const clock = new FakeClock(1_000_000);
  const hallTime = createHallTime(clock);
  expect(hallTime.nowMs()).toBe(1_000_000);
  hallTime.learn({ hallMs: 5_000_000, speed: 60 });
  await clock.advance(1000);
  expect(hallTime.nowMs()).toBe(5_060_000);
});

test('a restart carries the newest sample on by the wall clock', async () => {
  const clock = new FakeClock();
  const before = createHallTime(clock);
  before.learn({ hallMs: 5_000_000, speed: 2 });
  const kept = before.snapshot();
  await clock.advance(10_000);
  const after = createHallTime(clock, kept);
  expect(after.nowMs()).toBe(5_020_000);
  expect(after.speed).toBe(2);
});

test('local time is that of the zone, with Monday first', () => {
  expect(localTime(Date.UTC(2024, 1, 29, 16, 0, 5), 'Asia/Shanghai')).toEqual({
    year: 2024,
    month: 3,
    day: 1,
    hour: 0,
    minute: 0,
    second: 5,
    weekday: 5,
  });
  expect(localTime(Date.UTC(2026, 10, 22, 2), 'Asia/Shanghai').weekday).toBe(7);
});
