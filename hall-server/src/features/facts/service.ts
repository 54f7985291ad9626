/** What other features may ask about facts. */
import type { EventQuery, EventRow, FeedView, QuarantineRow, Trace } from '@hall/contracts';
import type { Static } from 'typebox';

export interface FactService {
  /** Newest first; `window` matches facts about that window. Limit 50 unless told, 200 at most. */
  list(query: Static<typeof EventQuery>): EventRow[];
  /** Facts by seq, oldest first; for telling what is new. At most 200. */
  between(first: number, last: number): EventRow[];
  /** The way of one event to the screens. Newest fact with that CloudEvents id; undefined if there is none. */
  trace(eventId: string): Static<typeof Trace> | undefined;
  /** Quarantined events, newest first. */
  quarantined(query: { readonly before?: number; readonly limit?: number }): Array<Static<typeof QuarantineRow>>;
}

export interface FeedService {
  /** Freshness and counters of the platform feed since the start of the process. */
  view(): Static<typeof FeedView>;
}
