/** The proof `power-cut` in short, with its negative control. */
import { runAgentCuts, runPowerCuts } from '@hall/proof';
import { expect, test } from 'vitest';

test('after a power cut at any moment every acknowledged event is there', async () => {
  const result = await runPowerCuts({ seed: 5, cuts: 40, events: 100, careless: false });
  expect(result).toMatchObject({ acknowledged: 100, losing: 0, damaged: 0 });
});

test('a store that does not sync its commits is found out by the same cuts', async () => {
  const result = await runPowerCuts({ seed: 5, cuts: 10, events: 100, careless: true });
  expect(result.acknowledged).toBe(100);
  expect(result.losing).toBeGreaterThan(0);
});

test('after a power cut at any moment an agent holds what it has told the server it holds', async () => {
  const result = await runAgentCuts({ seed: 5, cuts: 40, events: 60, careless: false });
  expect(result).toMatchObject({ losing: 0, damaged: 0 });
  expect(result.said).toBeGreaterThan(20);
});
