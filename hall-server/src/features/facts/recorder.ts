/**
 * The recorder: inside the writer worker, turns batches of events into facts, folds them, and writes the live fields that
 * changed, all in the transaction of the caller.
 */
import { createHash } from 'node:crypto';
import { HallError } from '@hall/contracts';
import type { Applied } from '@hall/model';
import type { Database } from '../../platform/store/database.ts';
import type { Batch, BatchOutcome, GoodEvent, SnapshotSubmission } from '../../platform/store/protocol.ts';
import type { QueueReader } from '../../platform/store/write.ts';
import { readContent } from '../content/store.ts';
import type { JudgedSnapshot } from '../intake/snapshot.ts';
import { createFactStore } from './fact-store.ts';
import { SNAPSHOT_TYPE, createFoldStore } from './fold-store.ts';
import { createLiveStore } from './live-store.ts';
import { createWebhookStore } from './webhook-store.ts';

export interface Recorder {
  readonly gen: string;
  /** The queue as folded so far. */
  queue(): QueueReader;
  /** Records one request inside the open transaction. @throws HallError SIGNATURE_REPLAYED before anything is written. */
  record(batch: Batch): BatchOutcome;
  /**
   * Answers false for a snapshot that was recorded before. Of a refused one only the id of its request may stay.
   * @throws HallError SIGNATURE_REPLAYED, SNAPSHOT_OLD.
   */
  snapshot(judged: JudgedSnapshot, from: SnapshotSubmission): boolean;
  /** Hall content was written in this transaction, at this time. */
  contentChanged(atMs: number): void;
  /**
   * Writes what the transaction changed, once per row, and answers the facts added to it by whatever write; last step before the
   * commit. `saveFold`: also all rows of the fold.
   */
  finish(saveFold?: boolean): { live: string[]; firstFact: number; lastFact: number };
  /** After a rollback: forgets everything not committed. */
  reload(): void;
}

interface Cause {
  readonly id: string | undefined;
  readonly sourceTime: number;
  readonly receivedAt: number;
}

/** `nowMs`: wall time of the start, for changes that no event causes. */
export function createRecorder(db: Database, nowMs: number): Recorder {
  const facts = createFactStore(db);
  const folds = createFoldStore(db);
  const lives = createLiveStore(db);
  const webhooks = createWebhookStore(db);

  let fold = folds.load(readContent(db));
  let touched = new Map<string, Cause>();
  /** Set when every live field is to be compared with its row: at the start, after a rollback, after a change of content. */
  let settle: Cause | undefined = { id: undefined, sourceTime: nowMs, receivedAt: nowMs };
  /** Seq of the newest fact that was committed, whoever wrote it. */
  let known = facts.newest();
  let added = 0;
  let force = false;

  const applied = ({ windows, services, entities }: Applied, cause: Cause): void => {
    for (const id of windows) touched.set(`window/${id}`, cause);
    for (const id of services) touched.set(`queue/${id}`, cause);
    folds.dirty(entities);
  };
  const valueOf = (key: string): object | undefined =>
    key.startsWith('window/') ? fold.windowLive(key.slice('window/'.length)) : fold.queueLive(key.slice('queue/'.length));

  const one = (event: GoodEvent, receivedAt: number): BatchOutcome[number] => {
    const { id, source, type, subject, time, sequence, personal = null } = event;
    const data = JSON.stringify(event.data);
    const seq = facts.add({ source, id, type, subject, time, receivedAt, sequence, data, personal });
    if (seq === undefined) return 'duplicate';
    added += 1;
    const result = fold.apply(event);
    applied(result, { id, sourceTime: time, receivedAt });
    if (result.flag === undefined) return '';
    facts.flag(seq, result.flag);
    return result.flag;
  };

  /** Compares all live fields with their rows. */
  const settleAll = (cause: Cause): void => {
    const content = readContent(db);
    applied(fold.setContent(content), cause);
    const stored = lives.values();
    const keys = [...content.windows.map(({ id }) => `window/${id}`), ...content.services.map(({ id }) => `queue/${id}`)];
    for (const key of keys) {
      if (stored.get(key) !== JSON.stringify(valueOf(key)) && !touched.has(key)) touched.set(key, cause);
      stored.delete(key);
    }
    for (const key of stored.keys()) touched.set(key, cause);
  };

  return {
    gen: facts.gen,
    queue: () => fold,
    record: ({ platform, receivedAt, events, quarantine: refused, webhook }) => {
      if (webhook) webhooks.admit(platform, webhook, receivedAt);
      const outcome = events.map((event) => one(event, receivedAt));
      for (const entry of refused) facts.quarantine(platform, receivedAt, entry);
      return outcome;
    },
    snapshot: ({ json, snapshot }, { platform, webhook, receivedAt }) => {
      webhooks.admit(platform, webhook, receivedAt);
      const { source, time } = snapshot;
      const result = fold.applySnapshot(snapshot);
      if (!result) throw new HallError('SNAPSHOT_OLD', { field: '/time' });
      const id = `snapshot-${createHash('sha256').update(json).digest('base64url')}`;
      applied(result, { id, sourceTime: time, receivedAt });
      const fact = { source, id, type: SNAPSHOT_TYPE, subject: '', time, receivedAt, sequence: 0, data: json };
      force = true;
      if (facts.add(fact) === undefined) return false;
      added += 1;
      return true;
    },
    contentChanged: (atMs) => {
      settle = { id: undefined, sourceTime: atMs, receivedAt: atMs };
    },
    finish: (saveFold = false) => {
      if (settle) settleAll(settle);
      settle = undefined;
      const live: string[] = [];
      for (const [key, cause] of touched) {
        const value = valueOf(key);
        if (value === undefined) lives.remove(key);
        else live.push(lives.put(key, JSON.stringify(value), cause));
      }
      lives.finish();
      const newest = facts.newest();
      folds.save(fold, added, newest, force || saveFold);
      const told = newest > known ? { firstFact: known + 1, lastFact: newest } : { firstFact: 0, lastFact: 0 };
      known = newest;
      touched = new Map();
      added = 0;
      force = false;
      return { live, ...told };
    },
    reload: () => {
      lives.reload();
      fold = folds.load(readContent(db));
      touched = new Map();
      settle = { id: undefined, sourceTime: nowMs, receivedAt: nowMs };
      known = facts.newest();
      added = 0;
      force = false;
    },
  };
}
