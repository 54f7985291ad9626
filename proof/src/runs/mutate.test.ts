import { seeded } from '@hall/simulators';
import { expect, test } from 'vitest';
import { mutate } from './mutate.ts';

const sessions = [[Buffer.from('connect'), Buffer.from('subscribe'), Buffer.from('publish')], [Buffer.from('other')]];

test('a seed makes the same spoiled sessions again, and others another', () => {
  const made = (seed: number) => {
    const random = seeded(seed);
    return Array.from({ length: 200 }, () => mutate(sessions, random).toString('hex'));
  };
  expect(made(7)).toEqual(made(7));
  expect(made(7)).not.toEqual(made(8));
  expect(new Set(made(7)).size).toBeGreaterThan(150);
});
