/** The audit chain: how a row is hashed, appended and verified. */
import { createHash } from 'node:crypto';
import type { Statement } from 'better-sqlite3';
import type { Database } from '../../platform/store/database.ts';

export interface AuditEntry {
  /** Wall time, Unix ms. */
  readonly at: number;
  /** Sign-in name; '' for nobody signed in, 'system' for the server itself. */
  readonly person: string;
  /** What was done, e.g. `people.create`. */
  readonly action: string;
  /** What it was done to: a name, an id, a route. */
  readonly object: string;
  /** `done`, or the error code of a refusal. */
  readonly outcome: string;
  /** Facts for the reader; never secrets. */
  readonly details?: Readonly<Record<string, unknown>>;
}

interface AuditRecord {
  readonly seq: number;
  readonly at: number;
  readonly person: string;
  readonly action: string;
  readonly object: string;
  readonly outcome: string;
  readonly details: string;
  readonly hash: Buffer;
}

/** The hash before the first row. */
const START = Buffer.alloc(32);

const hashOf = (previous: Buffer, row: Omit<AuditRecord, 'hash'>): Buffer =>
  createHash('sha256')
    .update(previous)
    .update(JSON.stringify([row.seq, row.at, row.person, row.action, row.object, row.outcome, row.details]))
    .digest();

interface Prepared {
  readonly head: Statement<[], { seq: number; hash: Buffer }>;
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

/** Appends one row inside the caller's transaction, so that no action is recorded without happening or happens unrecorded. */
export function appendAudit(db: Database, entry: AuditEntry): number {
  const { head, insert, move } = statementsOf(db);
  const last = head.get();
  const seq = (last?.seq ?? 0) + 1;
  const { at, person, action, object, outcome } = entry;
  const details = JSON.stringify(entry.details ?? {});
  const hash = hashOf(last?.hash ?? START, { seq, at, person, action, object, outcome, details });
  insert.run(seq, at, person, action, object, outcome, details, hash);
  move.run(seq, hash);
  return seq;
}

/** `broken` is the seq of the first row that is missing, altered, added or out of place. */
export type ChainVerdict = { readonly whole: true; readonly rows: number } | { readonly whole: false; readonly broken: number };

/**
 * Reads the whole chain and recomputes it. Finds every altered, removed, added or reordered row, also a cut tail as long as
 * the head was not rewritten with it; an attacker who rewrites rows, all later hashes and the head needs a copy kept
 * elsewhere to be found, which is why the newest hash is shown with the audit list.
 */
export function verifyChain(db: Database): ChainVerdict {
  const rows = db
    .prepare<[], AuditRecord>('SELECT seq, at, person, action, object, outcome, details, hash FROM audit ORDER BY seq')
    .iterate();
  let previous: Buffer = START;
  let seq = 0;
  for (const row of rows) {
    seq += 1;
    if (row.seq !== seq || !hashOf(previous, row).equals(row.hash)) return { whole: false, broken: seq };
    previous = row.hash;
  }
  const head = db.prepare<[], { seq: number; hash: Buffer }>('SELECT seq, hash FROM audit_head').get() ?? { seq: 0, hash: START };
  if (head.seq !== seq) return { whole: false, broken: Math.min(head.seq, seq) + 1 };
  if (!head.hash.equals(previous)) return { whole: false, broken: seq };
  return { whole: true, rows: seq };
}
