import { describe, expect, it } from 'vitest';
import { hallNow, timeText } from './hall-clock.ts';

describe('hall clock', () => {
  it('goes on between two messages at the speed of the hall', () => {
    const clock = { hallMs: 1_000_000, speed: 60, toldAtMs: 500 };
    expect(hallNow(clock, 1_500)).toBe(1_060_000);
  });

  it('never goes back before the moment it was told', () => {
    expect(hallNow({ hallMs: 1_000_000, speed: 1, toldAtMs: 500 }, 400)).toBe(1_000_000);
  });

  it('writes times in the zone of the hall, whatever the zone of the browser', () => {
    const ms = Date.UTC(2026, 10, 23, 2, 20, 5);
    expect(timeText(ms, 'Asia/Shanghai', 'clock')).toBe('10:20:05');
    expect(timeText(ms, 'Asia/Shanghai', 'minute')).toBe('10:20');
    expect(timeText(ms, 'Asia/Shanghai', 'full')).toBe('2026-11-23 10:20:05');
  });
});
