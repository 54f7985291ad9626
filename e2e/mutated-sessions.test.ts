/** The proof `mutated-sessions` in short: real MQTT sessions, spoiled, against the running hall. */
import { runMutatedSessions } from '@hall/proof';
import { expect, test } from 'vitest';

test('two thousand spoiled sessions end nothing, hold nothing up and fill no memory', async () => {
  const { sessions, crashes, notShown, residentMb } = await runMutatedSessions({ seed: 3, sessions: 2000, quietCalls: 10 });
  expect({ sessions, crashes, notShown }).toEqual({ sessions: 2000, crashes: 0, notShown: 0 });
  expect((residentMb.at(-1) ?? 0) - (residentMb[4] ?? 0)).toBeLessThan(60);
});
