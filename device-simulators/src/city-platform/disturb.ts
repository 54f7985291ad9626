import type { TimedEvent } from './events.ts';
import { createRandom } from './random.ts';

export interface Disturbance {
  /** Share of events sent twice, 0 to 1. */
  readonly duplicates?: number;
  /** Share of events that change places with a later one, within ten. */
  readonly disorder?: number;
  /** Share of events that arrive late. */
  readonly lateness?: number;
  /** How late at most, hall ms; default 60 s. */
  readonly latestMs?: number;
  readonly seed: number | string;
}

/**
 * What a bad line does to a feed: events arrive twice, out of order and late, but each at least once. `atHallMs` becomes
 * the time of arrival and never decreases; the events themselves stay as they are.
 */
export function disturb(events: readonly TimedEvent[], options: Disturbance): TimedEvent[] {
  const random = createRandom(`disturb/${options.seed}`);
  const latestMs = options.latestMs ?? 60_000;
  const arriving = events.flatMap((item) => {
    const late = random.chance(options.lateness ?? 0) ? random.between(1, latestMs) : 0;
    const first = { ...item, atHallMs: item.atHallMs + late };
    const again = random.chance(options.duplicates ?? 0);
    return again ? [first, { ...item, atHallMs: first.atHallMs + random.between(0, latestMs) }] : [first];
  });
  const ordered = arriving.toSorted((a, b) => a.atHallMs - b.atHallMs);
  for (let at = 0; at < ordered.length; at += 1) {
    if (!random.chance(options.disorder ?? 0)) continue;
    const other = Math.min(ordered.length - 1, at + random.between(1, 10));
    const left = ordered[at];
    const right = ordered[other];
    if (!left || !right) continue;
    ordered[at] = { ...right, atHallMs: left.atHallMs };
    ordered[other] = { ...left, atHallMs: right.atHallMs };
  }
  return ordered;
}
