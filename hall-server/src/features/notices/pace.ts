/** How fast and how often a channel is used: rate, merging, growing waits, circuit. Pure. */
import type { Outcome } from './outcome.ts';

const MINUTE_MS = 60_000;
/** Waits before the second, third … try, ms. */
const WAITS_MS = [5000, 15_000, 45_000, 120_000, 300_000, 600_000, 600_000] as const;
export const MOST_TRIES = WAITS_MS.length + 1;
/** A notice that could not go out for so long would only puzzle whoever gets it. */
export const EXPIRES_MS = 4 * 3_600_000;
const MOST_MERGED = 100;

export interface WaitingRow {
  readonly seq: number;
  readonly nextAt: number;
  /** Rows of one batch go out as one message. */
  readonly batch: string | null;
  /** What has to be the same for rows to become one message. */
  readonly sameAs: string;
}
export type NextMessage<R> = { readonly send: readonly R[] } | { readonly waitUntil: number };

/**
 * What a channel sends next. `rows`: all that wait, oldest first. `recent`: moments of the sends of the last minute.
 * While the rate lasts every row is a message of its own; when more waits than the rate allows, rows for the same people
 * become one. Undefined when nothing waits.
 */
export function nextMessage<R extends WaitingRow>(
  rows: readonly R[],
  recent: readonly number[],
  perMinute: number,
  now: number,
): NextMessage<R> | undefined {
  if (rows.length === 0) return undefined;
  const ready = rows.filter(({ nextAt }) => nextAt <= now);
  const [first] = ready;
  if (!first) return { waitUntil: Math.min(...rows.map(({ nextAt }) => nextAt)) };
  const used = recent.filter((at) => at > now - MINUTE_MS);
  if (used.length >= perMinute) return { waitUntil: Math.min(...used) + MINUTE_MS };
  if (first.batch !== null) return { send: rows.filter(({ batch }) => batch === first.batch) };
  if (ready.length <= perMinute - used.length) return { send: [first] };
  const alike = ready.filter(({ batch, sameAs }) => batch === null && sameAs === first.sameAs);
  return { send: alike.slice(0, MOST_MERGED) };
}

/** When a message is tried again after its `tries`-th try, Unix ms; undefined when it is given up. */
export function nextTry(tries: number, { retryAfterMs = 0 }: Pick<Outcome, 'retryAfterMs'>, now: number): number | undefined {
  const wait = WAITS_MS[tries - 1];
  return wait === undefined ? undefined : now + Math.max(wait, retryAfterMs);
}

/** Failures in a row after which a channel is left alone for a while. */
const OPENS_AFTER = 5;
const FIRST_OPEN_MS = 30_000;
const LONGEST_OPEN_MS = 600_000;

export interface Circuit {
  /** Failures since the last answer. */
  readonly failures: number;
  /** No try before this moment, Unix ms; null while closed. */
  readonly openUntil: number | null;
}
export const closedCircuit: Circuit = { failures: 0, openUntil: null };

/** A receiver that answers, even with a refusal, is there. */
export function afterOutcome({ failures }: Circuit, { verdict }: Pick<Outcome, 'verdict'>, now: number): Circuit {
  if (verdict !== 'later') return closedCircuit;
  const more = failures + 1;
  if (more < OPENS_AFTER) return { failures: more, openUntil: null };
  const openMs = Math.min(FIRST_OPEN_MS * 2 ** Math.min(more - OPENS_AFTER, 20), LONGEST_OPEN_MS);
  return { failures: more, openUntil: now + openMs };
}
export function circuitState({ openUntil }: Circuit, now: number): 'closed' | 'open' | 'half_open' {
  if (openUntil === null) return 'closed';
  return openUntil > now ? 'open' : 'half_open';
}
