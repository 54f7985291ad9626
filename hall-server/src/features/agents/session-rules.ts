/** Rules of a session, pure: who may have it, and when a document is sent again. Times are machine time in ms. */

/** An installation that was lost keeps its place for this long against another one with the same id. */
export const FENCE_MS = 30_000;

export interface Holder {
  readonly installId: string;
  readonly presence: 'online' | 'lost' | 'stopped';
  readonly sinceMs: number;
}

/**
 * Whether a newcomer may have the session of an agent. The same installation always may; another one only when the holder said
 * good-bye or has been gone for {@link FENCE_MS}: taking over the connection has just ended the holder's, so "lost a moment
 * ago" is no sign of absence.
 */
export function verdictOn(installId: string, holder: Holder | undefined, nowMs: number): 'accepted' | 'fenced' {
  if (!holder || holder.installId === installId || holder.presence === 'stopped') return 'accepted';
  if (holder.presence === 'online') return 'fenced';
  return nowMs - holder.sinceMs < FENCE_MS ? 'fenced' : 'accepted';
}

const FIRST_RESEND_MS = 3000;
const LAST_RESEND_MS = 60_000;

/** How long to wait for the report of a document sent `sends` times before it is sent again. */
export const resendAfterMs = (sends: number): number => Math.min(FIRST_RESEND_MS * 2 ** (sends - 1), LAST_RESEND_MS);
