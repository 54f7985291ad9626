/** The life of a link to a device, as a value and a rule. Pure. */
import { backoffMs } from '../backoff.ts';

export type Link =
  | { readonly at: 'offline'; readonly attempt: number; readonly waitMs: number }
  | { readonly at: 'opening'; readonly attempt: number }
  /** `attempt` goes on counting until the link has held: a device that accepts and drops is not hammered. */
  | { readonly at: 'online'; readonly attempt: number }
  | { readonly at: 'stopped' };

export type LinkEvent =
  | { readonly is: 'due' }
  | { readonly is: 'opened' }
  | { readonly is: 'failed' }
  /** The link has been online for `HOLD_MS`. */
  | { readonly is: 'held' }
  /** Lost while online: the cable, the power, an answer that did not come. */
  | { readonly is: 'closed' }
  /** There, and refuses what it is told. */
  | { readonly is: 'refused' }
  | { readonly is: 'stop' };

/** A link that has been online this long is trusted again. */
export const HOLD_MS = 10_000;
/** First wait after a failure. */
export const FIRST_MS = 200;
/** Longest wait between tries to reach a device that is not there: it must be back on air within 2 s of its return, however often the cable breaks. */
export const AWAY_MS = 1000;
/** Longest wait for a device that is there and refuses what it is told: asking again changes little. */
export const REFUSED_MS = 5000;

/** The link before its first try. */
export const unopened: Link = { at: 'offline', attempt: 0, waitMs: 0 };

/** `random` in [0, 1) spreads the waits of a hall's devices over the upper half of each wait. */
export function next(link: Link, event: LinkEvent, random: number): Link {
  if (event.is === 'stop') return { at: 'stopped' };
  switch (link.at) {
    case 'offline':
      return event.is === 'due' ? { at: 'opening', attempt: link.attempt + 1 } : link;
    case 'opening':
      if (event.is === 'opened') return { at: 'online', attempt: link.attempt };
      if (event.is === 'failed') return wait(link.attempt, AWAY_MS, random);
      return link;
    case 'online':
      if (event.is === 'held') return { at: 'online', attempt: 0 };
      if (event.is === 'closed') return wait(link.attempt, AWAY_MS, random);
      if (event.is === 'refused') return wait(link.attempt, REFUSED_MS, random);
      return link;
    case 'stopped':
      return link;
  }
}

const wait = (attempt: number, capMs: number, random: number): Link => ({
  at: 'offline',
  attempt,
  waitMs: backoffMs(attempt, FIRST_MS, capMs, random),
});
