/** The proof `bad-input`: the whole table, alone, in batches and over MQTT. */
import { runBadInput } from '@hall/proof';
import { expect, test } from 'vitest';

test('bad input gets its code and field, changes nothing, and costs no good event', async () => {
  const { tried, good, ...result } = await runBadInput();
  expect(result).toEqual({ unexpected: [], lost: [], invented: 0, shown: true });
  expect(tried).toBeGreaterThanOrEqual(60);
  expect(good).toBeGreaterThan(tried / 2);
});
