/**
 * Where alarms come from. A source knows what is wrong now; whether and when that becomes an alarm is not its matter. A new kind of
 * condition is one row in the table of types and one source that names it.
 */
import type { AlarmEvidence, AlarmObject, AlarmTypeId } from '@hall/contracts';

/** Something that is wrong now. */
export interface Condition {
  readonly type: AlarmTypeId;
  readonly object: AlarmObject;
  /** When it began, wall time of the server, where the source knows that from its own clock. */
  readonly sinceMs?: number;
  readonly evidence?: AlarmEvidence;
}

export interface ConditionSource {
  /** Every type it can raise; each type has exactly one source. */
  readonly raises: readonly AlarmTypeId[];
  /** All that is wrong at a moment of wall time. Asked every second: costs as much as what is wrong and what changed. */
  look(nowMs: number): readonly Condition[];
  /** Objects of which it cannot tell at the moment; asked after `look`. Alarms about them stay as they are. */
  unknown?(): readonly AlarmObject[];
}

/** The source of each type. @throws Error if two claim the same one. */
export function sourceByType(sources: readonly ConditionSource[]): ReadonlyMap<AlarmTypeId, ConditionSource> {
  const owners = new Map<AlarmTypeId, ConditionSource>();
  for (const source of sources) {
    for (const type of source.raises) {
      if (owners.has(type)) throw new Error(`two sources raise ${type}`);
      owners.set(type, source);
    }
  }
  return owners;
}

/** A source whose answer costs something is asked this often, ms. */
export const EVERY_MS = 10_000;

/** Keeps an answer for a while. */
export function nowAndThen<T>(everyMs: number, read: (nowMs: number) => T): (nowMs: number) => T {
  let held: { readonly atMs: number; readonly value: T } | undefined;
  return (nowMs) => {
    if (!held || nowMs - held.atMs >= everyMs || nowMs < held.atMs) held = { atMs: nowMs, value: read(nowMs) };
    return held.value;
  };
}
