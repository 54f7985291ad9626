/** What crosses between the main thread and the writer worker. Strings and numbers rather than objects: cloning is dear. */
import { HallError, errorCodes, type ErrorCode } from '@hall/contracts';

/** Events of one request, checked and minimal, each as `EVENT_STRIDE` entries of one flat array. */
export type FlatEvents = ReadonlyArray<string | number>;
/** Entries per event: id, source, type, subject, time, sequence, data (JSON), personal (base64 or ''). */
export const EVENT_STRIDE = 8;

export interface QuarantineEntry {
  readonly id: string | null;
  readonly source: string | null;
  readonly type: string | null;
  readonly code: string;
  readonly field: string | null;
  readonly reason: string | null;
  /** SHA-256 (hex) of the raw event. */
  readonly digest: string;
  /** The raw event under the quarantine key. */
  readonly sealed: Uint8Array;
}

/** A request as the writer sees it: what to record, and its signature to remember. */
export interface Batch {
  readonly platform: string;
  readonly receivedAt: number;
  readonly events: FlatEvents;
  readonly quarantine: readonly QuarantineEntry[];
  /** The signed request: refused as a replay if the id was used with another body. */
  readonly webhook?: { readonly id: string; readonly digest: string; readonly expiresAt: number };
}

/** Outcome of each event of a batch, in order: `''` accepted, `'duplicate'`, or the flag it was accepted with. */
export type BatchOutcome = ReadonlyArray<'' | 'duplicate' | 'does_not_fit' | 'late' | 'gap'>;

export type Item =
  | { readonly kind: 'call'; readonly ticket: number; readonly name: string; readonly args: unknown; readonly nowMs: number }
  | { readonly kind: 'batch'; readonly ticket: number; readonly batch: Batch }
  | { readonly kind: 'snapshot'; readonly ticket: number; readonly json: string; readonly receivedAt: number };

export interface WrittenError {
  readonly code: ErrorCode;
  readonly details: Record<string, unknown>;
  /** Set when the cause is a defect, for the log. */
  readonly text?: string;
}

export interface Reply {
  readonly ticket: number;
  readonly result?: unknown;
  readonly error?: WrittenError;
}

/** After one transaction. */
export interface Committed {
  readonly kind: 'committed';
  /** Outcomes of the batches that were recorded; see `packOutcome`. */
  readonly outcomes: readonly number[];
  /** Answers to everything else. */
  readonly replies: readonly Reply[];
  /** Changed live fields, each as JSON of a `LiveField`. */
  readonly live: readonly string[];
  /** Seq of the first and last new fact; 0 when none. */
  readonly firstFact: number;
  readonly lastFact: number;
  readonly changed: readonly string[];
}

export type FromWorker =
  | { readonly kind: 'ready'; readonly gen: string }
  | { readonly kind: 'failed'; readonly error: WrittenError }
  | { readonly kind: 'closed' }
  | Committed;

/** `batches` are packed items; they come before `items`. */
export type ToWorker =
  | { readonly kind: 'items'; readonly items: readonly Item[]; readonly batches: PackedBatches }
  | { readonly kind: 'close' };

/** Batches without quarantined events, one after the other in one flat array; see `packBatch`. */
export type PackedBatches = ReadonlyArray<string | number>;
const BATCH_HEAD = 7;

/** Appends a batch; false, and nothing done, if it has to travel as an item. */
export function packBatch(into: Array<string | number>, ticket: number, batch: Batch): boolean {
  const { platform, receivedAt, events, quarantine, webhook } = batch;
  if (quarantine.length > 0) return false;
  into.push(ticket, platform, receivedAt, webhook?.id ?? '', webhook?.digest ?? '', webhook?.expiresAt ?? 0, events.length);
  for (const entry of events) into.push(entry);
  return true;
}

/** The items that were packed, in order. */
export function unpackBatches(packed: PackedBatches): Item[] {
  const items: Item[] = [];
  for (let at = 0; at < packed.length;) {
    const [ticket, platform, receivedAt, id, digest, expiresAt, length] = packed.slice(at, at + BATCH_HEAD) as [
      number,
      string,
      number,
      string,
      string,
      number,
      number,
    ];
    at += BATCH_HEAD;
    const events = packed.slice(at, at + length);
    at += length;
    const webhook = id === '' ? {} : { webhook: { id, digest, expiresAt } };
    items.push({ kind: 'batch', ticket, batch: { platform, receivedAt, events, quarantine: [], ...webhook } });
  }
  return items;
}

const OUTCOMES = ['', 'duplicate', 'does_not_fit', 'late', 'gap'] as const satisfies BatchOutcome;

/** Appends a ticket and the outcomes of its batch. */
export function packOutcome(into: number[], ticket: number, outcome: BatchOutcome): void {
  into.push(ticket, outcome.length);
  for (const one of outcome) into.push(OUTCOMES.indexOf(one));
}

/** Calls back with each ticket and its outcomes, in order. */
export function unpackOutcomes(packed: readonly number[], each: (ticket: number, outcome: BatchOutcome) => void): void {
  for (let at = 0; at < packed.length;) {
    const ticket = packed[at] ?? 0;
    const end = at + 2 + (packed[at + 1] ?? 0);
    const outcome: Array<BatchOutcome[number]> = [];
    for (at += 2; at < end; at += 1) outcome.push(OUTCOMES[packed[at] ?? 0] ?? '');
    each(ticket, outcome);
  }
}

export interface WorkerOptions {
  readonly path: string;
  /** Wall time of the start, Unix ms. */
  readonly nowMs: number;
  /** Size of the file kept to be given up when the disk is full, bytes; 0 for none. */
  readonly ballastBytes: number;
  /** Upper bound of the database, pages of 4 KiB; 0 for none. */
  readonly maxPages: number;
}

/** An error as it crosses: ours with code and details, SQLite's by its kind, anything else as INTERNAL with its text. */
export function toWritten(error: unknown): WrittenError {
  if (error instanceof HallError) return { code: error.code, details: { ...error.details } };
  const sqlite = (error as { code?: unknown } | null)?.code;
  if (sqlite === 'SQLITE_FULL') return { code: 'STORE_FULL', details: {} };
  if (typeof sqlite === 'string' && /^SQLITE_(IOERR|CORRUPT|NOTADB|READONLY|CANTOPEN|BUSY)/.test(sqlite)) {
    return { code: 'STORE_FAILED', details: { sqlite } };
  }
  return { code: 'INTERNAL', details: {}, text: error instanceof Error ? (error.stack ?? error.message) : String(error) };
}

export function fromWritten({ code, details, text }: WrittenError): HallError {
  return new HallError(code in errorCodes ? code : 'INTERNAL', details, text === undefined ? undefined : new Error(text));
}
