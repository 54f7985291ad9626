import { expect, test } from 'vitest';
import { figure, median, percentile } from './figures.ts';

test.each([
  { values: [1, 2, 3, 4, 5], p: 50, is: 3 },
  { values: [5, 1], p: 99, is: 5 },
  { values: Array.from({ length: 100 }, (_, i) => i + 1), p: 99, is: 99 },
])('percentile $p of $values.length values is $is', ({ values, p, is }) => {
  expect(percentile(values, p)).toBe(is);
});

test('a goal is met at its limit and missed beyond it', () => {
  expect(figure('x', 15, 'ms', { most: 15 }).met).toBe(true);
  expect(figure('x', 15.1, 'ms', { most: 15 }).met).toBe(false);
  expect(figure('x', 2, '/s', { least: 3 }).met).toBe(false);
});

test('nothing measured is not a met goal', () => {
  expect(figure('x', median([]), 'ms', { most: 15 }).met).toBe(false);
});
