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

/** The newest seq ever written. If that is no longer known, the newest one held: the server's acknowledgement moves it on. */
function headOf(db: Db): number {
  const held = db.prepare('SELECT max(seq) FROM outbox').pluck().get() as number | null;
  return Math.max(held ?? 0, Number(readValue(db, 'outbox.head') ?? 0));
}

export function outboxSpan(db: Db): OutboxSpan {
  const oldest = db.prepare('SELECT seq, at FROM outbox ORDER BY seq LIMIT 1').get() as { seq: number; at: number } | undefined;
  return {
    ...sizeOf(db),
    tail: oldest?.seq ?? 0,
    oldestAt: oldest?.at ?? 0,
    head: headOf(db),
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
  let seq = head;
  for (const { type, at, device, data } of records) {
    seq += 1;
    insert(db, { seq, type, at, device: device ?? null, data: JSON.stringify(data) });
  }
  writeValue(db, 'outbox.head', String(seq));
  makeRoom(db, limits, sent);
  return outboxSpan(db);
}

/** The oldest records after `seq`, at most `limit`. */
export function outboxRead(db: Db, { after, limit }: { after: number; limit: number }): EdgeRecord[] {
  const read = () => db.prepare(`SELECT ${COLUMNS} FROM outbox WHERE seq > ? ORDER BY seq LIMIT ?`).all(after, limit) as Stored[];
  let rows = read();
  if (rows.some(({ data }) => data === null)) {
    outboxSift(db);
    rows = read();
  }
  return rows.map(({ seq, type, at, device, data }) => ({
    seq,
    type,
    at,
    ...(device === null ? {} : { device }),
    data: JSON.parse(data ?? '{}') as EdgeRecord['data'],
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
  outboxSift(db);
  db.prepare(
    `WITH numbered AS (SELECT seq, row_number() OVER (ORDER BY seq) AS place FROM outbox WHERE seq > @after)
     UPDATE outbox SET seq = -place, data = seal(unseal(data, ${SEALED_WITH}), 'outbox', @after + place, type, at, device)
       FROM numbered WHERE numbered.seq = outbox.seq`,
  ).run({ after });
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
type Stored = Omit<Row, 'data'> & { data: string | null };
/** All of a record is under its seal. */
const SEALED_WITH = "'outbox', outbox.seq, type, at, device";
/** `data` is null where the record is damaged. */
const COLUMNS = `seq, type, at, device, unseal(data, ${SEALED_WITH}) AS data`;

function insert(db: Db, row: Row): void {
  db.prepare(
    `INSERT INTO outbox (seq, type, at, device, data)
     VALUES (@seq, @type, @at, @device, seal(@data, 'outbox', @seq, @type, @at, @device))`,
  ).run(row);
}

/**
 * Puts a gap in the place of every damaged record, and answers how many there were. When such a record was made is not known
 * any more: its gap says what the records beside it say.
 */
export function outboxSift(db: Db): number {
  // A damaged seq may be larger than a number holds.
  const damaged = db
    .prepare(`SELECT seq FROM outbox WHERE unseal(data, ${SEALED_WITH}) IS NULL ORDER BY seq`)
    .safeIntegers()
    .pluck()
    .all() as bigint[];
  const remove = db.prepare('DELETE FROM outbox WHERE seq = ?');
  for (const seq of damaged) remove.run(seq);
  for (const seq of damaged) {
    const before = db.prepare('SELECT seq, at FROM outbox WHERE seq < ? ORDER BY seq DESC LIMIT 1').get(seq) as Row | undefined;
    const after = db.prepare('SELECT at FROM outbox WHERE seq > ? ORDER BY seq LIMIT 1').get(seq) as Row | undefined;
    // Whatever became of its seq, it stood behind the one before it.
    const place = before ? before.seq + 1 : seq > 0n && seq <= Number.MAX_SAFE_INTEGER ? Number(seq) : 1;
    const from = before?.at ?? after?.at ?? 0;
    const gap: Gap = { dropped: 1, from, to: after?.at ?? from };
    insert(db, { seq: place, type: 'outbox.gap', at: gap.to, device: null, data: JSON.stringify(gap) });
  }
  return damaged.length;
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
    .prepare(`SELECT ${COLUMNS} FROM outbox WHERE seq > ? AND type IN (SELECT value FROM json_each(?)) ORDER BY seq LIMIT ?`)
    .all(spared, JSON.stringify(types), foldSize(sizeOf(db))) as Stored[];
  const last = rows.at(-1);
  if (!last || rows.length < 2) return false;
  const remove = db.prepare('DELETE FROM outbox WHERE seq = ?');
  for (const { seq } of rows) remove.run(seq);
  const gap = together(rows.map(coveredBy));
  insert(db, { seq: last.seq, type: 'outbox.gap', at: gap.to, device: null, data: JSON.stringify(gap) });
  return true;
}

/** What was given up: how many records, of which types, and the hall times of the oldest and the newest, Unix ms. */
interface Gap {
  readonly dropped: number;
  readonly from: number;
  readonly to: number;
  /** Missing for damaged records, and in gaps of older agents, which gave up nothing but confirmations before their hard limit. */
  readonly types?: Readonly<Record<string, number>>;
}
const coveredBy = ({ type, at, data }: Stored): Gap =>
  type === 'outbox.gap' && data !== null ? (JSON.parse(data) as Gap) : { dropped: 1, from: at, to: at, types: { [type]: 1 } };

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
