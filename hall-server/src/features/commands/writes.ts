/** Writes about commands: what people give and take back (each leaves its audit row), and every step on the way to an end. */
import { CommandEnd, CommandId, HallError, type CommandAct, type CommandState, type EdgeRecord } from '@hall/contracts';
import { Compile } from 'typebox/compile';
import type { Database } from '../../platform/store/database.ts';
import type { Write, WriteContext } from '../../platform/store/write.ts';
import type { Asker } from '../audit/chain.ts';
import { appendAudit } from '../audit/writes.ts';
import type { CommandRow } from './store.ts';

/** Ended commands and their steps are kept for this long, ms: as long as people ask what was done. */
const KEPT_MS = 90 * 24 * 60 * 60 * 1000;
/** Rows looked at for deletion with each command given. */
const SWEPT = 10;

export interface NewCommand {
  readonly id: string;
  readonly agent: string;
  readonly device: string | null;
}
export interface Given extends Asker {
  readonly act: CommandAct;
  readonly arguments: Readonly<Record<string, unknown>>;
  readonly withinS: number;
  readonly commands: readonly NewCommand[];
  /** What the audit row names. */
  readonly object: string;
  /** A new batch, or one that goes on; its commands wait for their turn. */
  readonly batch?: { readonly id: string; readonly isNew: boolean; readonly takesBack?: string };
}

const find = (db: Database, id: string): CommandRow | undefined =>
  db.prepare<[string], CommandRow>('SELECT * FROM commands WHERE id = ?').get(id);
const nextRev = (db: Database): number =>
  (db.prepare<[], number>('SELECT coalesce(max(rev), 0) FROM commands').pluck().get() ?? 0) + 1;

function step(db: Database, command: string, at: number, state: CommandState, detail: object): void {
  db.prepare(
    `INSERT INTO command_steps (command, number, at, state, detail)
     VALUES (?, (SELECT count(*) FROM command_steps WHERE command = ?), ?, ?, ?)`,
  ).run(command, command, at, state, JSON.stringify(detail));
}

function sweep(db: Database, nowMs: number): void {
  const old = db
    .prepare<[number, number], string>(
      "DELETE FROM commands WHERE seq IN (SELECT seq FROM commands WHERE state = 'ended' AND since < ? ORDER BY seq LIMIT ?) RETURNING id",
    )
    .pluck()
    .all(nowMs - KEPT_MS, SWEPT);
  for (const id of old) db.prepare('DELETE FROM command_steps WHERE command = ?').run(id);
  db.prepare(
    `DELETE FROM command_batches WHERE seq IN (SELECT seq FROM command_batches WHERE created_at < ?
       AND NOT EXISTS (SELECT 1 FROM commands WHERE batch = command_batches.id) ORDER BY seq LIMIT ?)`,
  ).run(nowMs - KEPT_MS, SWEPT);
}

const give: Write<Given, void> = (db, given, { nowMs, changed }) => {
  const { by, address, act, withinS, commands, object, batch } = given;
  const args = JSON.stringify(given.arguments);
  if (batch?.isNew) {
    db.prepare(
      'INSERT INTO command_batches (id, act, arguments, within_s, person, created_at, takes_back) VALUES (?, ?, ?, ?, ?, ?, ?)',
    ).run(batch.id, act, args, withinS, by, nowMs, batch.takesBack ?? null);
  } else if (batch) {
    db.prepare('UPDATE command_batches SET stopped = 0 WHERE id = ?').run(batch.id);
  }
  const insert = db.prepare(
    `INSERT INTO commands (id, batch, agent, device, act, arguments, within_s, person, created_at, deadline_at, state, since, rev)
     VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, 'created', ?, ?)`,
  );
  let rev = nextRev(db);
  for (const { id, agent, device } of commands) {
    const deadlineAt = batch ? null : nowMs + withinS * 1000;
    insert.run(id, batch?.id ?? null, agent, device, act, args, withinS, by, nowMs, deadlineAt, nowMs, rev);
    step(db, id, nowMs, 'created', { person: by });
    rev += 1;
  }
  sweep(db, nowMs);
  const details = { address, arguments: given.arguments, commands: commands.length };
  appendAudit(db, { at: nowMs, person: by, action: `command.${act}`, object, outcome: 'done', details });
  changed('commands');
  changed('audit');
};

/** Their turn in the batch has come: from now on their time runs. */
const release: Write<{ readonly ids: readonly string[] }, void> = (db, { ids }, { nowMs, changed }) => {
  let rev = nextRev(db);
  for (const id of ids) {
    const { changes } = db
      .prepare(
        "UPDATE commands SET deadline_at = ? + within_s * 1000, rev = ? WHERE id = ? AND state = 'created' AND deadline_at IS NULL",
      )
      .run(nowMs, rev, id);
    rev += changes;
  }
  changed('commands');
};

/** Forward only; a step that is no step is none. */
function move(
  db: Database,
  id: string,
  state: CommandState,
  detail: object,
  { nowMs, changed }: WriteContext,
  installId?: string,
): void {
  const order = ['created', 'sent', 'persisted', 'begun', 'ended'];
  const row = find(db, id);
  if (!row || order.indexOf(row.state) >= order.indexOf(state)) return;
  db.prepare('UPDATE commands SET state = ?, since = ?, install_id = coalesce(?, install_id), rev = ? WHERE id = ?').run(
    state,
    nowMs,
    installId ?? null,
    nextRev(db),
    id,
  );
  step(db, id, nowMs, state, detail);
  changed('commands');
}

const sent: Write<{ readonly id: string; readonly installId: string }, void> = (db, { id, installId }, context) =>
  move(db, id, 'sent', { installId }, context, installId);

/** The agent says how far it is. */
const progress: Write<
  {
    readonly agent: string;
    readonly id: string;
    readonly state: 'persisted' | 'begun';
    readonly at: number;
    readonly epoch: string;
  },
  void
> = (db, { agent, id, state, at, epoch }, context) => {
  if (find(db, id)?.agent === agent) move(db, id, state, { at, epoch }, context);
};

/** Said by the server because the agent was silent: the agent's own word replaces it whenever it comes. */
const isProvisional = ({ ended }: CommandRow): boolean =>
  ended !== null && (JSON.parse(ended) as CommandEnd).code === 'AGENT_SILENT';

/** The end, once. `from` is what it rests on: the agent's record or its answer, or the server's own reason. */
function settle(db: Database, id: string, end: CommandEnd, detail: object, { nowMs, changed }: WriteContext): void {
  const row = find(db, id);
  if (!row || (row.state === 'ended' && !isProvisional(row))) return;
  db.prepare("UPDATE commands SET state = 'ended', since = ?, outcome = ?, ended = ?, rev = ? WHERE id = ?").run(
    nowMs,
    end.outcome,
    JSON.stringify(end),
    nextRev(db),
    id,
  );
  const { evidence: _, ...told } = end;
  step(db, id, nowMs, 'ended', { ...detail, ...told });
  changed('commands');
}

function settleFromAgent(db: Database, agent: string, id: string, end: CommandEnd, detail: object, context: WriteContext): void {
  if (find(db, id)?.agent === agent) settle(db, id, end, detail, context);
}

const isEnd = Compile(CommandEnd);
const isId = Compile(CommandId);
/**
 * The agent's record of an end, out of its outbox. Answers what of it becomes a fact: all but the lines of a log, which stay with
 * the command. A record that is none, or of a command this store does not know, is only a fact.
 */
export function takeEndRecord(
  db: Database,
  agent: string,
  { at, seq, data }: EdgeRecord,
  context: WriteContext,
): EdgeRecord['data'] {
  const { id, act, ...end } = data;
  if (!isId.Check(id) || !isEnd.Check(end)) return data;
  settleFromAgent(db, agent, id, end, { by: 'record', at, seq }, context);
  const { lines, ...evidence } = end.evidence ?? {};
  return { id, act, ...end, ...(lines === undefined ? {} : { evidence }) };
}
const ended: Write<{ readonly agent: string; readonly id: string; readonly at: number; readonly end: CommandEnd }, void> = (
  db,
  { agent, id, at, end },
  context,
) => settleFromAgent(db, agent, id, end, { by: 'answer', at }, context);

/** The server's own end: for what the agent cannot know of, or will not say any more. */
const close: Write<{ readonly id: string; readonly end: CommandEnd; readonly onlyIn?: CommandState }, void> = (
  db,
  { id, end, onlyIn },
  context,
) => {
  if (onlyIn === undefined || find(db, id)?.state === onlyIn) settle(db, id, end, { by: 'server' }, context);
};

/** What the agent has not heard of is cancelled here; of the rest it is asked. @throws HallError NOT_FOUND, COMMAND_ENDED. */
const cancel: Write<Asker & { readonly id: string }, void> = (db, { by, address, id }, context) => {
  const row = find(db, id);
  if (!row) throw new HallError('NOT_FOUND', { field: '/id' });
  if (row.state === 'ended') throw new HallError('COMMAND_ENDED', { outcome: JSON.parse(row.ended ?? '{}').outcome as string });
  cancelOne(db, row, by, context);
  const object = row.device ?? row.agent;
  appendAudit(db, { at: context.nowMs, person: by, action: 'command.cancel', object, outcome: 'done', details: { address, id } });
  context.changed('audit');
};
function cancelOne(db: Database, { id, state, cancel_asked: asked }: CommandRow, by: string, context: WriteContext): void {
  if (state === 'created') settle(db, id, { outcome: 'cancelled' }, { by: 'server', person: by }, context);
  else if (asked === 0) {
    db.prepare('UPDATE commands SET cancel_asked = 1, rev = ? WHERE id = ?').run(nextRev(db), id);
    step(db, id, context.nowMs, state, { person: by, cancel: true });
    context.changed('commands');
  }
}

/** Nothing more of the batch begins. */
const stop: Write<Asker & { readonly id: string }, void> = (db, { by, address, id }, context) => {
  db.prepare('UPDATE command_batches SET stopped = 1 WHERE id = ?').run(id);
  const open = db.prepare<[string], CommandRow>("SELECT * FROM commands WHERE batch = ? AND state <> 'ended'").all(id);
  for (const row of open) cancelOne(db, row, by, context);
  appendAudit(db, {
    at: context.nowMs,
    person: by,
    action: 'command.batch_stop',
    object: id,
    outcome: 'done',
    details: { address, open: open.length },
  });
  context.changed('commands');
  context.changed('audit');
};

export const commandWrites = {
  'commands.give': give,
  'commands.release': release,
  'commands.sent': sent,
  'commands.progress': progress,
  'commands.ended': ended,
  'commands.close': close,
  'commands.cancel': cancel,
  'commands.stop': stop,
} as const;
