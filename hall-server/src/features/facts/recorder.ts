/** The recorder: inside the writer worker, turns batches of events into facts. */
import { HallError } from '@hall/contracts';
import type { Database } from '../../platform/store/database.ts';
import { EVENT_STRIDE, type Batch, type BatchOutcome } from '../../platform/store/protocol.ts';

export interface Recorder {
  readonly gen: string;
  /** Records one request inside the open transaction. @throws HallError SIGNATURE_REPLAYED before anything is written. */
  record(batch: Batch): BatchOutcome;
  snapshot(json: string, receivedAt: number): void;
  /** Writes what the transaction changed, once per row; last step before the commit. */
  finish(): { live: string[]; firstFact: number; lastFact: number };
  /** After a rollback: forgets everything not committed. */
  reload(): void;
}

export function createRecorder(db: Database): Recorder {
  const gen = db.prepare<[], string>("SELECT value FROM meta WHERE key = 'gen'").pluck().get() ?? '';
  const insert = db.prepare(
    `INSERT OR IGNORE INTO facts (source, id, type, schema_version, subject, time, received_at, sequence, flag, data)
     VALUES (?, ?, ?, 1, ?, ?, ?, ?, NULL, ?)`,
  );
  let first = 0;
  let last = 0;
  return {
    gen,
    record: ({ events, receivedAt }) => {
      const outcome: Array<BatchOutcome[number]> = [];
      for (let at = 0; at < events.length; at += EVENT_STRIDE) {
        const [id, source, type, subject, time, sequence, data] = events.slice(at, at + EVENT_STRIDE);
        const { changes, lastInsertRowid } = insert.run(source, id, type, subject, time, receivedAt, sequence, data);
        outcome.push(changes === 0 ? 'duplicate' : '');
        if (changes === 0) continue;
        last = Number(lastInsertRowid);
        first ||= last;
      }
      return outcome;
    },
    snapshot: () => {
      throw new HallError('SNAPSHOT_INVALID');
    },
    finish: () => {
      const result = { live: [], firstFact: first, lastFact: last };
      first = last = 0;
      return result;
    },
    reload: () => {
      first = last = 0;
    },
  };
}
