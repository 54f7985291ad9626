import { expect, test } from 'vitest';
import { optionsOf } from './options.ts';

const all = ['calls', 'intake', 'growth'];

test.each([
  { args: [], is: { quick: false, parts: all, runs: 5, check: false } },
  { args: ['--quick', '--check'], is: { quick: true, parts: all, runs: 1, check: true } },
  { args: ['--only', 'growth,calls', '--runs', '3'], is: { quick: false, parts: ['growth', 'calls'], runs: 3, check: false } },
])('$args', ({ args, is }) => {
  expect(optionsOf(args, all)).toEqual(is);
});

test.each([
  [['--only', 'nothing'], 'no such part: nothing'],
  [['--runs', '0'], '--runs must be a whole number from 1'],
  [['--fast'], "Unknown option '--fast'"],
])('%j is refused with the usage', (args, said) => {
  expect(() => optionsOf(args, all)).toThrow(said);
  expect(() => optionsOf(args, all)).toThrow('npm run bench');
});
