/** The live set in use: applied at once, written to disk afterwards, and asked for anew when something is missing. */
import type { Clock, LiveField, Payload } from '@hall/contracts';
import type { Logger } from 'pino';
import { createNewest } from '../newest.ts';
import type { Store } from '../store/store.ts';
import type { LearntHallTime } from '../time/hall-time.ts';
import type { Beats } from '../uplink/beats.ts';
import { applyLease, applyLive, restoredLive, type LiveSet, type LiveStep } from './live-set.ts';

/** A lease may overtake the change it speaks of by this much, ms; only then is something missing. */
const OVERTAKEN_MS = 250;
/** Live fields are written at most this often: what is on disk is stale after a restart anyway. */
const WRITE_MS = 500;

export interface LiveKeeper {
  readonly set: LiveSet;
  take(message: Payload<'live'>): void;
  takeLease(lease: Payload<'lease'>): void;
  /** Resolves when everything taken so far is written or was refused. */
  close(): Promise<void>;
}

export interface LiveKeeperOptions {
  readonly remembered: { readonly gen: string; readonly head: number; readonly fields: readonly LiveField[] };
  readonly store: Store;
  readonly hallTime: LearntHallTime;
  readonly beats: Pick<Beats, 'saidMs'>;
  /** Values changed; called before anything is written. */
  onChange(changed: ReadonlySet<string>): void;
  /** Ages were renewed, or hall time learnt. */
  onLease(): void;
  /** Asks the server for all fields. */
  resync(gen: string, seq: number): void;
}

export function createLiveKeeper(options: LiveKeeperOptions, clock: Clock, log: Logger): LiveKeeper {
  const { remembered, store, hallTime, beats } = options;
  const over = new AbortController();
  let set = restoredLive(remembered.gen, remembered.head, remembered.fields);
  let unwritten = new Set<string>();
  let checking = false;
  /** Where the server was when we last heard of it. */
  let wanted = { gen: set.gen, head: 0 };

  const writing = createNewest<undefined>(async () => {
    await clock.machine.sleep(WRITE_MS, over.signal).catch(() => {});
    const keys = unwritten;
    unwritten = new Set();
    const fields = [...keys].flatMap((key) => set.entries.get(key)?.field ?? []);
    const gone = [...keys].filter((key) => !set.entries.has(key));
    try {
      await store.call('saveLive', { gen: set.gen, head: set.head, fields, gone, hallTime: hallTime.snapshot() });
    } catch (error) {
      for (const key of keys) unwritten.add(key);
      log.error({ err: error }, 'live fields could not be stored');
    }
  });

  /** Looks once more after a moment before the server is asked: most of what is missing is only late. */
  async function check(): Promise<void> {
    checking = true;
    await clock.machine.sleep(OVERTAKEN_MS, over.signal).catch(() => {});
    checking = false;
    if (!over.signal.aborted && set.gen === wanted.gen && set.head < wanted.head) options.resync(set.gen, set.head);
  }

  function adopt({ set: next, changed, behind }: LiveStep, head: number): void {
    wanted = { gen: next.gen, head: next.gen === wanted.gen ? Math.max(wanted.head, head) : head };
    set = next;
    for (const key of changed) unwritten.add(key);
    if (behind && !checking) void check();
  }

  return {
    get set() {
      return set;
    },
    take(message) {
      const step = applyLive(set, message, beats.saidMs(message.heard));
      // A whole copy is where the server is; a head seen before it may belong to another life of the server.
      if (message.full) wanted = { gen: message.gen, head: 0 };
      adopt(step, message.head);
      if (step.changed.size > 0) options.onChange(step.changed);
      if (step.changed.size > 0 || message.full) writing.give(undefined);
    },
    takeLease(lease) {
      const step = applyLease(set, lease, beats.saidMs(lease.heard));
      adopt(step, lease.head);
      if (step.changed.size > 0) {
        options.onChange(step.changed);
        writing.give(undefined);
      }
      options.onLease();
    },
    async close() {
      over.abort();
      await writing.idle();
    },
  };
}
