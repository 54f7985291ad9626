/** Reads of device history. */
import { historyKinds, type Condition, type HistoryKind, type MeasurementPoint, type StateChange } from '@hall/contracts';
import type { Database } from '../../platform/store/database.ts';
import type { ConditionChange } from './uptime.ts';

export interface HistoryStore {
  /** The newest state of each kind, of these devices. */
  last(devices: readonly string[]): Array<{ device: string; kind: HistoryKind; value: string }>;
  /** The state of each kind at `from`, then every change up to `to`, oldest first; the newest `limit` of them. */
  states(device: string, from: number, to: number, limit: number): StateChange[];
  /** The condition at `from`, then its changes up to `to`, oldest first. */
  conditions(device: string, from: number, to: number): ConditionChange[];
  metrics(device: string): string[];
  /** Oldest first; the newest `limit` of them. */
  points(device: string, metric: string, from: number, to: number, limit: number): MeasurementPoint[];
}

interface PointRow {
  readonly at: number;
  readonly step: number;
  readonly n: number;
  readonly min: number;
  readonly max: number;
  readonly sum: number;
  readonly last: number;
}

export function createHistoryStore(db: Database): HistoryStore {
  const at = db.prepare<[string, HistoryKind, number], StateChange>(
    'SELECT at, kind, value FROM device_states WHERE device = ? AND kind = ? AND at <= ? ORDER BY at DESC LIMIT 1',
  );
  const between = db.prepare<[string, number, number, number], StateChange>(
    'SELECT at, kind, value FROM device_states WHERE device = ? AND at > ? AND at <= ? ORDER BY at DESC LIMIT ?',
  );
  const conditions = db.prepare<[string, number, number], ConditionChange>(
    `SELECT at, value FROM device_states WHERE device = ? AND kind = 'condition' AND at > ? AND at <= ? ORDER BY at`,
  );
  const metrics = db
    .prepare<[string], string>('SELECT DISTINCT metric FROM measurements WHERE device = ? ORDER BY metric')
    .pluck();
  const points = db.prepare<[string, string, number, number, number], PointRow>(
    `SELECT at, step, n, min, max, sum, last FROM measurements WHERE device = ? AND metric = ? AND at >= ? AND at <= ?
     ORDER BY at DESC, step LIMIT ?`,
  );
  const stateAt = (device: string, kind: HistoryKind, moment: number) => at.get(device, kind, moment);
  return {
    last: (devices) =>
      devices.flatMap((device) =>
        historyKinds.flatMap((kind) => {
          const row = stateAt(device, kind, Number.MAX_SAFE_INTEGER);
          return row ? [{ device, kind, value: row.value }] : [];
        }),
      ),
    states: (device, from, to, limit) => [
      ...historyKinds.flatMap((kind) => stateAt(device, kind, from) ?? []),
      ...between.all(device, from, to, limit).toReversed(),
    ],
    conditions: (device, from, to) => {
      const first = stateAt(device, 'condition', from);
      return [...(first ? [{ at: first.at, value: first.value as Condition }] : []), ...conditions.all(device, from, to)];
    },
    metrics: (device) => metrics.all(device),
    points: (device, metric, from, to, limit) =>
      points
        .all(device, metric, from, to, limit)
        .toReversed()
        .map(({ at: begun, step, n, min, max, sum, last }) => ({ at: begun, stepMs: step, n, min, mean: sum / n, max, last })),
  };
}
