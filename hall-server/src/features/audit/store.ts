/** Reads of the audit chain. */
import type { AuditRow } from '@hall/contracts';
import type { Database } from '../../platform/store/database.ts';
import { CHAIN_START, checkChain, type AuditHead, type AuditRecord, type ChainVerdict } from './chain.ts';

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

/** Reads on a read-only connection. */
export function createAuditStore(db: Database): AuditStore {
  const rows = db.prepare<{ person: string | null; action: string | null; before: number; limit: number }, AuditRecord>(
    `SELECT seq, at, person, action, object, outcome, details, hash FROM audit
     WHERE seq < :before AND (:person IS NULL OR person = :person) AND (:action IS NULL OR action = :action)
     ORDER BY seq DESC LIMIT :limit`,
  );
  return {
    rows: ({ person = null, action = null, before = Number.MAX_SAFE_INTEGER, limit }) =>
      rows.all({ person, action, before, limit }).map((row) => ({
        ...row,
        details: JSON.parse(row.details) as Record<string, unknown>,
        hash: Buffer.from(row.hash).toString('hex'),
      })),
  };
}

/** Reads the whole chain and recomputes it; see {@link checkChain}. */
export function verifyChain(db: Database): ChainVerdict {
  const rows = db.prepare<[], AuditRecord>(
    'SELECT seq, at, person, action, object, outcome, details, hash FROM audit ORDER BY seq',
  );
  const head = db.prepare<[], AuditHead>('SELECT seq, hash FROM audit_head').get() ?? CHAIN_START;
  return checkChain(rows.iterate(), head);
}
