/** The checker of the proof over some of a day: every strip is right all the time, and the checker bites. */
import { DAY, readTally, runDay, runForeignWrite } from '@hall/proof';
import { expect, test } from 'vitest';

test('a foreign number on a strip is counted as wrong', async () => {
  const { wrong, right } = await runForeignWrite();
  expect(wrong).toBeGreaterThan(1000);
  expect(right).toBeGreaterThan(1000);
});

test('half an hour of a busy day with duplicates, disorder and lateness: every strip is right, none is ever wrong', async () => {
  const result = await runDay({
    seed: 7,
    windows: 24,
    agents: ['agent-a', 'agent-b'],
    tickets: 2400,
    fromMs: Date.parse(`${DAY}T11:30:00+08:00`),
    untilMs: Date.parse(`${DAY}T12:00:00+08:00`),
    speed: 100,
  });
  expect(result.evidence).toEqual([]);
  expect(result.tally.wrong).toBe(0);
  expect(readTally(result.tally).right).toBeGreaterThanOrEqual(0.999);
  expect(result.outcomes.duplicate).toBeGreaterThan(50);
  expect(result).toMatchObject({ lost: 0, steppedBack: [], differing: [], undocumented: 0, refusals: {} });
});
