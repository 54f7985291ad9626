/** The live fields an agent holds, and the rules by which messages change and renew them. Pure; ages are machine time. */
import type { LiveField, Payload } from '@hall/contracts';

export interface LiveEntry {
  readonly field: LiveField;
  /** Machine time up to which the server has vouched for it; absent: only known from before a restart. */
  readonly renewedAtMs: number | undefined;
}

export interface LiveSet {
  /** Generation of the server's store; empty before the first message. */
  readonly gen: string;
  /** Every change up to this seq has been received. */
  readonly head: number;
  readonly entries: ReadonlyMap<string, LiveEntry>;
  /** The newest lease that said the feed was fresh: whoever held everything up to `head` was right at `atMs`. */
  readonly vouched: { readonly head: number; readonly atMs: number } | undefined;
}

export interface LiveStep {
  readonly set: LiveSet;
  /** Keys whose value changed or went away. */
  readonly changed: ReadonlySet<string>;
  /** Something was missed: ask for all fields unless it arrives in a moment (a lease may overtake a change). */
  readonly behind: boolean;
}

export const emptyLive = (gen = ''): LiveSet => ({ gen, head: 0, entries: new Map(), vouched: undefined });

/** What was held before a restart; nothing of it is fresh. */
export const restoredLive = (gen: string, head: number, fields: readonly LiveField[]): LiveSet => ({
  ...emptyLive(gen),
  head,
  entries: new Map(fields.map((field) => [field.key, { field, renewedAtMs: undefined }])),
});

/**
 * Takes a `live` message. Per field the newest seq wins, so order and repetition do not matter. Another generation clears
 * everything. A message whose `after` lies beyond `head` leaves a gap: its fields are taken, `head` is not moved.
 *
 * A change is news, so it is fresh from `saidMs`, which it is no older than; a `full` message is only a copy, so its fields are as
 * fresh as the newest lease.
 */
export function applyLive(held: LiveSet, message: Payload<'live'>, saidMs: number): LiveStep {
  const changed = new Set<string>();
  const before = message.gen === held.gen ? held : emptyLive(message.gen);
  if (before !== held) for (const key of held.entries.keys()) changed.add(key);
  const entries = new Map(before.entries);
  for (const field of message.fields) {
    const old = entries.get(field.key);
    if (old && old.field.seq >= field.seq) continue;
    entries.set(field.key, { field, renewedAtMs: message.full ? undefined : saidMs });
    changed.add(field.key);
  }
  const complete = message.full && message.head >= before.head;
  if (complete) {
    const named = new Set(message.fields.map(({ key }) => key));
    for (const [key, { field }] of entries) {
      if (named.has(key) || field.seq > message.head) continue;
      entries.delete(key);
      changed.add(key);
    }
  }
  const gap = !message.full && message.after > before.head;
  const head = gap ? before.head : Math.max(before.head, message.head);
  const caughtUp = before.vouched !== undefined && before.head < before.vouched.head;
  const set = { ...before, head, entries };
  return { set: message.full || caughtUp ? renewed(set) : set, changed, behind: gap };
}

/**
 * Takes a `lease`. It renews all fields if the feed is fresh and the agent holds all that the server had; one that holds
 * less renews nothing until it has caught up. Another generation clears everything. `saidMs`: what it is no older than; a lease
 * that comes again after a newer one renews nothing.
 */
export function applyLease(held: LiveSet, lease: Payload<'lease'>, saidMs: number): LiveStep {
  const before = lease.gen === held.gen ? held : emptyLive(lease.gen);
  const changed = new Set(before === held ? [] : held.entries.keys());
  const vouches = lease.fresh && saidMs >= (before.vouched?.atMs ?? Number.NEGATIVE_INFINITY);
  const set = vouches ? { ...before, vouched: { head: lease.head, atMs: saidMs } } : before;
  return { set: vouches ? renewed(set) : set, changed, behind: lease.head > before.head };
}

/** All fields as fresh as the newest lease, if everything that lease spoke of is held. */
function renewed(set: LiveSet): LiveSet {
  const { vouched, head } = set;
  if (!vouched || head < vouched.head) return set;
  const entries = new Map<string, LiveEntry>();
  for (const [key, { field, renewedAtMs }] of set.entries) {
    entries.set(key, { field, renewedAtMs: Math.max(renewedAtMs ?? vouched.atMs, vouched.atMs) });
  }
  return { ...set, entries };
}
