/** Writes of alarms; run in the writer worker. What a person does leaves its audit row in the same transaction. */
import { HallError, type MaintenanceRequest } from '@hall/contracts';
import type { Database } from '../../platform/store/database.ts';
import type { Write } from '../../platform/store/write.ts';
import type { Asker } from '../audit/chain.ts';
import { appendAudit } from '../audit/writes.ts';
import type { AlarmRow, NewAlarmEvent } from './rows.ts';

const columns = [
  'id',
  'type',
  'kind',
  'object',
  'current',
  'phase',
  'since',
  'count_from',
  'ended',
  'raised',
  'cleared',
  'lapsed',
  'count',
  'evidence',
  'acknowledged_by',
  'acknowledged_at',
  'assignee',
  'shelved',
] as const satisfies readonly (keyof AlarmRow)[];

function putAlarms(db: Database, rows: readonly AlarmRow[]): void {
  const put = db.prepare(
    `INSERT INTO alarms (${columns.join(', ')}) VALUES (${columns.map((name) => `:${name}`).join(', ')})
     ON CONFLICT (id) DO UPDATE SET ${columns.map((name) => `${name} = excluded.${name}`).join(', ')}`,
  );
  // What becomes history first, so that there is never more than one that lives.
  for (const row of rows.toSorted((a, b) => a.current - b.current)) put.run(row);
}
function putEvents(db: Database, events: readonly NewAlarmEvent[]): void {
  const put = db.prepare('INSERT INTO alarm_events (alarm, at, hall_at, what, person, text) VALUES (?, ?, ?, ?, ?, ?)');
  for (const { alarm, at, hallAt, what, person, text } of events) {
    put.run(alarm, Math.round(at), Math.round(hallAt), what, person, text);
  }
}

export interface SaveAlarms {
  readonly rows: readonly AlarmRow[];
  /** Numbers of those that were never raised and need not be remembered. */
  readonly drop: readonly number[];
  readonly events: readonly NewAlarmEvent[];
}

/** What the evaluation changed: rows, and every transition. */
const save: Write<SaveAlarms, void> = (db, { rows, drop, events }) => {
  const remove = db.prepare('DELETE FROM alarms WHERE id = ? AND raised IS NULL');
  for (const id of drop) remove.run(id);
  putAlarms(db, rows);
  putEvents(db, events);
};

export interface ActOnAlarm extends Asker {
  readonly row: AlarmRow;
  readonly event: NewAlarmEvent;
  readonly details: Readonly<Record<string, unknown>>;
}

const act: Write<ActOnAlarm, void> = (db, { by, address, row, event, details }, { nowMs, changed }) => {
  putAlarms(db, [row]);
  putEvents(db, [event]);
  appendAudit(db, {
    at: nowMs,
    person: by,
    action: `alarm.${event.what}`,
    object: `${row.id} ${row.type} ${row.kind} ${row.object}`,
    outcome: 'done',
    details: { ...details, address },
  });
  changed('audit');
};

export interface PutMaintenance extends Asker {
  /** Without a number it is a new window. */
  readonly id?: number;
  readonly window: MaintenanceRequest;
}

/** Answers the number of the window. @throws HallError NOT_FOUND. */
const putMaintenance: Write<PutMaintenance, { id: number }> = (db, { by, address, id, window }, { nowMs, changed }) => {
  const { object, from, until, reason } = window;
  const values = { kind: object.kind, object: object.id, from, until, reason, by };
  const done =
    id === undefined
      ? db
          .prepare(
            `INSERT INTO maintenance (kind, object, from_at, until_at, reason, person)
             VALUES (:kind, :object, :from, :until, :reason, :by)`,
          )
          .run(values)
      : db
          .prepare(
            `UPDATE maintenance SET kind = :kind, object = :object, from_at = :from, until_at = :until, reason = :reason,
               person = :by WHERE id = :id`,
          )
          .run({ ...values, id });
  if (done.changes === 0) throw new HallError('NOT_FOUND', { field: '/id' });
  const stored = id ?? Number(done.lastInsertRowid);
  appendAudit(db, {
    at: nowMs,
    person: by,
    action: id === undefined ? 'maintenance.add' : 'maintenance.change',
    object: `${stored} ${object.kind} ${object.id}`,
    outcome: 'done',
    details: { from, until, reason, address },
  });
  changed('audit');
  return { id: stored };
};

/** @throws HallError NOT_FOUND. */
const removeMaintenance: Write<Asker & { readonly id: number }, void> = (db, { by, address, id }, { nowMs, changed }) => {
  if (db.prepare('DELETE FROM maintenance WHERE id = ?').run(id).changes === 0)
    throw new HallError('NOT_FOUND', { field: '/id' });
  appendAudit(db, {
    at: nowMs,
    person: by,
    action: 'maintenance.remove',
    object: String(id),
    outcome: 'done',
    details: { address },
  });
  changed('audit');
};

/** Removes at most `limit` alarms that were over before a moment, with their lives. Answers how many. */
const retain: Write<{ readonly before: number; readonly limit: number }, { removed: number }> = (db, { before, limit }) => {
  const old = db
    .prepare<[number, number], number>('SELECT id FROM alarms WHERE current = 0 AND coalesce(cleared, raised, since) < ? LIMIT ?')
    .pluck()
    .all(before, limit);
  const events = db.prepare('DELETE FROM alarm_events WHERE alarm = ?');
  const alarm = db.prepare('DELETE FROM alarms WHERE id = ?');
  for (const id of old) {
    events.run(id);
    alarm.run(id);
  }
  return { removed: old.length };
};

export const alarmWrites = {
  'alarms.save': save,
  'alarms.act': act,
  'alarms.putMaintenance': putMaintenance,
  'alarms.removeMaintenance': removeMaintenance,
  'alarms.retain': retain,
} as const;
