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

/**
 * Gives everything after `after` consecutive seqs again, where gaps have swallowed some: the server takes records only in
 * unbroken order. Only for records of which the server has committed none.
 */
export function outboxRenumber(db: Db, { after }: { after: number }): OutboxSpan {
  db.prepare(
    `WITH numbered AS (SELECT seq, row_number() OVER (ORDER BY seq) AS place FROM outbox WHERE seq > ?)
     UPDATE outbox SET seq = -place FROM numbered WHERE numbered.seq = outbox.seq`,
  ).run(after);
  const { changes } = db.prepare('UPDATE outbox SET seq = ? - seq WHERE seq < 0').run(after);
  writeValue(db, 'outbox.head', String(after + changes));
  return outboxSpan(db);
}

interface Row {
  seq: number;
  type: EdgeRecord['type'];
  at: number;
  device: string | null;
  data: string;
}

/** Deletes the oldest records that may go and leaves one `outbox.gap` in their place, which grows with every further round. */
function makeRoom(db: Db, count: number, limits: OutboxLimits): void {
  const plan = overflow(count, limits);
  if (!plan) return;
  const which = plan.anyType ? '' : "WHERE type IN ('screen.confirmed', 'outbox.gap')";
  const rows = db.prepare(`SELECT seq, type, at, data FROM outbox ${which} ORDER BY seq LIMIT ?`).all(plan.drop) as Row[];
  const covered = rows.map(coveredBy);
  const [first] = rows;
  if (!first || rows.length < 2) return;
  const remove = db.prepare('DELETE FROM outbox WHERE seq = ?');
  for (const { seq } of rows) remove.run(seq);
  const gap: Gap = {
    dropped: covered.reduce((sum, { dropped }) => sum + dropped, 0),
    from: Math.min(...covered.map(({ from }) => from)),
    to: Math.max(...covered.map(({ to }) => to)),
  };
  db.prepare("INSERT INTO outbox (seq, type, at, device, data) VALUES (?, 'outbox.gap', ?, NULL, ?)").run(
    first.seq,
    gap.to,
    JSON.stringify(gap),
  );
}

/** What was given up: how many records, and the hall times of the oldest and the newest, Unix ms. */
interface Gap {
  readonly dropped: number;
  readonly from: number;
  readonly to: number;
}
const coveredBy = ({ type, at, data }: Row): Gap =>
  type === 'outbox.gap' ? (JSON.parse(data) as Gap) : { dropped: 1, from: at, to: at };
