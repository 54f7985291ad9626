/** Reads of the devices that searches have met. */
import type { FoundDevice } from '@hall/contracts';
import type { Database } from '../../platform/store/database.ts';

export interface FoundRow {
  readonly id: number;
  readonly agent: string;
  readonly found: FoundDevice;
  readonly firstSeenAt: number;
  readonly lastSeenAt: number;
  readonly ignored: boolean;
}
export interface FoundStore {
  /** Seen since then, newest first. */
  since(ms: number): FoundRow[];
  get(id: number): FoundRow | undefined;
}

interface Row {
  readonly id: number;
  readonly agent: string;
  readonly value: string;
  readonly first_seen: number;
  readonly last_seen: number;
  readonly ignored: number;
}
const rowOf = (row: Row): FoundRow => ({
  id: row.id,
  agent: row.agent,
  found: JSON.parse(row.value) as FoundDevice,
  firstSeenAt: row.first_seen,
  lastSeenAt: row.last_seen,
  ignored: row.ignored === 1,
});

export function createFoundStore(db: Database): FoundStore {
  const columns = 'id, agent, value, first_seen, last_seen, ignored';
  const since = db.prepare<[number], Row>(
    `SELECT ${columns} FROM found_devices WHERE last_seen >= ? ORDER BY last_seen DESC, agent, place`,
  );
  const one = db.prepare<[number], Row>(`SELECT ${columns} FROM found_devices WHERE id = ?`);
  return {
    since: (ms) => since.all(ms).map(rowOf),
    get: (id) => {
      const row = one.get(id);
      return row && rowOf(row);
    },
  };
}
