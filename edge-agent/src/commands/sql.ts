/** The journal of commands in SQL. Runs on the store thread, inside the transaction of the calls that waited together. */
import type { Command, CommandEnd } from '@hall/contracts';
import { outboxAppend, type NewRecord, type OutboxSpan } from '../outbox/sql.ts';
import type { OutboxLimits } from '../outbox/limits.ts';
import { saveOverrides, type StoredOverride } from '../screens/overrides-sql.ts';
import type { Db } from '../store/database.ts';

/** A command as it stays with the agent; what belongs to one delivery only is left out. */
export type JournalCommand = Pick<Command, 'id' | 'act' | 'device' | 'arguments'>;

export interface JournalRow {
  readonly command: JournalCommand;
  readonly state: 'persisted' | 'begun' | 'ended';
  /** Run of the agent in which it came, or began. */
  readonly epoch: string;
  /** Hall time by which it must have begun, Unix ms. */
  readonly deadlineAt: number;
  readonly end?: CommandEnd;
}

/** Ended commands are kept for at least so long and for at least so many newer ones: a second delivery finds its answer. */
export const KEPT_MS = 24 * 60 * 60 * 1000;
export const KEPT_ROWS = 10_000;
/** Rows looked at for deletion with each new one. */
const SWEPT = 4;

/** All of a row is under its seal: a state that was changed could have a command done twice. */
const SEALED_WITH = "'command', id, state, epoch, taken_at, deadline_at, ended";

interface Row {
  place: number;
  id: string;
  state: JournalRow['state'];
  /** Null when the row is damaged. */
  body: string | null;
  epoch: string;
  taken_at: number;
  deadline_at: number;
  ended: string | null;
}
const rowOf = ({ state, body, epoch, deadline_at: deadlineAt, ended }: Sound): JournalRow => ({
  command: JSON.parse(body) as JournalCommand,
  state,
  epoch,
  deadlineAt,
  ...(ended === null ? {} : { end: JSON.parse(ended) as CommandEnd }),
});
type Sound = Row & { body: string };
const isSound = (row: Row | undefined): row is Sound => typeof row?.body === 'string';
const COLUMNS = `place, id, state, unseal(body, ${SEALED_WITH}) AS body, epoch, taken_at, deadline_at, ended`;

function find(db: Db, id: string): Sound | undefined {
  const row = db.prepare(`SELECT ${COLUMNS} FROM command WHERE id = ?`).get(id) as Row | undefined;
  return isSound(row) ? row : undefined;
}

const SEAL = "seal(@body, 'command', @id, @state, @epoch, @taken_at, @deadline_at, @ended)";

const insert = (db: Db, row: Omit<Sound, 'place'>): unknown =>
  db
    .prepare(
      `INSERT INTO command (id, state, body, epoch, taken_at, deadline_at, ended)
       VALUES (@id, @state, ${SEAL}, @epoch, @taken_at, @deadline_at, @ended)`,
    )
    .run(row);

const change = (db: Db, row: Sound): unknown =>
  db.prepare(`UPDATE command SET state = @state, body = ${SEAL}, epoch = @epoch, ended = @ended WHERE place = @place`).run(row);

export const openCommands = (db: Db): JournalRow[] =>
  (db.prepare(`SELECT ${COLUMNS} FROM command WHERE state <> 'ended' ORDER BY place`).all() as Row[]).filter(isSound).map(rowOf);

export interface Taken {
  readonly command: JournalCommand;
  readonly epoch: string;
  readonly deadlineAt: number;
  /** Wall time, Unix ms. */
  readonly nowMs: number;
}

/** Notes a command that is new; one that is known stays as it stands. Answers how it stands now. */
export function commandTake(db: Db, taken: Taken): { row: JournalRow; isNew: boolean } {
  const { command, epoch, deadlineAt, nowMs } = taken;
  const held = find(db, command.id);
  if (held) return { row: rowOf(held), isNew: false };
  const body = JSON.stringify(command);
  insert(db, { id: command.id, state: 'persisted', body, epoch, taken_at: nowMs, deadline_at: deadlineAt, ended: null });
  sweep(db, nowMs);
  return { row: { command, state: 'persisted', epoch, deadlineAt }, isNew: true };
}

function sweep(db: Db, nowMs: number): void {
  db.prepare(
    `DELETE FROM command WHERE place IN (
       SELECT place FROM command WHERE state = 'ended' AND taken_at < ?
         AND place <= (SELECT max(place) FROM command) - ? ORDER BY place LIMIT ?)`,
  ).run(nowMs - KEPT_MS, KEPT_ROWS, SWEPT);
}

/** The intent: from here on it may have been done. What is to stand over the device's plan is kept with it. */
export function commandBegin(
  db: Db,
  begin: { id: string; epoch: string; over?: { device: string; overrides: readonly StoredOverride[] } },
): void {
  const held = find(db, begin.id);
  if (held?.state === 'persisted') change(db, { ...held, state: 'begun', epoch: begin.epoch });
  if (begin.over) saveOverrides(db, begin.over);
}

/** The end, once and for all, and its record for the server in the same transaction. Answers how the command stands. */
export function commandEnd(
  db: Db,
  { id, end, record, limits }: { id: string; end: CommandEnd; record: NewRecord; limits: OutboxLimits },
): { row: JournalRow | undefined; span: OutboxSpan | undefined } {
  const held = find(db, id);
  if (!held || held.state === 'ended') return { row: held && rowOf(held), span: undefined };
  const ended = { ...held, state: 'ended' as const, ended: JSON.stringify(end) };
  change(db, ended);
  return { row: rowOf(ended), span: outboxAppend(db, { records: [record], limits }) };
}
