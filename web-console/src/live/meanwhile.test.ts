import type { Changes } from '@hall/contracts';
import { expect, test } from 'vitest';
import { noteChanges, readWhileTold } from './meanwhile.ts';

const changesOf = (lagMs: number) => ({ feed: { lagMs } }) as Changes;
const lags = (held: readonly (number | null)[], { feed }: Changes) => [...held, feed?.lagMs ?? null];

test('what is told during a read is put on its answer in order; what came before and comes after is not', async () => {
  let answer: (lags: number[]) => void = () => {};
  noteChanges(changesOf(1));
  const reading = readWhileTold(() => new Promise<readonly (number | null)[]>((resolve) => (answer = resolve)), lags);
  const failing = readWhileTold(() => Promise.reject<readonly number[]>(new Error('away')), lags);
  noteChanges(changesOf(2));
  noteChanges(changesOf(3));
  answer([0]);
  await expect(reading).resolves.toEqual([0, 2, 3]);
  await expect(failing).rejects.toThrow('away');
  noteChanges(changesOf(4));
  await expect(readWhileTold(async () => [5], lags)).resolves.toEqual([5]);
});
