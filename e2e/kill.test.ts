/** The proof `kill-9` in short: real processes, killed at seeded points under load. */
import { isClean, runKills } from '@hall/proof';
import { expect, test } from 'vitest';

test('after five kills at random points nothing is lost, nothing was shown twice, and all screens are right', async () => {
  const result = await runKills({ seed: 11, kills: 5, eventsPerSecond: 40 });
  const { evidence, tally, readyMs, ...counts } = result;
  expect(evidence.filter(({ verdict }) => verdict === 'wrong')).toEqual([]);
  expect(counts).toMatchObject({ lost: [], unanswered: 0, twice: 0, steppedBack: [], differingStrips: [], crashes: [] });
  expect(isClean(result)).toBe(true);
  expect(tally.right).toBeGreaterThan(0);
  expect(readyMs.length).toBeGreaterThan(0);
});
