import { FakeClock } from '@hall/contracts';
import { createHallEngine, demoContent, type PlatformEvent } from '@hall/simulators';
import { describe, expect, test } from 'vitest';
import { classify } from './classify.ts';
import { createTruth } from './truth.ts';

const content = demoContent({ windows: 8, departments: 4 });
const DAY = '2026-11-23';

function begin() {
  const clock = new FakeClock();
  const engine = createHallEngine({ seed: 1, content, day: DAY, tickets: 800 });
  engine.advanceTo(clock.hall.nowMs());
  const truth = createTruth(content, clock);
  truth.snapshotSent(engine.snapshot());
  truth.acknowledged(1);
  return { clock, engine, truth };
}
const newest = (events: readonly { event: PlatformEvent }[]) => events.map(({ event }) => event);

describe('the truth', () => {
  test('follows the platform: a call changes the picture of that window and no other', () => {
    const { clock, engine, truth } = begin();
    const now = clock.hall.nowMs() + 1;
    const events = newest(engine.act({ act: 'call', window: 'w01' }, now).events);
    const changed = new Set(events.flatMap((event) => [...truth.sent(event)]));
    expect([...changed]).toEqual(['strip-w01']);
    expect(truth.window('w01')).toMatchObject({ state: 'serving' });
  });

  test('before the answer both pictures are right, after it only the new one', async () => {
    const { clock, engine, truth } = begin();
    await clock.advance(5000);
    const before = truth.expected('strip-w01').at(-1)?.key ?? '';
    const events = newest(engine.act({ act: 'call', window: 'w01' }, clock.hall.nowMs()).events);
    for (const event of events) truth.sent(event);
    const now = truth.expected('strip-w01').at(-1)?.key ?? '';
    const verdict = (shown: string) =>
      classify({
        shown,
        expected: truth.expected('strip-w01'),
        nowMs: clock.machine.nowMs(),
        toleranceMs: 1000,
        maxAgeMs: 30_000,
        cut: false,
        neutral: new Set([truth.neutral('strip-w01')]),
        stored: 'stored',
        dark: 'dark',
      });
    await clock.advance(60_000);
    expect([verdict(before), verdict(now)]).toEqual(['right', 'right']);
    truth.acknowledged(events.length);
    await clock.advance(2000);
    expect([verdict(before), verdict(now)]).toEqual(['late', 'right']);
    await clock.advance(60_000);
    expect([verdict(before), verdict(now)]).toEqual(['wrong', 'right']);
  });

  test('the neutral picture differs from what an open window shows', () => {
    const { truth } = begin();
    expect(truth.neutral('strip-w01')).not.toBe(truth.expected('strip-w01').at(-1)?.key);
  });

  const pauseUntil = (hall: ReturnType<typeof begin>, returnAtMs: number) => {
    const { clock, engine, truth } = hall;
    const act = { act: 'pause', window: 'w02', reason: 'meeting', returnAtMs } as const;
    const events = newest(engine.act(act, clock.hall.nowMs() + 1).events);
    for (const event of events) truth.sent(event);
    truth.acknowledged(events.length);
    return truth.expected('strip-w02').at(-1)?.key ?? '';
  };

  test('a promised return that has passed changes the picture, whether or not anybody looked at the clock', async () => {
    const hall = begin();
    const promised = pauseUntil(hall, hall.clock.hall.nowMs() + 120_000);
    await hall.clock.advance(60_000);
    expect(hall.truth.expected('strip-w02').at(-1)?.key).toBe(promised);
    await hall.clock.advance(60_001);
    const spans = hall.truth.expected('strip-w02');
    expect(spans.find(({ key }) => key === promised)).toMatchObject({ endedMs: hall.clock.machine.nowMs() });
    expect(spans.filter(({ endedMs }) => endedMs === undefined)).toHaveLength(1);
  });

  test('what the clock is about to change may be seen a moment early, and is gone again if it does not come', async () => {
    const hall = begin();
    const promised = pauseUntil(hall, hall.clock.hall.nowMs() + 120_000);
    await hall.clock.advance(119_800);
    const early = hall.truth.expected('strip-w02').map(({ key }) => key);
    expect(early.at(-2)).toBe(promised);
    const act = { act: 'resume', window: 'w02' } as const;
    for (const event of newest(hall.engine.act(act, hall.clock.hall.nowMs()).events)) hall.truth.sent(event);
    hall.truth.acknowledged(100);
    await hall.clock.advance(2000);
    const still = hall.truth.expected('strip-w02').filter(({ endedMs }) => endedMs === undefined);
    expect(still.map(({ key }) => key)).toHaveLength(1);
    expect(still[0]?.key).not.toBe(early.at(-1));
  });

  test('a picture that an event has overtaken goes on with the clock until the event is answered for', async () => {
    const hall = begin();
    const { clock, engine, truth } = hall;
    pauseUntil(hall, clock.hall.nowMs() + 120_000);
    await clock.advance(119_800);
    const timeless = truth.expected('strip-w02').at(-1)?.key;
    const act = { act: 'resume', window: 'w02' } as const;
    for (const event of newest(engine.act(act, clock.hall.nowMs()).events)) truth.sent(event);
    await clock.advance(500);
    expect(truth.expected('strip-w02').find(({ key }) => key === timeless)).not.toHaveProperty('endedMs');
    truth.acknowledged(100);
    expect(truth.expected('strip-w02').find(({ key }) => key === timeless)).toHaveProperty('endedMs');
  });

  test('a closed window tells its next opening, which is another one as soon as that has come', async () => {
    const clock = new FakeClock(Date.UTC(2026, 10, 23, 4, 50));
    const truth = createTruth(content, clock);
    const time = new Date(clock.hall.nowMs()).toISOString();
    const subject = { id: 'c1', source: '/city/queue', subject: 'w01', sequence: '1', time };
    truth.sent({
      ...subject,
      specversion: '1.0',
      type: 'window.closed',
      datacontenttype: 'application/json',
      data: { window: 'w01' },
    });
    const lunch = truth.expected('strip-w01').at(-1)?.key;
    await clock.advance(40 * 60_000 + 1);
    truth.tick();
    expect(truth.expected('strip-w01').at(-1)?.key).not.toBe(lunch);
  });
});
