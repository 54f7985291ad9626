/** The proof `outbox-drain` in short; how fast it goes is measured by the proof alone. */
import { isWhole, runOutboxDrain } from '@hall/proof';
import { expect, test } from 'vitest';

test('a long outbox reaches the server once and in order, through kills of agent and server', async () => {
  const result = await runOutboxDrain({ rows: 12_000, kill: true });
  expect(result).toMatchObject({ lost: 0, twice: 0, disordered: [], kills: 2, gaps: 0 });
  expect(isWhole(result)).toBe(true);
});
