import fc from 'fast-check';
import { expect, test } from 'vitest';
import { AWAY_MS, next, REFUSED_MS, unopened, type Link, type LinkEvent } from './link.ts';

const after = (...events: Array<LinkEvent['is']>): Link =>
  events.reduce<Link>((link, is) => next(link, { is }, 0.999_999), unopened);
const rounded = (link: Link) => ('waitMs' in link ? { ...link, waitMs: Math.round(link.waitMs) } : link);

test.each([
  { events: ['due', 'opened'], link: { at: 'online', attempt: 1 } },
  { events: ['due', 'opened', 'held'], link: { at: 'online', attempt: 0 } },
  { events: ['due', 'failed'], link: { at: 'offline', attempt: 1, waitMs: 200 } },
  { events: ['due', 'failed', 'due', 'failed'], link: { at: 'offline', attempt: 2, waitMs: 400 } },
  { events: ['due', 'opened', 'held', 'closed'], link: { at: 'offline', attempt: 0, waitMs: 200 } },
  { events: ['due', 'opened', 'closed', 'due', 'opened', 'closed'], link: { at: 'offline', attempt: 2, waitMs: 400 } },
  { events: ['due', 'opened', 'refused'], link: { at: 'offline', attempt: 1, waitMs: 200 } },
  { events: ['due', 'stop', 'opened'], link: { at: 'stopped' } },
  { events: ['opened', 'closed', 'failed', 'held'], link: unopened },
] as const)('$events → $link.at', ({ events, link }) => {
  expect(rounded(after(...events))).toEqual(link);
});

const event = fc.constantFrom<LinkEvent['is']>('due', 'opened', 'failed', 'held', 'closed', 'refused', 'stop');

test('whatever happens, no wait is longer than its cap, and stopped is for ever', () => {
  fc.assert(
    fc.property(fc.array(fc.tuple(event, fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true }))), (events) => {
      let link: Link = unopened;
      for (const [is, random] of events) {
        const before: Link = link;
        link = next(link, { is }, random);
        expect(before.at !== 'stopped' || link.at === 'stopped').toBe(true);
        const waitMs = link.at === 'offline' && link !== before ? link.waitMs : 0;
        expect(waitMs).toBeLessThanOrEqual(is === 'refused' ? REFUSED_MS : AWAY_MS);
      }
    }),
  );
});

test.each([
  { is: 'closed', what: 'a cable that breaks again at once', capMs: AWAY_MS },
  { is: 'refused', what: 'a device that refuses what it is told', capMs: REFUSED_MS },
] as const)('$what is waited for ever longer, up to $capMs ms', ({ is, capMs }) => {
  let link: Link = unopened;
  const waits: number[] = [];
  for (let round = 0; round < 10; round += 1) {
    for (const event of ['due', 'opened', is] as const) link = next(link, { is: event }, 0);
    if (link.at === 'offline') waits.push(link.waitMs);
  }
  expect(waits).toEqual(waits.toSorted((one, other) => one - other));
  expect(waits.at(-1)).toBe(capMs / 2);
});
