/** Alarms as they are stored. */
import type { AlarmEvidence, AlarmEvent, AlarmHappening, AlarmKind, AlarmTypeId, MaintenanceWindow } from '@hall/contracts';
import type { AlarmPhase, AlarmRecord, Shelf } from '@hall/model';

export interface AlarmRow {
  readonly id: number;
  readonly type: AlarmTypeId;
  readonly kind: AlarmKind;
  readonly object: string;
  /** 1 for the one that lives, 0 for history. */
  readonly current: 0 | 1;
  readonly phase: AlarmPhase;
  readonly since: number;
  readonly count_from: number;
  readonly ended: number | null;
  readonly raised: number | null;
  readonly cleared: number | null;
  readonly lapsed: number | null;
  readonly count: number;
  readonly evidence: string;
  readonly acknowledged_by: string | null;
  readonly acknowledged_at: number | null;
  readonly assignee: string | null;
  readonly shelved: string | null;
}

export const recordOf = (row: AlarmRow): AlarmRecord => ({
  id: row.id,
  type: row.type,
  object: { kind: row.kind, id: row.object },
  phase: row.phase,
  sinceMs: row.since,
  countFromMs: row.count_from,
  endedMs: row.ended,
  raisedMs: row.raised,
  clearedMs: row.cleared,
  lapsedMs: row.lapsed,
  count: row.count,
  evidence: JSON.parse(row.evidence) as AlarmEvidence,
  acknowledged: row.acknowledged_by === null ? null : { by: row.acknowledged_by, at: row.acknowledged_at ?? 0 },
  assignee: row.assignee,
  shelved: row.shelved === null ? null : (JSON.parse(row.shelved) as Shelf),
});

export const rowOf = (record: AlarmRecord, current: boolean): AlarmRow => ({
  id: record.id,
  type: record.type,
  kind: record.object.kind,
  object: record.object.id,
  current: current ? 1 : 0,
  phase: record.phase,
  since: Math.round(record.sinceMs),
  count_from: Math.round(record.countFromMs),
  ended: rounded(record.endedMs),
  raised: rounded(record.raisedMs),
  cleared: rounded(record.clearedMs),
  lapsed: rounded(record.lapsedMs),
  count: record.count,
  evidence: JSON.stringify(record.evidence),
  acknowledged_by: record.acknowledged?.by ?? null,
  acknowledged_at: rounded(record.acknowledged?.at ?? null),
  assignee: record.assignee,
  shelved: record.shelved && JSON.stringify(record.shelved),
});
const rounded = (ms: number | null): number | null => (ms === null ? null : Math.round(ms));

/** What happened to an alarm, before it has a number. */
export interface NewAlarmEvent {
  readonly alarm: number;
  readonly at: number;
  readonly hallAt: number;
  readonly what: AlarmHappening;
  readonly person: string;
  readonly text: string;
}

export interface AlarmEventRow {
  readonly seq: number;
  readonly alarm: number;
  readonly type: AlarmTypeId;
  readonly kind: AlarmKind;
  readonly object: string;
  readonly at: number;
  readonly what: AlarmHappening;
  readonly person: string;
  readonly text: string;
}
export const eventOf = ({ alarm, kind, object, ...row }: AlarmEventRow): AlarmEvent => ({
  ...row,
  alarm: String(alarm),
  object: { kind, id: object },
});

export interface MaintenanceRow {
  readonly id: number;
  readonly kind: AlarmKind;
  readonly object: string;
  readonly from_at: number;
  readonly until_at: number;
  readonly reason: string;
  readonly person: string;
}
export const windowOf = (row: MaintenanceRow): MaintenanceWindow => ({
  id: String(row.id),
  object: { kind: row.kind, id: row.object },
  from: row.from_at,
  until: row.until_at,
  reason: row.reason,
  person: row.person,
});
