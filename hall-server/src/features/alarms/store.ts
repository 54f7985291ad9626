/** Reads of alarms, their history and maintenance windows, and of what some conditions are counted from. */
import type { AlarmEvent, MaintenanceWindow } from '@hall/contracts';
import type { AlarmRecord, Raise, ReportedAlarm } from '@hall/model';
import type { Database } from '../../platform/store/database.ts';
import { eventOf, recordOf, windowOf, type AlarmEventRow, type AlarmRow, type MaintenanceRow } from './rows.ts';

/** The newest fact of one kind about one device or agent. */
export interface Noted {
  readonly source: string;
  readonly subject: string;
  readonly count: number;
  readonly newestMs: number;
}

export interface AlarmStore {
  /** Those that live: at most one for each type and object. */
  current(): AlarmRecord[];
  get(id: number): AlarmRecord | undefined;
  /** Highest number ever given. */
  newestId(): number;
  /** Life of one alarm, newest first; the newest 500. */
  eventsOf(id: number): AlarmEvent[];
  /** Life of all, newest first. */
  events(query: { readonly before: number; readonly limit: number }): AlarmEvent[];
  raisesSince(atMs: number): Raise[];
  alarmsSince(atMs: number): ReportedAlarm[];
  /** By beginning. */
  windows(): MaintenanceWindow[];
  window(id: number): MaintenanceWindow | undefined;
  /** Events refused since a moment. */
  refusedSince(atMs: number): number;
  notedSince(type: 'text.replaced' | 'outbox.gap', atMs: number): Noted[];
}

const EVENT = 'e.seq, e.alarm, a.type, a.kind, a.object, e.at, e.what, e.person, e.text';

export function createAlarmStore(db: Database): AlarmStore {
  const current = db.prepare<[], AlarmRow>('SELECT * FROM alarms WHERE current = 1');
  const get = db.prepare<[number], AlarmRow>('SELECT * FROM alarms WHERE id = ?');
  const newestId = db.prepare<[], number | null>('SELECT max(id) FROM alarms').pluck();
  const eventsOfOne = db.prepare<[number], AlarmEventRow>(
    `SELECT ${EVENT} FROM alarm_events e JOIN alarms a ON a.id = e.alarm WHERE e.alarm = ? ORDER BY e.seq DESC LIMIT 500`,
  );
  const events = db.prepare<[number, number], AlarmEventRow>(
    `SELECT ${EVENT} FROM alarm_events e JOIN alarms a ON a.id = e.alarm WHERE e.seq < ? ORDER BY e.seq DESC LIMIT ?`,
  );
  const raises = db.prepare<[number], Pick<AlarmRow, 'type' | 'kind' | 'object'> & { at: number; hall_at: number }>(
    `SELECT a.type, a.kind, a.object, e.at, e.hall_at FROM alarm_events e JOIN alarms a ON a.id = e.alarm
     WHERE e.at >= ? AND e.what = 'raised' ORDER BY e.at, e.seq`,
  );
  const alarms = db.prepare<[number], AlarmRow & { raised: number }>('SELECT * FROM alarms WHERE raised >= ?');
  const windows = db.prepare<[], MaintenanceRow>('SELECT * FROM maintenance ORDER BY from_at, id');
  const window = db.prepare<[number], MaintenanceRow>('SELECT * FROM maintenance WHERE id = ?');
  const refused = db.prepare<[number], number>('SELECT count(*) FROM quarantine WHERE received_at >= ?').pluck();
  const noted = db.prepare<[string, number], Noted>(
    `SELECT source, subject, count(*) AS count, max(received_at) AS newestMs FROM facts
     WHERE type = ? AND type IN ('text.replaced', 'outbox.gap') AND received_at >= ? GROUP BY source, subject`,
  );
  return {
    current: () => current.all().map(recordOf),
    get: (id) => {
      const row = get.get(id);
      return row && recordOf(row);
    },
    newestId: () => newestId.get() ?? 0,
    eventsOf: (id) => eventsOfOne.all(id).map(eventOf),
    events: ({ before, limit }) => events.all(before, limit).map(eventOf),
    raisesSince: (atMs) =>
      raises
        .all(atMs)
        .map(({ type, kind, object, at, hall_at: hallMs }) => ({ type, object: { kind, id: object }, atMs: at, hallMs })),
    alarmsSince: (atMs) =>
      alarms.all(atMs).map((row) => ({
        type: row.type,
        object: { kind: row.kind, id: row.object },
        raisedMs: row.raised,
        clearedMs: row.cleared,
        acknowledgedMs: row.acknowledged_at,
      })),
    windows: () => windows.all().map(windowOf),
    window: (id) => {
      const row = window.get(id);
      return row && windowOf(row);
    },
    refusedSince: (atMs) => refused.get(atMs) ?? 0,
    notedSince: (type, atMs) => noted.all(type, atMs),
  };
}
