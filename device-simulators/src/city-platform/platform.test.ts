import { FakeClock, type PlatformSnapshot } from '@hall/contracts';
import { describe, expect, test } from 'vitest';
import { demoContent } from './content.ts';
import { createHallDay } from './day.ts';
import type { PlatformEvent } from './events.ts';
import { createCityPlatform, playRecording } from './platform.ts';

const content = demoContent({ windows: 12, departments: 4 });
const options = { content, day: '2026-11-23', seed: 3, tickets: 1200 };
const DAY_MS = 86_400_000;

describe('the city platform', () => {
  test('begins with a snapshot and goes on in hall time', async () => {
    const clock = new FakeClock();
    const sent: PlatformEvent[] = [];
    const snapshots: PlatformSnapshot[] = [];
    const platform = createCityPlatform({
      ...options,
      clock,
      send: (event) => sent.push(event),
      catchUp: { snapshot: (snapshot) => snapshots.push(snapshot) },
    });
    expect(sent).toEqual([]);
    expect(snapshots[0]?.windows).toHaveLength(12);
    const began = clock.hall.nowMs();
    await clock.advance(120_000);
    expect(sent.length).toBeGreaterThan(10);
    expect(sent.every(({ time }) => Date.parse(time) > began && Date.parse(time) <= clock.hall.nowMs())).toBe(true);
    await platform.close();
    const count = sent.length;
    await clock.advance(60_000);
    expect(sent).toHaveLength(count);
  });

  test('with events instead of a snapshot, sends the morning and then what comes, the same as the whole day', async () => {
    const clock = new FakeClock();
    const sent: PlatformEvent[] = [];
    const platform = createCityPlatform({ ...options, clock, send: (event) => sent.push(event), catchUp: 'events' });
    await clock.advance(300_000);
    await platform.close();
    const day = createHallDay(options).events.filter(({ atHallMs }) => atHallMs <= clock.hall.nowMs());
    expect(sent).toEqual(day.map(({ event }) => event));
  });

  test('what a person does is sent at once', async () => {
    const clock = new FakeClock();
    const sent: PlatformEvent[] = [];
    const platform = createCityPlatform({
      ...options,
      clock,
      send: (event) => sent.push(event),
      catchUp: { snapshot: () => {} },
    });
    const { events } = platform.act({ act: 'take', service: 'id-card' });
    expect(events.map(({ type }) => type)).toEqual(['ticket.issued']);
    expect(sent).toEqual(events);
    expect(platform.act({ act: 'call', window: 'w01' }).result).toEqual({ done: true, ticket: events[0]?.data['ticket'] });
    await platform.close();
  });

  test('goes on to the next day, and the sequences of the windows go on', async () => {
    const clock = new FakeClock(Date.UTC(2026, 10, 23, 15, 59));
    const sent: PlatformEvent[] = [];
    const platform = createCityPlatform({ ...options, tickets: 50, clock, send: (event) => sent.push(event), catchUp: 'events' });
    await clock.advance(DAY_MS / 2);
    expect(platform.day).toBe('2026-11-24');
    await platform.close();
    const window = sent.filter(({ subject }) => subject === 'window/w01').map(({ sequence }) => Number(sequence));
    expect(window).toEqual(window.map((_, at) => at + 1));
    expect(new Set(sent.map(({ id }) => id)).size).toBe(sent.length);
    expect(sent.some(({ subject }) => subject?.startsWith('2026-11-24/'))).toBe(true);
  });

  test('a recording is played along hall time', async () => {
    const clock = new FakeClock();
    const events = createHallDay(options).events.filter(({ atHallMs }) => atHallMs <= clock.hall.nowMs() + 60_000);
    const sent: PlatformEvent[] = [];
    const playing = playRecording(events, { clock, send: (event) => sent.push(event) });
    await clock.advance(30_000);
    expect(sent.length).toBeLessThan(events.length);
    await clock.advance(40_000);
    await playing;
    expect(sent).toEqual(events.map(({ event }) => event));
  });
});
