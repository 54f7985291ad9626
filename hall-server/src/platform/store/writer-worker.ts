/**
 * The writer worker: owns the only writing connection and the queue fold. Gathers what waits, commits it as one transaction
 * and only then answers, so the cost of a durable commit is shared by everybody who waits for one.
 */
import { parentPort, receiveMessageOnPort, workerData, type MessagePort } from 'node:worker_threads';
import { HallError } from '@hall/contracts';
import { readContent } from '../../features/content/store.ts';
import { createRecorder } from '../../features/facts/recorder.ts';
import { referencesOf, type References } from '../../features/intake/check-event.ts';
import { createJudge } from '../../features/intake/judge.ts';
import { createSnapshotJudge } from '../../features/intake/snapshot.ts';
import { openKeys } from '../keys.ts';
import { keepBallast } from './ballast.ts';
import { migrate, openForWriting } from './database.ts';
import {
  isDiskError,
  packReply,
  toWritten,
  unpackSubmissions,
  type Committed,
  type FromWorker,
  type Item,
  type Reply,
  type ToWorker,
  type WorkerOptions,
  type WrittenError,
} from './protocol.ts';
import type { Write } from './write.ts';
import { writes } from './writes.ts';

/** Events and calls of one transaction at most; bounds how long the first waits for the last. */
const GROUP_ITEMS = 2048;

const registry = writes as unknown as Readonly<Record<string, Write<unknown, unknown>>>;

function start(port: MessagePort, { path, data, nowMs, ballastBytes, maxPages }: WorkerOptions): void {
  const db = openForWriting(path);
  migrate(db);
  if (maxPages > 0) db.pragma(`max_page_count = ${maxPages}`);
  const ballast = keepBallast(`${path}.ballast`, ballastBytes);
  const recorder = createRecorder(db, nowMs);
  /** Of the content as this transaction sees it. */
  let references: References | undefined;
  const known = () => (references ??= referencesOf(readContent(db)));
  const judge = data === '' ? undefined : createJudge({ keys: openKeys(data), references: known });
  const judgeSnapshot = createSnapshotJudge({ references: known });
  const begin = db.prepare('BEGIN IMMEDIATE');
  const commit = db.prepare('COMMIT');
  const rollback = db.prepare('ROLLBACK');
  const savepoint = db.prepare('SAVEPOINT item');
  const release = db.prepare('RELEASE item');
  const undo = db.prepare('ROLLBACK TO item');

  let changed = new Set<string>();
  let lastMs = nowMs;

  /** A write in its own savepoint. Errors of the store itself concern the whole transaction and are thrown on. */
  const call = ({ ticket, name, args, nowMs }: Item & { kind: 'call' }): Reply => {
    const write = Object.hasOwn(registry, name) ? registry[name] : undefined;
    if (!write) return { ticket, error: { code: 'INTERNAL', details: {}, text: `no write is named ${name}` } };
    const named = new Set<string>();
    savepoint.run();
    try {
      lastMs = nowMs;
      const result = write(db, args, { nowMs, changed: (topic) => void named.add(topic), queue: recorder.queue() });
      release.run();
      for (const topic of named) changed.add(topic);
      if (named.has('content')) references = undefined;
      return { ticket, result };
    } catch (error) {
      const written = toWritten(error);
      if (written.code === 'STORE_FULL' || written.code === 'STORE_FAILED') throw error;
      undo.run();
      release.run();
      return { ticket, error: written };
    }
  };

  /** Runs an item; its answer goes where answers of its kind are gathered. */
  const run = (item: Item, submitted: Array<string | number>, replies: Reply[]): void => {
    if (item.kind === 'call') return void replies.push(call(item));
    const { ticket } = item;
    try {
      if (item.kind === 'submission') {
        if (!judge) throw new Error('a writer without a data folder was given a submission');
        const { batch, reply } = judge(item.submission);
        packReply(submitted, ticket, reply(recorder.record(batch)));
      } else if (item.kind === 'batch') replies.push({ ticket, result: recorder.record(item.batch) });
      else {
        const judged = judgeSnapshot(item.submission);
        const isNew = recorder.snapshot(judged, item.submission);
        replies.push({ ticket, result: isNew ? judged.snapshot.time : undefined });
      }
    } catch (error) {
      // A refusal is thrown before anything is written; anything else concerns the transaction.
      if (!(error instanceof HallError)) throw error;
      replies.push({ ticket, error: toWritten(error) });
    }
  };
  const refuse = (items: readonly Item[], error: WrittenError): void => {
    const replies = items.map(({ ticket }) => ({ ticket, error }));
    const nothing = { submitted: [], live: [], firstFact: 0, lastFact: 0, changed: [] };
    port.postMessage({ kind: 'committed', replies, ...nothing } satisfies FromWorker);
  };

  /** One transaction. If it fails for a reason that may lie in one item, each item gets a transaction of its own. */
  const transact = (items: readonly Item[]): void => {
    changed = new Set();
    let committed: Committed;
    try {
      begin.run();
      const submitted: Array<string | number> = [];
      const replies: Reply[] = [];
      for (const item of items) run(item, submitted, replies);
      if (changed.has('content')) recorder.contentChanged(lastMs);
      committed = { kind: 'committed', submitted, replies, ...recorder.finish(), changed: [...changed] };
      commit.run();
    } catch (error) {
      if (db.inTransaction) rollback.run();
      recorder.reload();
      references = undefined;
      const written = toWritten(error);
      if (written.code === 'STORE_FULL') ballast.give();
      if (written.code === 'INTERNAL' && items.length > 1) {
        for (const item of items) transact([item]);
        return;
      }
      refuse(items, written);
      if (isDiskError(written)) breakOff(written);
      return;
    }
    port.postMessage(committed);
  };

  /** Writes nothing any more, not even what was left for a good end; the next start looks at the file anew. */
  const breakOff = (error: WrittenError): void => {
    port.postMessage({ kind: 'broken', error } satisfies FromWorker);
    port.removeAllListeners('message');
    port.close();
  };

  /** While the disk is full the little space left is for people and clean-up, not for events. */
  const admit = (items: readonly Item[]): readonly Item[] => {
    if (!ballast.exhausted()) return items;
    const refused = items.filter(({ kind }) => kind !== 'call');
    if (refused.length > 0) refuse(refused, { code: 'STORE_FULL', details: {} });
    return items.filter(({ kind }) => kind === 'call');
  };

  /** Leaves the fold's rows behind, so that the next start folds nothing again; if that fails it folds the facts. */
  const end = (): void => {
    try {
      begin.run();
      recorder.finish(true);
      commit.run();
    } catch {
      if (db.inTransaction) rollback.run();
    }
    db.close();
    port.close();
  };

  port.on('message', (first: ToWorker) => {
    let items: Item[] = [];
    let closing = false;
    for (let message: ToWorker | undefined = first; message;) {
      if (message.kind === 'close') closing = true;
      else items = items.concat(unpackSubmissions(message.submissions), message.items);
      message =
        items.length < GROUP_ITEMS && !closing ? (receiveMessageOnPort(port)?.message as ToWorker | undefined) : undefined;
    }
    const admitted = admit(items);
    if (admitted.length > 0) transact(admitted);
    if (closing) end();
  });
  // What is folded may differ from what is stored after an upgrade of the rules; this settles it before anything is read.
  transact([]);
  port.postMessage({ kind: 'ready', gen: recorder.gen } satisfies FromWorker);
}

if (!parentPort) throw new Error('writer-worker runs as a worker thread');
try {
  start(parentPort, workerData as WorkerOptions);
} catch (error) {
  parentPort.postMessage({ kind: 'failed', error: toWritten(error) } satisfies FromWorker);
  parentPort.close();
}
