/** A day and night without the server, at 600 times the speed of the hall. */
import { runIslandDay } from '@hall/proof';
import { expect, test } from 'vitest';

test('24 h without the server: no screen is ever blank, none says what it should not, every phase of the hall included', async () => {
  const result = await runIslandDay({ hours: 24, speed: 600, pressMs: 400 });
  expect(result).toMatchObject({ blank: 0, wrong: [], calledTwice: [] });
  expect(result.phases.toSorted((one, other) => (one < other ? -1 : 1))).toEqual(['closed', 'lunch', 'open', 'tail']);
  expect(result.presses).toBeGreaterThan(100);
  expect(result.spoken).toBe(result.presses);
  expect(result.acts).toBe(result.presses);
}, 600_000);
