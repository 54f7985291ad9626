import { expect, test } from 'vitest';
import { createNewest } from './newest.ts';

test('while one runs, only the newest of the others waits', async () => {
  const done: number[] = [];
  const finish: Array<() => void> = [];
  const newest = createNewest<number>(async (value) => {
    await new Promise<void>((resolve) => {
      finish.push(resolve);
    });
    done.push(value);
  });
  for (const value of [1, 2, 3, 4]) newest.give(value);
  finish[0]?.();
  while (finish.length < 2) await Promise.resolve();
  finish[1]?.();
  await newest.idle();
  expect(done).toEqual([1, 4]);
});
