/** Reads of the audit chain. */
import type { AuditRow } from '@hall/contracts';
import type { Database } from '../../platform/store/database.ts';

export interface AuditQuery {
  readonly person?: string;
  readonly action?: string;
  /** Only rows older than this seq. */
  readonly before?: number;
  readonly limit: number;
}
export interface AuditStore {
  /** Newest first. */
  rows(query: AuditQuery): AuditRow[];
}

interface Row {
  seq: number;
  at: number;
  person: string;
  action: string;
  object: string;
  outcome: string;
  details: string;
  hash: Buffer;
}

/** Reads on a read-only connection. */
export function createAuditStore(db: Database): AuditStore {
  const rows = db.prepare<{ person: string | null; action: string | null; before: number; limit: number }, Row>(
    `SELECT seq, at, person, action, object, outcome, details, hash FROM audit
     WHERE seq < :before AND (:person IS NULL OR person = :person) AND (:action IS NULL OR action = :action)
     ORDER BY seq DESC LIMIT :limit`,
  );
  return {
    rows: ({ person = null, action = null, before = Number.MAX_SAFE_INTEGER, limit }) =>
      rows.all({ person, action, before, limit }).map((row) => ({
        ...row,
        details: JSON.parse(row.details) as Record<string, unknown>,
        hash: row.hash.toString('hex'),
      })),
  };
}
