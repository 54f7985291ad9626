/** Rows of facts and of quarantined events, as the recorder writes them. */
import type { HallEvent } from '@hall/contracts';
import type { Database } from '../../platform/store/database.ts';
import type { QuarantineEntry } from '../../platform/store/protocol.ts';
import { versionOf } from './upcast.ts';

/** A fact before it has a number. */
export interface NewFact extends Pick<HallEvent, 'id' | 'source' | 'subject' | 'time' | 'sequence'> {
  readonly type: string;
  /** Wall time, Unix ms. */
  readonly receivedAt: number;
  /** JSON. */
  readonly data: string;
  /** Sealed personal fields. */
  readonly personal?: Uint8Array | null;
}

export interface FactStore {
  /** Generation of the store. */
  readonly gen: string;
  /** Adds a fact in the newest shape of its type and answers its seq; undefined if source and id are known already. */
  add(fact: NewFact): number | undefined;
  flag(seq: number, flag: string): void;
  /** Seq of the newest fact, 0 without any. */
  newest(): number;
  /** Keeps a refused event; the same one of the same sender for the same reason only once. */
  quarantine(platform: string, receivedAt: number, entry: QuarantineEntry): void;
}

export function createFactStore(db: Database): FactStore {
  const gen = db.prepare<[], string>("SELECT value FROM meta WHERE key = 'gen'").pluck();
  const insert = db.prepare(
    `INSERT INTO facts (source, id, type, schema_version, subject, time, received_at, sequence, data, personal)
     VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT DO NOTHING`,
  );
  const setFlag = db.prepare('UPDATE facts SET flag = ? WHERE seq = ?');
  const newest = db.prepare<[], number | null>('SELECT max(seq) FROM facts').pluck();
  const quarantine = db.prepare(
    `INSERT INTO quarantine (platform, id, source, type, received_at, code, field, reason, digest, sealed)
     VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT DO NOTHING`,
  );
  return {
    gen: gen.get() ?? '',
    add: ({ source, id, type, subject, time, receivedAt, sequence, data, personal = null }) => {
      const row = insert.run(source, id, type, versionOf(type), subject, time, receivedAt, sequence, data, personal);
      return row.changes === 0 ? undefined : Number(row.lastInsertRowid);
    },
    flag: (seq, flag) => void setFlag.run(flag, seq),
    newest: () => newest.get() ?? 0,
    quarantine: (platform, receivedAt, { id, source, type, code, field, reason, digest, sealed }) =>
      void quarantine.run(platform, id, source, type, receivedAt, code, field, reason, digest, sealed),
  };
}
