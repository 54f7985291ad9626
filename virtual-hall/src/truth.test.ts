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

  test('a promised return that has passed changes the picture', async () => {
    const { clock, engine, truth } = begin();
    const returnAtMs = clock.hall.nowMs() + 120_000;
    const act = { act: 'pause', window: 'w02', reason: 'meeting', returnAtMs } as const;
    for (const event of newest(engine.act(act, clock.hall.nowMs() + 1).events)) truth.sent(event);
    const promised = truth.expected('strip-w02').at(-1)?.key;
    await clock.advance(60_000);
    truth.tick();
    expect(truth.expected('strip-w02').at(-1)?.key).toBe(promised);
    await clock.advance(120_000);
    truth.tick();
    expect(truth.expected('strip-w02').at(-1)?.key).not.toBe(promised);
  });
});
