/** The main thread's handle of the writer worker, the only writer of the store. */
import { EventEmitter } from 'node:events';
import { HallError, type HallTime, type LiveField } from '@hall/contracts';
import { startThread } from '@hall/runtime';
import {
  fromWritten,
  packSubmission,
  unpackReplies,
  type Batch,
  type BatchOutcome,
  type Committed,
  type FromWorker,
  type SnapshotSubmission,
  type Submission,
  type SubmissionReply,
  type ToWorker,
  type WorkerOptions,
} from './protocol.ts';
import type { ChangedTopic } from './write.ts';
import type { WriteArgs, WriteName, WriteResult } from './writes.ts';

export interface WriterEvents {
  /** Live fields that changed in one committed transaction, oldest first. */
  live: [fields: readonly LiveField[]];
  /** New facts were committed: their first and last seq. */
  facts: [first: number, last: number];
  /** Writes named a topic as changed and were committed. */
  changed: [topics: ReadonlySet<ChangedTopic>];
  /** The worker is gone; nothing can be written any more. */
  failed: [error: Error];
}

export interface Writer extends EventEmitter<WriterEvents> {
  /** Generation of the store; new with every new or restored database. */
  readonly gen: string;
  /** Items sent and not yet answered; for back-pressure. */
  readonly waiting: number;
  /** Whether the newest answer was that the disk is full. */
  readonly full: boolean;
  /** Transactions committed since the start; what waits together shares one. */
  readonly commits: number;
  /**
   * Runs a registered write in the next transaction; resolves after the commit.
   * @throws HallError what the write threw; STORE_FULL or STORE_FAILED if nothing could be committed.
   */
  call<N extends WriteName>(name: N, args: WriteArgs<N>): Promise<WriteResult<N>>;
  /**
   * Judges what a sender has sent, and records it.
   * @throws HallError BODY_NOT_JSON, EVENT_INVALID, BATCH_EMPTY, BATCH_TOO_LONG, SIGNATURE_REPLAYED, STORE_FULL, STORE_FAILED.
   */
  submit(submission: Submission): Promise<SubmissionReply>;
  /** Records events that need no judgement. @throws HallError SIGNATURE_REPLAYED, STORE_FULL, STORE_FAILED. */
  record(batch: Batch): Promise<BatchOutcome>;
  /**
   * Judges the full state of a source and applies it; resolves with the moment it shows, Unix ms, or undefined for one that
   * was applied before.
   * @throws HallError as `JudgeSnapshot`, SIGNATURE_REPLAYED, SNAPSHOT_OLD, STORE_FULL, STORE_FAILED.
   */
  snapshot(submission: SnapshotSubmission): Promise<number | undefined>;
  /** Commits what waits, closes the database and ends the worker. */
  close(): Promise<void>;
}

export interface WriterOptions extends Partial<Omit<WorkerOptions, 'nowMs'>> {
  readonly path: string;
  readonly wall: HallTime;
}

type Items = Extract<ToWorker, { kind: 'items' }>;

interface Waiting {
  readonly resolve: (value: unknown) => void;
  readonly reject: (error: unknown) => void;
}

/** So many items do not wait for the end of the turn: the writer begins while the rest of a burst is still being read. */
const FLUSH_ITEMS = 32;
/** The writer makes little that lives short. */
const LIMITS = { maxYoungGenerationSizeMb: 8 };
const WORKER = new URL(import.meta.url.endsWith('.ts') ? './writer-worker.ts' : './writer-worker.js', import.meta.url);

/**
 * Starts the worker, migrates the store and resolves when it can be written.
 * @throws HallError STORE_NEWER, STORE_FAILED.
 */
export async function createWriter({ path, data = '', wall, ballastBytes = 0, maxPages = 0 }: WriterOptions): Promise<Writer> {
  const options: WorkerOptions = { path, data, nowMs: wall.nowMs(), ballastBytes, maxPages };
  const worker = startThread(WORKER, options, LIMITS);
  const events = new EventEmitter<WriterEvents>();
  const waiting = new Map<number, Waiting>();
  let queue: Items['items'][number][] = [];
  let submissions: Array<string | number> = [];
  let unsent = 0;
  let ticket = 0;
  let commits = 0;
  let full = false;
  let gone: Error | undefined;
  let closing: Promise<void> | undefined;
  /** Commits whose askers do not know yet. */
  let untold: Committed[] = [];

  const fail = (error: Error) => {
    if (gone) return;
    gone = error;
    answerAskers();
    for (const { reject } of waiting.values()) reject(error);
    waiting.clear();
    queue = [];
    submissions = [];
    unsent = 0;
    if (!closing) events.emit('failed', error);
  };
  const flush = () => {
    if (unsent === 0 || gone) return;
    unsent = 0;
    const message: ToWorker = { kind: 'items', items: queue, submissions };
    queue = [];
    submissions = [];
    worker.postMessage(message);
  };
  const ask = (enqueue: (ticket: number) => void): Promise<unknown> =>
    new Promise((resolve, reject) => {
      if (gone ?? closing) return reject(gone ?? new HallError('STORE_FAILED', { state: 'closing' }));
      ticket += 1;
      waiting.set(ticket, { resolve, reject });
      if (unsent === 0) setImmediate(flush);
      enqueue(ticket);
      unsent += 1;
      if (unsent >= FLUSH_ITEMS) flush();
    });
  function answerAskers(): void {
    const answers = untold;
    untold = [];
    for (const { submitted, replies } of answers) {
      unpackReplies(submitted, (of, reply) => {
        waiting.get(of)?.resolve(reply);
        waiting.delete(of);
      });
      for (const { ticket: of, result, error } of replies) {
        const asker = waiting.get(of);
        waiting.delete(of);
        if (error) asker?.reject(fromWritten(error));
        else asker?.resolve(result);
      }
    }
  }
  /** What changed goes to the screens in this turn; whoever asked for the change is answered after it. */
  const committed = (message: Committed) => {
    const { submitted, replies, live, firstFact, lastFact, changed } = message;
    if (submitted.length > 0 || replies.some(({ error }) => error === undefined)) commits += 1;
    if (replies.some(({ error }) => error?.code === 'STORE_FULL')) full = true;
    else if (submitted.length > 0) full = false;
    if (untold.length === 0) setImmediate(answerAskers);
    untold.push(message);
    if (live.length > 0)
      events.emit(
        'live',
        live.map((json) => JSON.parse(json) as LiveField),
      );
    if (lastFact > 0) events.emit('facts', firstFact, lastFact);
    if (changed.length > 0) events.emit('changed', new Set(changed as ChangedTopic[]));
  };

  const gen = await new Promise<string>((resolve, reject) => {
    worker.on('error', (error) => {
      fail(error);
      reject(error);
    });
    worker.on('exit', () => {
      const error = new HallError('STORE_FAILED', { state: 'closed' });
      fail(error);
      reject(error);
    });
    worker.on('message', (message: FromWorker) => {
      if (message.kind === 'committed') committed(message);
      else if (message.kind === 'ready') resolve(message.gen);
      else if (message.kind === 'failed') reject(fromWritten(message.error));
      else if (message.kind === 'broken') fail(fromWritten(message.error));
    });
  });

  const handle: Omit<Writer, keyof EventEmitter> = {
    gen,
    get waiting() {
      return waiting.size;
    },
    get full() {
      return full;
    },
    get commits() {
      return commits;
    },
    call: (name, args) =>
      ask((of) => queue.push({ kind: 'call', ticket: of, name, args, nowMs: wall.nowMs() })) as Promise<WriteResult<typeof name>>,
    submit: (submission) =>
      ask((of) => {
        // In one message submissions come first; one that was made after a call must not overtake it.
        if (queue.length > 0) flush();
        packSubmission(submissions, of, submission);
      }) as Promise<SubmissionReply>,
    record: (batch) => ask((of) => queue.push({ kind: 'batch', ticket: of, batch })) as Promise<BatchOutcome>,
    snapshot: (submission) =>
      ask((of) => queue.push({ kind: 'snapshot', ticket: of, submission })) as Promise<number | undefined>,
    close: () => {
      closing ??= new Promise((resolve) => {
        flush();
        worker.once('exit', () => resolve());
        if (gone) resolve();
        else worker.postMessage({ kind: 'close' } satisfies ToWorker);
      });
      return closing;
    },
  };
  return Object.defineProperties(events, Object.getOwnPropertyDescriptors(handle)) as unknown as Writer;
}
