/** What is wrong with the hall server itself, with its broker and with what the platform sends. */
import { statfs } from 'node:fs/promises';
import type { AlarmObject } from '@hall/contracts';
import { FEED } from '@hall/model';
import { EVERY_MS, nowAndThen, type Condition, type ConditionSource } from './conditions.ts';
import type { AlarmStore } from './store.ts';

export interface FeedState {
  readonly fresh: () => boolean;
  /** Platforms that are admitted; a hall without any waits for none. */
  readonly platforms: () => number;
}

/** The feed of the platforms. */
export function feedSource({ fresh, platforms }: FeedState): ConditionSource {
  const any = nowAndThen(EVERY_MS, platforms);
  return {
    raises: ['feed_stale'],
    look: (nowMs) => (fresh() || any(nowMs) === 0 ? [] : [{ type: 'feed_stale', object: FEED }]),
  };
}

/** So many events refused within so long are more than a slip. */
const REFUSED = { events: 10, ms: 600_000 };
/** A fact is a condition for so long after the newest of its kind, ms. */
const NOTED_MS = 3_600_000;

/** What was refused and noted of late: counted in the store. */
export function recordSource(store: Pick<AlarmStore, 'refusedSince' | 'notedSince'>): ConditionSource {
  const read = nowAndThen(EVERY_MS, (nowMs): readonly Condition[] => {
    const refused = store.refusedSince(nowMs - REFUSED.ms);
    const replaced = store.notedSince('text.replaced', nowMs - NOTED_MS);
    const gaps = store.notedSince('outbox.gap', nowMs - NOTED_MS);
    return [
      ...(refused >= REFUSED.events
        ? [{ type: 'quarantine_growing', object: FEED, evidence: { refused, minutes: REFUSED.ms / 60_000 } } as const]
        : []),
      ...replaced
        .filter(({ subject }) => subject !== '')
        .map(({ subject, count }): Condition => ({
          type: 'text_replaced',
          object: { kind: 'device', id: subject },
          evidence: { texts: count },
        })),
      ...gaps.map(({ source, count }): Condition => ({
        type: 'outbox_gap',
        // The source of a fact of an agent ends with its id.
        object: { kind: 'agent', id: source.slice(source.lastIndexOf('/') + 1) },
        evidence: { gaps: count },
      })),
    ];
  });
  return { raises: ['quarantine_growing', 'text_replaced', 'outbox_gap'], look: read };
}

/** Less than this share, or these bytes, free is low. */
const LOW = { share: 0.05, bytes: 512 * 1024 * 1024 };

export interface StoreState {
  readonly hall: string;
  readonly data: string;
  /** Whether the last transaction met a full disk. */
  readonly full: () => boolean;
}

/** The disk of the server. It is looked at in the background; a look that fails says nothing. */
export function diskSource({ hall, data, full }: StoreState): ConditionSource & { readonly read: () => Promise<void> } {
  const object: AlarmObject = { kind: 'hall', id: hall };
  let free: { readonly bytes: number; readonly share: number } | undefined;
  const read = async () => {
    const { bavail, blocks, bsize } = await statfs(data);
    free = { bytes: bavail * bsize, share: blocks === 0 ? 1 : bavail / blocks };
  };
  const readNowAndThen = nowAndThen(EVERY_MS, () => void read().catch(() => void (free = undefined)));
  return {
    raises: ['store_full', 'disk_low'],
    read,
    look: (nowMs) => {
      readNowAndThen(nowMs);
      if (full()) return [{ type: 'store_full', object }];
      if (!free || (free.bytes >= LOW.bytes && free.share >= LOW.share)) return [];
      return [{ type: 'disk_low', object, evidence: { freeMb: Math.floor(free.bytes / (1024 * 1024)) } }];
    },
  };
}

/** The way to the broker. */
export const brokerSource = (hall: string, connected: () => boolean): ConditionSource => ({
  raises: ['broker_lost'],
  look: () => (connected() ? [] : [{ type: 'broker_lost', object: { kind: 'hall', id: hall } }]),
});
