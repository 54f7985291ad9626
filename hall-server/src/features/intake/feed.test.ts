import { FakeClock } from '@hall/contracts';
import { expect, test } from 'vitest';
import { createFeed } from './feed.ts';
import { loadLimit } from './load-limit.ts';

const nothing = { accepted: 0, duplicate: 0, quarantined: 0, flagged: 0, gaps: 0, newestMs: 0 };

test('the feed is fresh from an accepted event on, for its maximum age; duplicates do not renew it', async () => {
  const clock = new FakeClock();
  const feed = createFeed(clock, undefined, () => 60_000);
  expect(feed.fresh()).toBe(false);
  feed.count({ ...nothing, accepted: 1, newestMs: clock.hall.nowMs() - 250 });
  await clock.advance(60_000);
  expect(feed.fresh()).toBe(true);
  feed.count({ ...nothing, duplicate: 1, quarantined: 1, newestMs: clock.hall.nowMs() });
  await clock.advance(1);
  expect(feed.view()).toMatchObject({ fresh: false, accepted: 1, duplicate: 1, quarantined: 1, lagMs: 250 });
});

test('a snapshot of the platform shows that it lives', async () => {
  const clock = new FakeClock();
  const feed = createFeed(clock, undefined, () => 60_000);
  feed.heard(clock.hall.nowMs() - 40);
  await clock.advance(60_000);
  expect(feed.view()).toMatchObject({ fresh: true, accepted: 0, lagMs: 40 });
  await clock.advance(1);
  expect(feed.fresh()).toBe(false);
});

test('after a restart the age goes on from the newest fact', () => {
  const clock = new FakeClock();
  expect(createFeed(clock, clock.wall.nowMs() - 59_000, () => 60_000).fresh()).toBe(true);
  expect(createFeed(clock, clock.wall.nowMs() - 61_000, () => 60_000).fresh()).toBe(false);
});

test('flags and gaps are counted apart', () => {
  const clock = new FakeClock();
  const feed = createFeed(clock, undefined, () => 60_000);
  feed.count({ ...nothing, accepted: 4, flagged: 3, gaps: 1, newestMs: 1 });
  expect(feed.view()).toMatchObject({ accepted: 4, flagged: 3, gaps: 1 });
});

test('the load limit gives back what was taken, once', () => {
  const limit = loadLimit({ requests: 2, bytes: 100 });
  const leave = limit.enter(90);
  expect(() => limit.enter(20)).toThrow(expect.objectContaining({ code: 'OVERLOADED', details: { retryAfterS: 1 } }));
  const second = limit.enter(10);
  expect(() => limit.enter(0)).toThrow(expect.objectContaining({ code: 'OVERLOADED' }));
  leave();
  leave();
  second();
  // A single request may be larger than the bound, or it could never be taken.
  limit.enter(1000);
  expect(() => limit.enter(1)).toThrow(expect.objectContaining({ code: 'OVERLOADED' }));
});
