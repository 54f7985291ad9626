/** Writes of the audit feature; run in the writer worker. */
import type { Statement } from 'better-sqlite3';
import type { Database } from '../../platform/store/database.ts';
import type { Write } from '../../platform/store/write.ts';
import { CHAIN_START, rowHash, type AuditEntry, type AuditHead } from './chain.ts';

interface Prepared {
  readonly head: Statement<[], AuditHead>;
  readonly insert: Statement<[number, number, string, string, string, string, string, Buffer]>;
  readonly move: Statement<[number, Buffer]>;
}
const prepared = new WeakMap<Database, Prepared>();

function statementsOf(db: Database): Prepared {
  let statements = prepared.get(db);
  if (!statements) {
    statements = {
      head: db.prepare('SELECT seq, hash FROM audit_head'),
      insert: db.prepare(
        'INSERT INTO audit (seq, at, person, action, object, outcome, details, hash) VALUES (?, ?, ?, ?, ?, ?, ?, ?)',
      ),
      move: db.prepare(
        'INSERT INTO audit_head (only, seq, hash) VALUES (1, ?, ?) ON CONFLICT (only) DO UPDATE SET seq = excluded.seq, hash = excluded.hash',
      ),
    };
    prepared.set(db, statements);
  }
  return statements;
}

/**
 * Appends one row inside the caller's transaction, so that nothing happens unrecorded and nothing is recorded that did not
 * happen. Called by the writes of other features.
 */
export function appendAudit(db: Database, entry: AuditEntry): void {
  const { head, insert, move } = statementsOf(db);
  const last = head.get() ?? CHAIN_START;
  const seq = last.seq + 1;
  const { at, person, action, object, outcome } = entry;
  const details = JSON.stringify(entry.details ?? {});
  const hash = rowHash(last.hash, { seq, at, person, action, object, outcome, details });
  insert.run(seq, at, person, action, object, outcome, details, hash);
  move.run(seq, hash);
}

/** Records something that no write of its own records, above all a refusal. */
const append: Write<Omit<AuditEntry, 'at'>, null> = (db, entry, context) => {
  appendAudit(db, { ...entry, at: context.nowMs });
  context.changed('audit');
  return null;
};

export const auditWrites = { 'audit.append': append } as const;
