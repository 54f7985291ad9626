/** Writes of device history; run in the writer worker. */
import type { Write } from '../../platform/store/write.ts';
import type { Gathered } from './observer.ts';
import { KEEP_MS, thin, thinning, type Bucket } from './thin.ts';

const putState = `INSERT INTO device_states (device, kind, at, value) VALUES (?, ?, ?, ?)
  ON CONFLICT (device, kind, at) DO UPDATE SET value = excluded.value`;
const putBucket = `INSERT INTO measurements (device, metric, step, at, n, min, max, sum, last) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)`;

/** A batch of what was gathered. `watchedAt`: until when the server has watched, hall time. */
const record: Write<Gathered & { readonly watchedAt: number }, void> = (db, { states, readings, watchedAt }) => {
  const state = db.prepare(putState);
  for (const { device, kind, at, value } of states) state.run(device, kind, at, value);
  const measurement = db.prepare(
    `${putBucket} ON CONFLICT (device, metric, step, at) DO UPDATE SET
       min = excluded.min, max = excluded.max, sum = excluded.sum, last = excluded.last`,
  );
  for (const { device, metric, at, value } of readings) measurement.run(device, metric, 0, at, 1, value, value, value, value);
  db.prepare('INSERT INTO history_watch (only, at) VALUES (1, ?) ON CONFLICT (only) DO UPDATE SET at = excluded.at').run(
    watchedAt,
  );
};

/** The server watches again: what was between is unknown, from the moment it was last known to watch. */
const begin: Write<{ readonly devices: readonly string[] }, void> = (db, { devices }) => {
  const at = db.prepare<[], number>('SELECT at FROM history_watch').pluck().get();
  if (at === undefined) return;
  const last = db
    .prepare<[string], string>(`SELECT value FROM device_states WHERE device = ? AND kind = 'condition' ORDER BY at DESC LIMIT 1`)
    .pluck();
  const state = db.prepare(putState);
  for (const device of devices) if ((last.get(device) ?? 'unknown') !== 'unknown') state.run(device, 'condition', at, 'unknown');
};

interface Stored extends Bucket {
  readonly device: string;
  readonly metric: string;
}

/** Rows of each measurement, in the order they came. */
function byMeasurement(rows: readonly Stored[]): Iterable<readonly Stored[]> {
  const own = new Map<string, Stored[]>();
  for (const row of rows) {
    const key = `${row.device}/${row.metric}`;
    const held = own.get(key);
    if (held) held.push(row);
    else own.set(key, [row]);
  }
  return own.values();
}

/** Thins and removes what is old, a little at a time; answers how many rows were looked at. `now`: hall time. */
const retain: Write<{ readonly now: number; readonly limit: number }, { removed: number }> = (db, { now, limit }) => {
  let removed = 0;
  for (const { from, to, after } of thinning) {
    // Whole buckets only, so that none is thinned while readings of it may still come.
    const before = Math.floor((now - after) / to) * to;
    const rows = db
      .prepare<[number, number, number], Stored>(
        'SELECT device, metric, at, n, min, max, sum, last FROM measurements WHERE step = ? AND at < ? ORDER BY at LIMIT ?',
      )
      .all(from, before, limit);
    const put = db.prepare(
      `${putBucket} ON CONFLICT (device, metric, step, at) DO UPDATE SET n = n + excluded.n, min = min (min, excluded.min),
         max = max (max, excluded.max), sum = sum + excluded.sum, last = excluded.last`,
    );
    const remove = db.prepare('DELETE FROM measurements WHERE device = ? AND metric = ? AND step = ? AND at = ?');
    for (const own of byMeasurement(rows)) {
      const [first] = own;
      if (!first) continue;
      const { device, metric } = first;
      for (const { at, n, min, max, sum, last } of thin(own, to)) put.run(device, metric, to, at, n, min, max, sum, last);
      for (const { at } of own) remove.run(device, metric, from, at);
    }
    removed += rows.length;
  }
  const oldest = now - KEEP_MS;
  removed += db
    .prepare(
      'DELETE FROM measurements WHERE (device, metric, step, at) IN (SELECT device, metric, step, at FROM measurements WHERE step > 0 AND at < ? LIMIT ?)',
    )
    .run(oldest, limit).changes;
  // The newest of each kind stays: it is what held ever since.
  removed += db
    .prepare(
      `DELETE FROM device_states WHERE (device, kind, at) IN
         (SELECT s.device, s.kind, s.at FROM device_states s WHERE s.at < :oldest AND EXISTS
            (SELECT 1 FROM device_states n WHERE n.device = s.device AND n.kind = s.kind AND n.at > s.at AND n.at < :oldest) LIMIT :limit)`,
    )
    .run({ oldest, limit }).changes;
  return { removed };
};

export const historyWrites = { 'history.record': record, 'history.begin': begin, 'history.retain': retain } as const;
