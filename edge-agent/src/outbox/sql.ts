/** The outbox in SQL. Runs on the store thread, inside the transaction of the calls that waited together. */
import type { EdgeRecord } from '@hall/contracts';
import type { Db } from '../store/database.ts';
import { readValue, writeValue } from '../store/values.ts';
import { overflow, type OutboxLimits } from './limits.ts';

export type NewRecord = Omit<EdgeRecord, 'seq'>;

export interface OutboxSpan {
  /** Oldest seq held; 0 when empty. */
  readonly tail: number;
  /** Newest seq ever written. */
  readonly head: number;
  readonly count: number;
}

export function outboxSpan(db: Db): OutboxSpan {
  const row = db.prepare('SELECT coalesce(min(seq), 0) AS tail, count(*) AS count FROM outbox').get() as {
    tail: number;
    count: number;
  };
  return { ...row, head: Number(readValue(db, 'outbox.head') ?? 0) };
}

/** Appends records under the next seqs, then makes room by the limits. */
export function outboxAppend(db: Db, { records, limits }: { records: readonly NewRecord[]; limits: OutboxLimits }): OutboxSpan {
  const { head, count } = outboxSpan(db);
  const insert = db.prepare('INSERT INTO outbox (seq, type, at, device, data) VALUES (?, ?, ?, ?, ?)');
  let seq = head;
  for (const { type, at, device, data } of records) {
    seq += 1;
    insert.run(seq, type, at, device ?? null, JSON.stringify(data));
  }
  writeValue(db, 'outbox.head', String(seq));
  makeRoom(db, count + records.length, limits);
  return outboxSpan(db);
}

/** The oldest records after `seq`, at most `limit`. */
export function outboxRead(db: Db, { after, limit }: { after: number; limit: number }): EdgeRecord[] {
  const rows = db.prepare('SELECT seq, type, at, device, data FROM outbox WHERE seq > ? ORDER BY seq LIMIT ?').all(after, limit);
  return (rows as Row[]).map(({ seq, type, at, device, data }) => ({
    seq,
    type,
    at,
    ...(device === null ? {} : { device }),
    data: JSON.parse(data) as EdgeRecord['data'],
  }));
}

/**
 * Deletes what the server has committed. A server that has more than was ever written here (this file is an older copy)
 * moves the head on, so that new records are not taken for repetitions.
 */
export function outboxAcknowledge(db: Db, { seq }: { seq: number }): OutboxSpan {
  db.prepare('DELETE FROM outbox WHERE seq <= ?').run(seq);
  if (seq > outboxSpan(db).head) writeValue(db, 'outbox.head', String(seq));
  return outboxSpan(db);
}

interface Row {
  seq: number;
  type: EdgeRecord['type'];
  at: number;
  device: string | null;
  data: string;
}

function makeRoom(db: Db, count: number, limits: OutboxLimits): void {
  const plan = overflow(count, limits);
  if (!plan) return;
  const oldest = db.prepare(
    plan.anyType
      ? 'SELECT seq, type, at, data FROM outbox ORDER BY seq LIMIT ?'
      : "SELECT seq, type, at, data FROM outbox WHERE type IN ('screen.confirmed', 'outbox.gap') ORDER BY seq LIMIT ?",
  );
  let run: Row[] = [];
  for (const row of oldest.all(plan.drop) as Row[]) {
    const before = run.at(-1);
    if (before && coveredBy(row).from !== before.seq + 1) {
      collapse(db, run);
      run = [];
    }
    run.push(row);
  }
  collapse(db, run);
}

/** What a row stands for: itself, or the records a gap took the place of. */
const coveredBy = ({ seq, type, data }: Row): { from: number; dropped: number } =>
  type === 'outbox.gap' ? (JSON.parse(data) as { from: number; dropped: number }) : { from: seq, dropped: 1 };

/** Puts one `outbox.gap` in the place of a run of neighbouring records, under the seq of the last of them. */
function collapse(db: Db, run: readonly Row[]): void {
  const first = run[0];
  const last = run.at(-1);
  if (!first || !last || run.length < 2) return;
  const { from } = coveredBy(first);
  const dropped = run.reduce((sum, row) => sum + coveredBy(row).dropped, 0);
  db.prepare('DELETE FROM outbox WHERE seq BETWEEN ? AND ?').run(first.seq, last.seq);
  db.prepare("INSERT INTO outbox (seq, type, at, device, data) VALUES (?, 'outbox.gap', ?, NULL, ?)").run(
    last.seq,
    last.at,
    JSON.stringify({ from, to: last.seq, dropped }),
  );
}
