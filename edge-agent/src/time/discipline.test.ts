import { FakeClock, type TimeReply, type TimeRequest } from '@hall/contracts';
import { expect, test } from 'vitest';
import { createDiscipline, EVERY_MS } from './discipline.ts';
import type { HallTimeSample } from './hall-time.ts';

const DAY_MS = 86_400_000;

/** A server whose clocks are ahead of the agent's by `aheadMs`, as far as `delayMs` away in each direction. */
function setup({ aheadMs = 0, delayMs = 5 } = {}) {
  const clock = new FakeClock();
  const base = clock.wall.nowMs() + aheadMs - clock.machine.nowMs();
  const asked: TimeRequest[] = [];
  const learnt: HallTimeSample[] = [];
  const counters: string[] = [];
  const discipline = createDiscipline(
    {
      epoch: 'e',
      ask: (request) => asked.push(request),
      learn: (sample) => learnt.push(sample),
      count: (name) => counters.push(name),
    },
    clock,
  );
  const answer = async (more: Partial<TimeReply> = {}) => {
    const { number = 0 } = asked.at(-1) ?? {};
    await clock.advance(delayMs);
    const at = Math.round(base + clock.machine.nowMs());
    await clock.advance(delayMs);
    discipline.take({ epoch: 'e', number, receivedMs: at, repliedMs: at, hallTime: { hallMs: at, speed: 1 }, ...more });
  };
  return { clock, asked, learnt, counters, discipline, answer };
}

test('it asks after each welcome and every minute, and not while there is no session', async () => {
  const { clock, asked, discipline } = setup();
  discipline.welcomed();
  expect(asked).toHaveLength(1);
  await clock.advance(2.5 * EVERY_MS);
  expect(asked).toHaveLength(3);
  discipline.parted();
  await clock.advance(5 * EVERY_MS);
  expect(asked).toHaveLength(3);
  discipline.welcomed();
  expect(asked.map(({ number }) => number)).toEqual([1, 2, 3, 4]);
  discipline.close();
});

test('an answer tells hall time, the skew of the own clock, and the wall clock of the server', async () => {
  const { clock, learnt, discipline, answer } = setup({ aheadMs: 5000 });
  discipline.welcomed();
  expect([discipline.measured, discipline.skew()]).toEqual([false, undefined]);
  await answer();
  expect(discipline.measured).toBe(true);
  expect(learnt.at(-1)).toEqual({ hallMs: clock.hall.nowMs() + 5000, speed: 1 });
  expect(discipline.skew()).toEqual({ ms: -5000, errorMs: 7 });
  expect(discipline.wall.nowMs()).toBe(clock.wall.nowMs() + 5000);
});

test('a wall clock that is set shows as skew at once and changes nothing else', async () => {
  const { clock, discipline, answer } = setup();
  discipline.welcomed();
  await answer();
  for (const step of [DAY_MS, -2 * DAY_MS]) {
    const before = [discipline.wall.nowMs(), discipline.skew()?.ms ?? 0] as const;
    clock.setAhead(step);
    expect([discipline.wall.nowMs(), discipline.skew()?.ms]).toEqual([before[0], before[1] + step]);
  }
});

test('doubt asks again, but not more often than answers can come', async () => {
  const { clock, asked, discipline, answer } = setup();
  discipline.welcomed();
  await answer();
  for (let n = 0; n < 50; n += 1) discipline.doubt();
  expect(asked).toHaveLength(1);
  await clock.advance(2000);
  expect(asked).toHaveLength(2);
  await clock.advance(10_000);
  discipline.doubt();
  await clock.advance(1);
  expect(asked).toHaveLength(3);
});

test('late, repeated, foreign and impossible answers are dropped', async () => {
  const { clock, counters, learnt, discipline, answer } = setup();
  discipline.welcomed();
  await answer({ epoch: 'another' });
  await answer({ number: 7 });
  await answer({ repliedMs: 0 });
  await answer();
  await answer();
  await clock.advance(EVERY_MS);
  await clock.advance(3000);
  await answer();
  expect(counters).toEqual(Array.from({ length: 5 }, () => 'dropped.time'));
  expect(learnt).toHaveLength(1);
});
