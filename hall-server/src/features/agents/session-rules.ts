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

/**
 * Heartbeats that a silent session may owe before it is lost: three may go missing and the fourth may be late. With a heartbeat
 * every half keep-alive and a look every second this is seen within twice the keep-alive.
 */
const OWED_BEATS = 3.6;

/** Whether nothing has been heard for so long that the agent is lost, whatever its broker says. Without a promise it never is. */
export const isSilent = (
  { heartbeatMs, heardMs }: { readonly heartbeatMs: number | undefined; readonly heardMs: number },
  nowMs: number,
): boolean => heartbeatMs !== undefined && nowMs - heardMs >= OWED_BEATS * heartbeatMs;

/**
 * For how long the judge itself stood still, when it looks at `nowMs` after `lastMs` though it meant to look every `everyMs`: what
 * came meanwhile still waits to be read, so nobody was silent. A look that is late by less than `everyMs` is in time.
 */
export const stoodStillMs = (lastMs: number, nowMs: number, everyMs: number): number => {
  const lateMs = nowMs - lastMs - everyMs;
  return lateMs < everyMs ? 0 : lateMs;
};

const FIRST_RESEND_MS = 3000;
const LAST_RESEND_MS = 60_000;

/** How long to wait for the report of a document sent `sends` times before it is sent again. */
export const resendAfterMs = (sends: number): number => Math.min(FIRST_RESEND_MS * 2 ** (sends - 1), LAST_RESEND_MS);
