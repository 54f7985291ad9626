/** The proof `stale-guard`: fake time, real sockets, whole length. */
import { runStaleGuard } from '@hall/proof';
import { expect, test } from 'vitest';

test('nothing is shown longer than somebody vouches for it, and a long service with a healthy feed never goes stale', async () => {
  const { limits, ...result } = await runStaleGuard();
  expect(result.neutralMs).toBeLessThanOrEqual(limits.neutralMs);
  expect(result.silentFeedMs).toBeLessThanOrEqual(limits.silentFeedMs);
  expect(result.storedMs).toBeLessThanOrEqual(limits.storedMs);
  expect(Math.min(result.neutralMs, result.silentFeedMs, result.storedMs)).toBeGreaterThan(10_000);
  expect(result.watchedMs).toBeGreaterThanOrEqual(40 * 60_000);
  expect(result.changesInService).toEqual([]);
});
