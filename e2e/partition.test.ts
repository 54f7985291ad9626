/** The proof `partitions` in short: cut off for five minutes of fake time. */
import { runLongPartition } from '@hall/proof';
import { expect, test } from 'vitest';

test('an agent cut off for 5 minutes says that nothing is vouched for, and draws only the newest calls when it is back', async () => {
  const result = await runLongPartition(5 * 60_000);
  expect(result.shownWhileCut.filter((text) => /[AB]\d{3}/.test(text))).toEqual([]);
  expect(result.healMs).toBeLessThanOrEqual(3000);
  expect(result.replayed).toEqual([]);
});
