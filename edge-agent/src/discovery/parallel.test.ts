import { FakeClock } from '@hall/contracts';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { inParallel } from './parallel.ts';

const forever = new AbortController().signal;

test('everything is worked on once, never more at a time than allowed', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(fc.integer({ min: 0, max: 3 }), { maxLength: 30 }),
      fc.integer({ min: 1, max: 8 }),
      async (turns, most) => {
        let running = 0;
        let peak = 0;
        const work = async ([at, wait]: readonly [number, number]) => {
          running += 1;
          peak = Math.max(peak, running);
          for (let turn = 0; turn < wait; turn += 1) await Promise.resolve();
          running -= 1;
          return Array.from({ length: wait }, () => at);
        };
        const results: number[] = [];
        for await (const result of inParallel(turns.entries(), most, work, forever)) results.push(result);
        expect(results.toSorted((one, other) => one - other)).toEqual(
          turns.flatMap((wait, at) => Array.from({ length: wait }, () => at)),
        );
        expect(peak).toBeLessThanOrEqual(most);
      },
    ),
  );
});

test('after the signal nothing new is begun, and what runs is waited for', async () => {
  const clock = new FakeClock();
  const over = new AbortController();
  const begun: number[] = [];
  const work = async (item: number) => {
    begun.push(item);
    await clock.machine.sleep(100);
    return [item];
  };
  const results: number[] = [];
  const done = (async () => {
    for await (const result of inParallel([1, 2, 3, 4, 5], 2, work, over.signal)) results.push(result);
  })();
  over.abort();
  await clock.advance(500);
  await done;
  expect(begun).toEqual([1, 2]);
  expect(results).toEqual([1, 2]);
});
