/** The audit chain as a rule: how a row is hashed and what a whole chain is. Knows no SQL. */
import { createHash } from 'node:crypto';

/** Who asks for an act, from where. */
export interface Asker {
  /** As `person` of an audit row. */
  readonly by: string;
  /** Network address; '' on this machine. */
  readonly address: string;
}
/** The server itself. */
export const SYSTEM: Asker = { by: 'system', address: '' };
/** Whoever may run the `hall-server` command on the machine of the server. */
export const COMMAND_LINE: Asker = { by: 'command line', address: '' };

export interface AuditEntry {
  /** Wall time, Unix ms. */
  readonly at: number;
  /** Sign-in name; '' for nobody signed in, 'system' for the server itself, 'command line' for its command. */
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

/** A row as it is stored. */
export interface AuditRecord {
  readonly seq: number;
  readonly at: number;
  readonly person: string;
  readonly action: string;
  readonly object: string;
  readonly outcome: string;
  /** JSON. */
  readonly details: string;
  readonly hash: Uint8Array;
}
/** Number and hash of the newest row. */
export interface AuditHead {
  readonly seq: number;
  readonly hash: Uint8Array;
}

/** The head of a chain without rows. */
export const CHAIN_START: AuditHead = { seq: 0, hash: new Uint8Array(32) };

/** SHA-256 over the hash of the row before and the row itself. */
export const rowHash = (previous: Uint8Array, row: Omit<AuditRecord, 'hash'>): Buffer =>
  createHash('sha256')
    .update(previous)
    .update(JSON.stringify([row.seq, row.at, row.person, row.action, row.object, row.outcome, row.details]))
    .digest();

/** `broken` is the seq of the first row that is missing, altered, added or out of place. */
export type ChainVerdict = { readonly whole: true; readonly rows: number } | { readonly whole: false; readonly broken: number };

/**
 * Recomputes a chain from its first row to its head. Finds every altered, removed, added or reordered row, also a cut tail as
 * long as the head was not rewritten with it; an attacker who rewrites rows, all later hashes and the head needs a copy kept
 * elsewhere to be found, which is why every row is shown with its hash.
 */
export function checkChain(rows: Iterable<AuditRecord>, head: AuditHead): ChainVerdict {
  let { seq, hash } = CHAIN_START;
  for (const row of rows) {
    seq += 1;
    if (row.seq !== seq || !rowHash(hash, row).equals(row.hash)) return { whole: false, broken: seq };
    hash = row.hash;
  }
  if (head.seq !== seq) return { whole: false, broken: Math.min(head.seq, seq) + 1 };
  if (Buffer.compare(head.hash, hash) !== 0) return { whole: false, broken: seq };
  return { whole: true, rows: seq };
}
