import { expect, test } from 'vitest';
import { slopes } from './growth.ts';

test('a straight line has equal slopes', () => {
  const [first, second, differs] = slopes('memory', 'kB per device', (size) => 500 + 30 * size);
  expect([first?.value, second?.value]).toEqual([30, 30]);
  expect(differs).toMatchObject({ met: true, goal: '<= 20' });
});

test('a slope that bends by more than a fifth, either way, misses the goal', () => {
  const bent = (factor: number) => slopes('x', 'u', (size) => (size <= 100 ? size : 100 + (size - 100) * factor))[2];
  expect(bent(1.15)).toMatchObject({ met: true });
  expect(bent(1.25)).toMatchObject({ value: 25, met: false });
  expect(bent(0.75)).toMatchObject({ value: 25, met: false });
});
