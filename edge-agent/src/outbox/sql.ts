/** The outbox in SQL. Runs on the store thread, inside the transaction of the calls that waited together. */
import type { EdgeRecord } from '@hall/contracts';
import type { Db } from '../store/database.ts';
import { readValue, writeValue } from '../store/values.ts';
import { foldSize, givenUp, isOver, keepingOf, type Keeping, type OutboxLimits, type OutboxSize } from './limits.ts';

export type NewRecord = Omit<EdgeRecord, 'seq'>;

export interface OutboxSpan {
  /** Oldest seq held; 0 when empty. */
  readonly tail: number;
  /** Newest seq ever written. */
  readonly head: number;
  readonly count: number;
  /** What the records take on the disk, about. */
  readonly bytes: number;
  /** Hall time of the oldest record held, Unix ms; 0 when empty. */
  readonly oldestAt: number;
}

/** Kept by triggers: counting a long outbox at every record would cost more than writing it. */
const sizeOf = (db: Db): OutboxSize => db.prepare('SELECT rows AS count, bytes FROM outbox_size').get() as OutboxSize;

export function outboxSpan(db: Db): OutboxSpan {
  const oldest = db.prepare('SELECT seq, at FROM outbox ORDER BY seq LIMIT 1').get() as { seq: number; at: number } | undefined;
  return {
    ...sizeOf(db),
    tail: oldest?.seq ?? 0,
    oldestAt: oldest?.at ?? 0,
    head: Number(readValue(db, 'outbox.head') ?? 0),
  };
}

export interface Append {
  readonly records: readonly NewRecord[];
  readonly limits: OutboxLimits;
  /** Newest seq that was sent; nothing up to it makes room. */
  readonly sent?: number;
}

/** Appends records under the next seqs, then makes room by the limits. */
export function outboxAppend(db: Db, { records, limits, sent = 0 }: Append): OutboxSpan {
  const { head } = outboxSpan(db);
  const insert = db.prepare('INSERT INTO outbox (seq, type, at, device, data) VALUES (?, ?, ?, ?, ?)');
  let seq = head;
  for (const { type, at, device, data } of records) {
    seq += 1;
    insert.run(seq, type, at, device ?? null, JSON.stringify(data));
  }
  writeValue(db, 'outbox.head', String(seq));
  makeRoom(db, limits, sent);
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

/** Folds the oldest records that may go into gaps, until the limits hold. */
function makeRoom(db: Db, limits: OutboxLimits, spared: number): void {
  for (const limit of ['soft', 'hard'] as const) {
    for (const keeping of givenUp[limit]) {
      while (isOver(sizeOf(db), limits, limit) && fold(db, keeping, spared));
    }
  }
}

/**
 * Puts one gap in the place of the last of the oldest records of a kind; gaps among them are taken in, so they never pile up.
 * False if that would win nothing. What was sent already (`spared`) is left alone: the server may have it.
 */
function fold(db: Db, keeping: Keeping, spared: number): boolean {
  const types = (db.prepare('SELECT DISTINCT type FROM outbox').pluck().all() as EdgeRecord['type'][]).filter(
    (type) => type === 'outbox.gap' || keepingOf(type) === keeping,
  );
  const rows = db
    .prepare(
      `SELECT seq, type, at, data FROM outbox WHERE seq > ? AND type IN (SELECT value FROM json_each(?)) ORDER BY seq LIMIT ?`,
    )
    .all(spared, JSON.stringify(types), foldSize(sizeOf(db))) as Row[];
  const last = rows.at(-1);
  if (!last || rows.length < 2) return false;
  const remove = db.prepare('DELETE FROM outbox WHERE seq = ?');
  for (const { seq } of rows) remove.run(seq);
  const gap = together(rows.map(coveredBy));
  db.prepare("INSERT INTO outbox (seq, type, at, device, data) VALUES (?, 'outbox.gap', ?, NULL, ?)").run(
    last.seq,
    gap.to,
    JSON.stringify(gap),
  );
  return true;
}

/** What was given up: how many records, of which types, and the hall times of the oldest and the newest, Unix ms. */
interface Gap {
  readonly dropped: number;
  readonly from: number;
  readonly to: number;
  /** Missing in gaps of older agents, which gave up nothing but confirmations before their hard limit. */
  readonly types?: Readonly<Record<string, number>>;
}
const coveredBy = ({ type, at, data }: Row): Gap =>
  type === 'outbox.gap' ? (JSON.parse(data) as Gap) : { dropped: 1, from: at, to: at, types: { [type]: 1 } };

function together(gaps: readonly Gap[]): Gap {
  const types: Record<string, number> = {};
  for (const gap of gaps) {
    for (const [type, count] of Object.entries(gap.types ?? {})) types[type] = (types[type] ?? 0) + count;
  }
  return {
    dropped: gaps.reduce((sum, { dropped }) => sum + dropped, 0),
    from: Math.min(...gaps.map(({ from }) => from)),
    to: Math.max(...gaps.map(({ to }) => to)),
    types,
  };
}
