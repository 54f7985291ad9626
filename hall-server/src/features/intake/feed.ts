/** How the feed of the platform is: counters since the start, and whether it is fresh. */
import type { Clock, FeedView } from '@hall/contracts';
import type { Static } from 'typebox';
import type { BatchOutcome } from '../../platform/store/protocol.ts';
import type { FeedService } from '../facts/service.ts';

export interface Feed extends FeedService {
  /** Counts the outcomes of one request; `newestMs` is the newest source time among its events. */
  count(outcome: BatchOutcome, quarantined: number, newestMs: number): void;
  /** Whether an event was accepted within `maxAgeMs` of machine time. */
  fresh(): boolean;
}

/** `lastReceivedMs`: wall time of the newest fact in the store at the start, if any. `maxAgeMs`: how long a silence is still fresh. */
export function createFeed(clock: Clock, lastReceivedMs: number | undefined, maxAgeMs: () => number): Feed {
  const counters = { accepted: 0, duplicate: 0, quarantined: 0, flagged: 0, gaps: 0 };
  let lastEventAt: number | null = null;
  let lagMs: number | null = null;
  let lastMachineMs =
    lastReceivedMs === undefined
      ? Number.NEGATIVE_INFINITY
      : clock.machine.nowMs() - Math.max(0, clock.wall.nowMs() - lastReceivedMs);
  const fresh = () => clock.machine.nowMs() - lastMachineMs <= maxAgeMs();
  return {
    fresh,
    count: (outcome, quarantined, newestMs) => {
      counters.quarantined += quarantined;
      let accepted = 0;
      for (const one of outcome) {
        if (one === 'duplicate') counters.duplicate += 1;
        else {
          accepted += 1;
          if (one !== '') counters.flagged += 1;
          if (one === 'gap') counters.gaps += 1;
        }
      }
      if (accepted === 0) return;
      counters.accepted += accepted;
      lastMachineMs = clock.machine.nowMs();
      lastEventAt = newestMs;
      lagMs = Math.max(0, clock.hall.nowMs() - newestMs);
    },
    view: (): Static<typeof FeedView> => ({ fresh: fresh(), lastEventAt, lagMs, ...counters }),
  };
}
