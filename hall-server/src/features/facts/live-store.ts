/** Rows of the live fields; each change of a field gets the next seq of the hall. */
import type { Database } from '../../platform/store/database.ts';

interface Cause {
  /** Id of the event, or undefined for a change of content. */
  readonly id: string | undefined;
  /** Source time, Unix ms. */
  readonly sourceTime: number;
  /** Receipt time, Unix ms. */
  readonly receivedAt: number;
}

export interface LiveStore {
  /** Stored values as JSON, by key. */
  values(): Map<string, string>;
  /** Writes a value under the next seq; returns the field as JSON of a `LiveField`. */
  put(key: string, valueJson: string, cause: Cause): string;
  remove(key: string): void;
  /** Inside the transaction, last: makes the seqs given out count. */
  finish(): void;
  /** After a rollback. */
  reload(): void;
}

export function createLiveStore(db: Database): LiveStore {
  const readSeq = db.prepare<[], string>("SELECT value FROM meta WHERE key = 'live_seq'").pluck();
  const writeSeq = db.prepare("UPDATE meta SET value = ? WHERE key = 'live_seq'");
  const put = db.prepare(
    `INSERT INTO live (key, seq, source_time, changed_at, cause, value) VALUES (?, ?, ?, ?, ?, ?)
     ON CONFLICT (key) DO UPDATE SET seq = excluded.seq, source_time = excluded.source_time,
       changed_at = excluded.changed_at, cause = excluded.cause, value = excluded.value`,
  );
  const remove = db.prepare('DELETE FROM live WHERE key = ?');
  const values = db.prepare<[], { key: string; value: string }>('SELECT key, value FROM live');
  let stored = Number(readSeq.get());
  let seq = stored;
  return {
    values: () => new Map(values.all().map(({ key, value }) => [key, value])),
    put: (key, valueJson, { id, sourceTime, receivedAt }) => {
      seq += 1;
      put.run(key, seq, sourceTime, receivedAt, id ?? null, valueJson);
      const cause = id === undefined ? '' : `"cause":${JSON.stringify(id)},`;
      return `{"key":"${key}","seq":${seq},"sourceTime":${sourceTime},${cause}"value":${valueJson}}`;
    },
    remove: (key) => void remove.run(key),
    finish: () => {
      if (seq === stored) return;
      writeSeq.run(String(seq));
      stored = seq;
    },
    reload: () => {
      stored = Number(readSeq.get());
      seq = stored;
    },
  };
}
