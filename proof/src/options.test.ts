import { expect, test } from 'vitest';
import { optionsOf } from './options.ts';
import type { Promised } from './promise.ts';

const promised = (id: string, long = false): Promised => ({
  id,
  zh: id,
  en: id,
  ...(long && { long }),
  run: async () => ({ pass: true, measured: '' }),
});
const areas = { hall: [promised('kill-9'), promised('day', true)] };

test.each([
  { args: ['hall'], is: { ids: ['kill-9', 'day'], seed: 1, quick: false } },
  { args: ['hall', '--quick'], is: { ids: ['kill-9'], seed: 1, quick: true } },
  { args: ['hall', '--only', 'day', '--seed', '7'], is: { ids: ['day'], seed: 7, quick: false } },
])('$args', ({ args, is: { ids, ...is } }) => {
  const { promises, ...options } = optionsOf(args, areas);
  expect(promises.map(({ id }) => id)).toEqual(ids);
  expect(options).toEqual({ area: 'hall', list: false, ...is });
});

test.each([
  [[], '用法 usage'],
  [['nothing'], '用法 usage'],
  [['hall', 'again'], '用法 usage'],
  [['toString'], '用法 usage'],
  [['hall', '--help'], "Unknown option '--help'"],
  [['hall', '--only', 'nothing'], 'no promise "nothing"; there are: kill-9, day'],
  [['hall', '--seed', 'x'], '--seed'],
  [['hall', '--seed', ''], '--seed'],
])('%j is refused with the usage', (args, said) => {
  expect(() => optionsOf(args, areas)).toThrow(said);
  expect(() => optionsOf(args, areas)).toThrow('npm run proof');
});
