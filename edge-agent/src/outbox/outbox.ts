/** Facts from the edge on their way to the server: committed here first, deleted only when the server has committed them. */
import type { Clock, EdgeRecord } from '@hall/contracts';
import type { Logger } from 'pino';
import { createNewest } from '../newest.ts';
import type { Store } from '../store/store.ts';
import type { OutboxLimits } from './limits.ts';
import type { NewRecord, OutboxSpan } from './sql.ts';

/** Records in one message, at most. */
const BATCH_RECORDS = 256;
/** JSON of the records in one message, characters at most. */
const BATCH_CHARACTERS = 64 * 1024;
/** A batch without an acknowledgement is sent again after this. */
const RESEND_MS = 5000;
/** Records of this span share a commit and a message; what the console shows of a screen does not wait for them. */
const GATHER_MS = 200;
/** What the server has committed is deleted at most this often; the newest acknowledgement counts at once. */
const DELETE_MS = 1000;
/** A disk that refuses is tried again after this, ms. */
const REFUSED_MS = 1000;
/** Records that wait for a disk that refuses; more are dropped and counted. */
const MOST_UNWRITTEN = 4096;

export interface Outbox {
  /** Never waits: records of one moment are committed together, away from the caller. */
  append(record: NewRecord): void;
  /** Somebody else has put a record into the store. */
  recorded(span: OutboxSpan): void;
  /** Records were appended together with something else; this is the span after it. */
  committed(span: OutboxSpan): void;
  /** A session began; the server has everything up to `ack`. */
  welcomed(ack: number): void;
  /** The session ended. */
  parted(): void;
  acknowledged(seq: number): void;
  readonly span: OutboxSpan;
  /** Commits what was appended and stops sending. */
  close(): Promise<void>;
}

export interface OutboxOptions {
  readonly store: Store;
  readonly span: OutboxSpan;
  readonly limits: OutboxLimits;
  /** Resolves with whether the broker took it. */
  send(records: EdgeRecord[]): Promise<boolean>;
  count(name: string): void;
}

export function createOutbox({ store, span: start, limits, send, count }: OutboxOptions, clock: Clock, log: Logger): Outbox {
  let span = start;
  let unwritten: NewRecord[] = [];
  let writing: Promise<void> | undefined;
  let acked = Math.max(0, start.tail - 1);
  let online = false;
  /** Newest seq that ever left in this run. */
  let sent = acked;
  const closing = new AbortController();
  let closed = false;
  let wake = () => {};

  let refused = false;
  function lose(): void {
    for (const _ of unwritten) count('outbox.lost');
    unwritten = [];
    writing = undefined;
  }

  /** Commits what was appended, then waits a moment for more: a lone record is on the disk at once. */
  async function write(): Promise<void> {
    while (unwritten.length > 0) {
      const records = unwritten;
      unwritten = [];
      try {
        span = await store.call('outboxAppend', { records, limits, sent });
        wake();
      } catch (error) {
        // A full disk gets space again; until then they wait here, those after them behind them.
        unwritten = [...records, ...unwritten];
        if (!refused) log.error({ err: error, records: records.length }, 'outbox could not be written');
        refused = true;
        if (closing.signal.aborted) return lose();
        await clock.machine.sleep(REFUSED_MS, closing.signal).catch(() => {});
        continue;
      }
      refused = false;
      await clock.machine.sleep(GATHER_MS, closing.signal).catch(() => {});
    }
    writing = undefined;
  }

  const deleting = createNewest<number>(async (seq) => {
    try {
      span = await store.call('outboxAcknowledge', { seq });
    } catch (error) {
      log.error({ err: error }, 'outbox could not be cleared');
    }
    await clock.machine.sleep(DELETE_MS, closing.signal).catch(() => {});
  });

  function acknowledge(seq: number): void {
    acked = Math.max(acked, seq);
    wake();
    deleting.give(acked);
  }

  /** Resolves at the next wake, or after `ms`. */
  async function pause(ms?: number): Promise<void> {
    const done = new AbortController();
    const woken = new Promise<void>((resolve) => {
      wake = resolve;
    });
    if (ms === undefined) return woken;
    await Promise.race([woken, clock.machine.sleep(ms, done.signal).catch(() => {})]);
    done.abort('woken');
  }

  /** One batch at a time: the next leaves when the server has committed the one before. */
  async function drain(): Promise<void> {
    while (!closed) {
      if (!online || span.head <= acked) {
        await pause();
        continue;
      }
      try {
        const waiting = await store.call('outboxRead', { after: acked, limit: BATCH_RECORDS });
        if ((waiting[0]?.seq ?? acked + 1) > acked + 1) {
          // The server stops at a missing seq, so it has committed nothing from here on, and all of it may get other seqs.
          span = await store.call('outboxRenumber', { after: acked });
          sent = acked;
          continue;
        }
        const batch = unbroken(fitting(waiting));
        const last = batch.at(-1)?.seq;
        sent = Math.max(sent, last ?? 0);
        if (last === undefined || !(await send(batch))) await pause(RESEND_MS);
        else {
          const untilMs = clock.machine.nowMs() + RESEND_MS;
          while (online && !closed && acked < last && clock.machine.nowMs() < untilMs) {
            await pause(untilMs - clock.machine.nowMs());
          }
        }
      } catch (error) {
        if (closed) return;
        log.error({ err: error }, 'outbox could not be read');
        await pause(RESEND_MS);
      }
    }
  }
  const draining = drain();

  return {
    get span() {
      return span;
    },
    append(record) {
      if (unwritten.length >= MOST_UNWRITTEN) return count('outbox.lost');
      unwritten.push(record);
      // The next turn of the loop, so that the facts of one moment share a commit.
      writing ??= new Promise<void>((resolve) => {
        setImmediate(resolve);
      }).then(write);
    },
    recorded(next) {
      span = next;
      wake();
    },
    committed(next) {
      span = next;
      wake();
    },
    welcomed(ack) {
      if (ack > span.head) log.warn({ ack, head: span.head }, 'server has newer records than this store; seqs go on after them');
      online = true;
      acknowledge(ack);
    },
    parted() {
      online = false;
      wake();
    },
    acknowledged: acknowledge,
    async close() {
      closing.abort();
      while (writing) await writing;
      closed = true;
      wake();
      await Promise.all([draining, deleting.idle()]);
    },
  };
}

/** The first records whose JSON fits in one message; always at least one. */
function fitting(records: EdgeRecord[]): EdgeRecord[] {
  let characters = 0;
  const end = records.findIndex((record) => {
    characters += JSON.stringify(record).length;
    return characters > BATCH_CHARACTERS;
  });
  return end === -1 ? records : records.slice(0, Math.max(end, 1));
}

/** The records up to the first missing seq. */
function unbroken(records: EdgeRecord[]): EdgeRecord[] {
  const end = records.findIndex(({ seq }, at) => at > 0 && seq !== (records[at - 1]?.seq ?? 0) + 1);
  return end === -1 ? records : records.slice(0, end);
}
