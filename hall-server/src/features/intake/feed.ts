/** How the feed of the platform is: counters since the start, and whether it is fresh. */
import type { Clock, FeedView } from '@hall/contracts';
import type { Static } from 'typebox';
import type { SubmissionReply } from '../../platform/store/protocol.ts';
import type { FeedService } from '../facts/service.ts';

export interface Feed extends FeedService {
  /** Counts what became of one request. */
  count(reply: Omit<SubmissionReply, 'json'>): void;
  /** Something of the platform was accepted: it lives. `sourceMs`: when that happened at the source, Unix ms. */
  heard(sourceMs: number): void;
  /** Whether anything was accepted within `maxAgeMs` of machine time. */
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
  const heard = (sourceMs: number) => {
    lastMachineMs = clock.machine.nowMs();
    lastEventAt = sourceMs;
    lagMs = Math.max(0, clock.hall.nowMs() - sourceMs);
  };
  return {
    fresh,
    heard,
    count: ({ accepted, duplicate, quarantined, flagged, gaps, newestMs }) => {
      counters.accepted += accepted;
      counters.duplicate += duplicate;
      counters.quarantined += quarantined;
      counters.flagged += flagged;
      counters.gaps += gaps;
      if (accepted > 0) heard(newestMs);
    },
    view: (): Static<typeof FeedView> => ({ fresh: fresh(), lastEventAt, lagMs, ...counters }),
  };
}
