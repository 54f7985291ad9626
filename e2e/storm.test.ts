/** A small storm; the promises `storm` and `secure-storm` of the fleet's proof are the large ones. */
import { runStorm } from '@hall/proof';
import { expect, test } from 'vitest';

test('agents with certificates come back to a killed server, hold what they should, and none of their facts is lost', async () => {
  const result = await runStorm({
    broker: 'embedded',
    agents: 20,
    devicesEach: 5,
    mutualTls: true,
    storms: 1,
    recordEveryMs: 200,
  });
  expect(result).toMatchObject({ differing: 0, lost: 0, twice: 0 });
  expect(result.convergedMs).toHaveLength(1);
  expect(result.facts).toBeGreaterThan(100);
});
