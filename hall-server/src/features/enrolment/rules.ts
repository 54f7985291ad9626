/** Which certificate may do what, and what must be warned of. Pure; times are wall time, Unix ms. */
import { expiryDays, isId, type AgentKeyView, type KeyState, type SecurityWarning } from '@hall/contracts';

const DAY_MS = 86_400_000;
/** A changed key is told for this long. */
export const KEY_CHANGE_MS = DAY_MS;
/** Two agents with one id are told until the second has not tried for this long; it tries every 30 s. */
export const DOUBLE_MS = 90_000;

/** What a peer showed in its handshake, already signed by the CA of this hall. */
export interface Peer {
  /** Common name. */
  readonly name: string;
  readonly keyFingerprint: string;
  readonly from: number;
  readonly until: number;
}
/** What it says of itself in CONNECT. */
export interface Claim {
  readonly clientId: string;
  readonly username: string;
}
/** What is known of its key. */
export interface KnownKey {
  readonly agent: string;
  readonly state: KeyState;
}

export const peerVerdicts = [
  'accepted',
  'name_not_an_id',
  'not_yet_valid',
  'expired',
  'client_id_differs',
  'user_differs',
  'key_unknown',
  'key_of_another',
  'key_refused',
] as const;
export type PeerVerdict = (typeof peerVerdicts)[number];

/** Whether a key speaks for its agent. */
export const speaks = (state: KeyState): boolean => state === 'next' || state === 'current';

/** Whether the holder of a certificate may be the agent it names. `revoked`: the list beside the database has the key. */
export function verdictOnPeer(
  { name, keyFingerprint, from, until }: Peer,
  { clientId, username }: Claim,
  known: KnownKey | undefined,
  revoked: ReadonlySet<string>,
  nowMs: number,
): PeerVerdict {
  if (!isId(name)) return 'name_not_an_id';
  if (nowMs < from) return 'not_yet_valid';
  if (nowMs >= until) return 'expired';
  if (clientId !== name) return 'client_id_differs';
  if (username !== name) return 'user_differs';
  if (!known) return 'key_unknown';
  if (known.agent !== name) return 'key_of_another';
  if (!speaks(known.state) || revoked.has(keyFingerprint)) return 'key_refused';
  return 'accepted';
}

/** The step of {@link expiryDays} that a certificate has reached: 30, 7, 1, 0 (over), or undefined while there is time. */
export function expiryStep(until: number, nowMs: number): (typeof expiryDays)[number] | undefined {
  const left = until - nowMs;
  return left <= 0 ? 0 : expiryDays.findLast((days) => days > 0 && left <= days * DAY_MS);
}

/** A certificate to be watched: `server`, `ca`, or an agent's. */
export interface Watched {
  readonly object: string;
  readonly until: number;
}
export interface Double {
  readonly agent: string;
  readonly sinceMs: number;
  /** The newest try of the second. */
  readonly lastMs: number;
  readonly installs: ReadonlyArray<{ readonly installId: string; readonly address: string }>;
}
export interface Known {
  readonly certificates: readonly Watched[];
  /** Keys that took the place of another credential. */
  readonly changed: readonly AgentKeyView[];
  readonly doubles: readonly Double[];
}

/** Every condition that holds now, most urgent certificates first. */
export function warningsOf({ certificates, changed, doubles }: Known, nowMs: number): SecurityWarning[] {
  const expiring = certificates
    .flatMap(({ object, until }) => {
      const days = expiryStep(until, nowMs);
      return days === undefined ? [] : [{ object, until, days }];
    })
    .toSorted((a, b) => a.until - b.until || (a.object < b.object ? -1 : 1));
  return [
    ...expiring.map(({ object, until, days }) => ({
      type: 'certificate_expires' as const,
      object,
      since: until - days * DAY_MS,
      until,
      days: String(days) as NonNullable<SecurityWarning['days']>,
    })),
    ...changed
      .filter(({ addedAt, state }) => speaks(state) && nowMs - addedAt < KEY_CHANGE_MS)
      .map(({ agent, addedAt, fingerprint }) => ({
        type: 'agent_key_changed' as const,
        object: agent,
        since: addedAt,
        fingerprint,
      })),
    ...doubles
      .filter(({ lastMs }) => nowMs - lastMs < DOUBLE_MS)
      .map(({ agent, sinceMs, installs }) => ({
        type: 'agent_double' as const,
        object: agent,
        since: sinceMs,
        installs: installs.slice(0, 2),
      })),
  ];
}
