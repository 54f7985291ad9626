import { expect, test } from 'vitest';
import { FENCE_MS, isSilent, resendAfterMs, stoodStillMs, verdictOn, type Holder } from './session-rules.ts';

const held = (presence: Holder['presence'], sinceMs = 0): Holder => ({ installId: 'old', presence, sinceMs });

test.each([
  ['nobody holds the id', undefined, 'new', 0, 'accepted'],
  ['the same installation comes back', held('online'), 'old', 0, 'accepted'],
  ['another one, while the holder is online', held('online'), 'new', 1e9, 'fenced'],
  ['another one, just after the holder was lost', held('lost', 1000), 'new', 1000 + FENCE_MS - 1, 'fenced'],
  ['another one, long after the holder was lost', held('lost', 1000), 'new', 1000 + FENCE_MS, 'accepted'],
  ['another one, after the holder stopped on purpose', held('stopped'), 'new', 0, 'accepted'],
] as const)('%s', (_, holder, installId, nowMs, verdict) => {
  expect(verdictOn(installId, holder, nowMs)).toBe(verdict);
});

test('a document is sent again after 3 s, then ever more slowly up to a minute', () => {
  expect([1, 2, 3, 4, 5, 6, 20].map(resendAfterMs)).toEqual([3000, 6000, 12_000, 24_000, 48_000, 60_000, 60_000]);
});

test.each([
  ['promised nothing', undefined, 1e9, false],
  ['has just spoken', 2500, 0, false],
  ['owes three beats', 2500, 7500, false],
  ['owes three beats and is late with the fourth', 2500, 8999, false],
  ['owes too much', 2500, 9000, true],
])('an agent that %s', (_, heartbeatMs, silentMs, lost) => {
  expect(isSilent({ heartbeatMs, heardMs: 1000 }, 1000 + silentMs)).toBe(lost);
});

test('a judge that stood still knows for how long, and a late look is no standstill', () => {
  expect([1000, 1500, 1999, 2000, 31_000].map((now) => stoodStillMs(0, now, 1000))).toEqual([0, 0, 0, 1000, 30_000]);
});
