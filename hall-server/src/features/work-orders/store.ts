/** Reads of work orders. */
import type { WorkOrder, WorkOrderNote, WorkOrderState } from '@hall/contracts';
import type { Database } from '../../platform/store/database.ts';
import type { Repair } from './rules.ts';

interface Row {
  readonly id: number;
  readonly ver: number;
  readonly state: WorkOrderState;
  readonly title: string;
  readonly device: string | null;
  readonly driver: string | null;
  readonly alarm: string | null;
  readonly alarm_type: string | null;
  readonly person: string;
  readonly part: string;
  readonly fault_at: number;
  readonly opened_at: number;
  readonly opened_by: string;
  readonly begun_at: number | null;
  readonly ended_at: number | null;
  readonly work_min: number | null;
  readonly notes: string;
}
const orderOf = (row: Row): WorkOrder => ({
  id: row.id,
  ver: row.ver,
  state: row.state,
  title: row.title,
  device: row.device,
  driver: row.driver,
  alarm: row.alarm,
  alarmType: row.alarm_type,
  person: row.person,
  part: row.part,
  faultAt: row.fault_at,
  openedAt: row.opened_at,
  openedBy: row.opened_by,
  begunAt: row.begun_at,
  endedAt: row.ended_at,
  workMin: row.work_min,
  notes: JSON.parse(row.notes) as WorkOrderNote[],
});

/** One order; used in the worker too. */
export function readOrder(db: Database, id: number): WorkOrder | undefined {
  const row = db.prepare<[number], Row>('SELECT * FROM work_orders WHERE id = ?').get(id);
  return row && orderOf(row);
}

export interface OrderQuery {
  /** None is all. */
  readonly states: readonly WorkOrderState[];
  readonly device?: string;
  readonly before?: number;
  readonly limit: number;
}
export interface WorkOrderStore {
  get(id: number): WorkOrder | undefined;
  /** Newest first. */
  list(query: OrderQuery): WorkOrder[];
  /** Orders that were done in the span. */
  repairs(by: 'driver' | 'alarm_type', from: number, to: number): Repair[];
}

export function createWorkOrderStore(db: Database): WorkOrderStore {
  const list = db.prepare<{ states: string; device: string | null; before: number; limit: number }, Row>(
    `SELECT * FROM work_orders WHERE id < :before AND (:device IS NULL OR device = :device)
       AND (:states = '[]' OR state IN (SELECT value FROM json_each(:states))) ORDER BY id DESC LIMIT :limit`,
  );
  const repairs = db.prepare<[number, number], Row>(
    `SELECT * FROM work_orders WHERE state = 'done' AND ended_at >= ? AND ended_at <= ?`,
  );
  return {
    get: (id) => readOrder(db, id),
    list: ({ states, device = null, before = Number.MAX_SAFE_INTEGER, limit }) =>
      list.all({ states: JSON.stringify(states), device, before, limit }).map(orderOf),
    repairs: (by, from, to) =>
      repairs.all(from, to).map((row) => ({
        kind: (by === 'driver' ? row.driver : row.alarm_type) ?? '',
        faultAt: row.fault_at,
        endedAt: row.ended_at ?? row.fault_at,
        workMin: row.work_min,
      })),
  };
}
