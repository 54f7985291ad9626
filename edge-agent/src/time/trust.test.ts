import { FakeClock, type Layer, type ScreenPlan } from '@hall/contracts';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { createHallTime, type StoredHallTime } from './hall-time.ts';
import { certainPart, startingTime } from './trust.ts';

const NOON = Date.UTC(2026, 10, 23, 4);
const DAY_MS = 86_400_000;
const stored: StoredHallTime = { hallMs: NOON, speed: 1, wallMs: NOON, highestMs: NOON };
const at = (wallMs: number, before: StoredHallTime | undefined = stored) => startingTime({ wallMs, hallMs: wallMs }, before);

test('a wall clock that went on is believed', () => {
  expect(at(NOON + DAY_MS)).toEqual({ hallMs: NOON + DAY_MS, speed: 1, trust: 'carried', highestMs: NOON + DAY_MS });
  expect(at(NOON - 1500).trust).toBe('carried');
  expect(at(NOON - 1500).hallMs).toBe(NOON);
});

test.each([
  ['1970', 0],
  ['an hour back', NOON - 3_600_000],
  ['2038', Date.UTC(2038, 0, 19, 3, 14, 7)],
  ['2106', Date.UTC(2106, 1, 7)],
  ['two years ahead', NOON + 2 * 366 * DAY_MS],
])('a wall clock at %s is not: hall time is the highest ever seen', (_, wallMs) => {
  expect(at(wallMs, { ...stored, highestMs: NOON + 5000 })).toEqual({
    hallMs: NOON + 5000,
    speed: 1,
    trust: 'untrusted',
    highestMs: NOON + 5000,
  });
});

test('a new machine with a dead battery says so', () => {
  expect(startingTime({ wallMs: 0, hallMs: 0 }).trust).toBe('untrusted');
  expect(startingTime({ wallMs: NOON, hallMs: NOON }).trust).toBe('carried');
});

test('whatever the clocks say at a start, hall time never lies before what was seen', () => {
  const any = fc.integer({ min: 0, max: Date.UTC(2150, 0) });
  fc.assert(
    fc.property(any, any, any, fc.integer({ min: 0, max: 10 * DAY_MS }), (wallMs, hallMs, thenMs, ahead) => {
      const before = { hallMs, speed: 1, wallMs: thenMs, highestMs: hallMs + ahead };
      const start = startingTime({ wallMs, hallMs: wallMs }, before);
      expect(start.hallMs).toBeGreaterThanOrEqual(before.highestMs);
      expect(start.trust === 'carried' || start.hallMs === before.highestMs).toBe(true);
    }),
  );
});

test('a dead battery stays one over further restarts, until the server tells the time', async () => {
  const clock = new FakeClock(1_000_000);
  const first = createHallTime(clock, stored);
  await clock.advance(60_000);
  expect([first.trust, first.nowMs()]).toEqual(['untrusted', NOON + 60_000]);
  const second = createHallTime(clock, first.snapshot());
  expect([second.trust, second.nowMs()]).toEqual(['untrusted', NOON + 60_000]);
  second.learn({ hallMs: NOON + DAY_MS, speed: 1 });
  expect([second.trust, second.nowMs()]).toEqual(['told', NOON + DAY_MS]);
  expect(second.snapshot()).toMatchObject({ hallMs: NOON + DAY_MS, highestMs: NOON + DAY_MS });
});

test('the server may take back a year it told by mistake', () => {
  const hallTime = createHallTime(new FakeClock(NOON));
  hallTime.learn({ hallMs: NOON + 400 * DAY_MS, speed: 1 });
  hallTime.learn({ hallMs: NOON, speed: 1 });
  expect([hallTime.nowMs(), hallTime.highestMs]).toEqual([NOON, NOON]);
});

test('small corrections are made up for without a moment coming twice, and in full', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(fc.integer({ min: -900, max: 900 }), { minLength: 1, maxLength: 8 }), async (corrections) => {
      const clock = new FakeClock(NOON);
      const hallTime = createHallTime(clock);
      hallTime.learn({ hallMs: NOON, speed: 1 });
      let last = hallTime.nowMs();
      for (const correction of corrections) {
        const goal = hallTime.nowMs() + correction;
        hallTime.learn({ hallMs: goal, speed: 1 });
        for (const ms of [1, 100, 899, 8000]) {
          await clock.advance(ms);
          expect(hallTime.nowMs()).toBeGreaterThanOrEqual(last);
          last = hallTime.nowMs();
        }
        expect(hallTime.nowMs()).toBe(goal + 9000);
      }
    }),
    { numRuns: 20 },
  );
});

test('the wall clock of the machine may be set as it likes once the agent runs', async () => {
  const clock = new FakeClock(NOON);
  const hallTime = createHallTime(clock, stored);
  for (const step of [DAY_MS, -DAY_MS, -NOON]) {
    const before = hallTime.nowMs();
    clock.setAhead(step);
    expect(hallTime.nowMs()).toBe(before);
  }
});

const layer = (id: string, more: Partial<Layer>): Layer => ({
  id,
  class: 'programme',
  seq: 1,
  content: { template: 'blank', parameters: {}, bindings: [] },
  source: { kind: 'rule', id: 'r' },
  ...more,
});

test('while the time is not trusted a layer that ends is left out, unless it is an emergency; one that begins is not', () => {
  const layers = [
    layer('ends', { validTo: NOON + DAY_MS }),
    layer('begins', { validFrom: NOON }),
    layer('always', {}),
    layer('emergency', { class: 'emergency', validTo: NOON + DAY_MS }),
  ];
  const plan: ScreenPlan = { widthPx: 64, heightPx: 16, maxAgeMs: 1000, safeAfterMs: 1000, regions: [{ id: 'main', layers }] };
  expect(certainPart(plan).regions[0]?.layers.map(({ id }) => id)).toEqual(['begins', 'always', 'emergency']);
});
