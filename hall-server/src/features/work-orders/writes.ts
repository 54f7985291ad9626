/** Writes of work orders; run in the writer worker. Each leaves its audit row. */
import {
  HallError,
  nextWorkOrderStates,
  type WorkOrder,
  type WorkOrderCreate,
  type WorkOrderNote,
  type WorkOrderPatch,
} from '@hall/contracts';
import type { Write } from '../../platform/store/write.ts';
import type { Asker } from '../audit/chain.ts';
import { appendAudit } from '../audit/writes.ts';
import { afterChange } from './rules.ts';
import { readOrder } from './store.ts';

const MOST_NOTES = 200;

export interface OpenOrder extends Asker {
  readonly order: WorkOrderCreate;
  readonly driver: string | null;
}
const open: Write<OpenOrder, { id: number }> = (db, { by, address, order, driver }, context) => {
  const { nowMs } = context;
  const note: WorkOrderNote = { at: nowMs, by, state: 'open', text: order.note ?? '' };
  const { lastInsertRowid } = db
    .prepare(
      `INSERT INTO work_orders (ver, state, title, device, driver, alarm, alarm_type, person, part, fault_at, opened_at, opened_by, notes)
       VALUES (1, 'open', ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
    )
    .run(
      order.title,
      order.device ?? null,
      driver,
      order.alarm ?? null,
      order.alarmType ?? null,
      order.person ?? '',
      order.part ?? '',
      Math.min(order.faultAt ?? nowMs, nowMs),
      nowMs,
      by,
      JSON.stringify([note]),
    );
  const id = Number(lastInsertRowid);
  const details = { device: order.device ?? null, alarm: order.alarm ?? null, address };
  appendAudit(db, { at: nowMs, person: by, action: 'work_order.open', object: String(id), outcome: 'done', details });
  context.changed('audit');
  return { id };
};

export interface ChangeOrder extends Asker {
  readonly id: number;
  readonly patch: WorkOrderPatch;
}
/** @throws HallError NOT_FOUND, CONFLICT, WORK_ORDER_STATE_REFUSED. */
const change: Write<ChangeOrder, WorkOrder> = (db, { by, address, id, patch }, context) => {
  const { nowMs } = context;
  const held = readOrder(db, id);
  if (!held) throw new HallError('NOT_FOUND', { field: '/id' });
  if (held.ver !== patch.ver) throw new HallError('CONFLICT', { field: '/ver', expected: String(held.ver) });
  const state = patch.state ?? held.state;
  if (state !== held.state && !nextWorkOrderStates[held.state].includes(state)) {
    throw new HallError('WORK_ORDER_STATE_REFUSED', {
      field: '/state',
      expected: `one of: ${nextWorkOrderStates[held.state].join(', ')}`,
    });
  }
  const moments = state === held.state ? held : afterChange(held, state, nowMs);
  const said = patch.note ?? '';
  const note: WorkOrderNote = { at: nowMs, by, ...(state !== held.state && { state }), text: said };
  // The first note says what it was about; of the others the newest stay.
  const notes = said === '' && state === held.state ? held.notes : [...held.notes, note];
  const kept = notes.length > MOST_NOTES ? [...notes.slice(0, 1), ...notes.slice(1 - MOST_NOTES)] : notes;
  db.prepare(
    `UPDATE work_orders SET ver = ver + 1, state = ?, person = ?, part = ?, work_min = ?, begun_at = ?, ended_at = ?, notes = ? WHERE id = ?`,
  ).run(
    state,
    patch.person ?? held.person,
    patch.part ?? held.part,
    patch.workMin ?? held.workMin,
    moments.begunAt,
    moments.endedAt,
    JSON.stringify(kept),
    id,
  );
  const details = { from: held.state, to: state, address };
  appendAudit(db, { at: nowMs, person: by, action: 'work_order.change', object: String(id), outcome: 'done', details });
  context.changed('audit');
  const after = readOrder(db, id);
  if (!after) throw new HallError('NOT_FOUND', { field: '/id' });
  return after;
};

export const workOrderWrites = { 'workOrders.open': open, 'workOrders.change': change } as const;
