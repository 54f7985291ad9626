/** What crosses between the main thread and the writer worker. Strings and numbers rather than objects: cloning is dear. */
import { HallError, errorCodes, type ErrorCode, type HallEvent } from '@hall/contracts';

/** An event that was judged good, minimal, with what of it is personal sealed. */
export type GoodEvent = HallEvent & { readonly personal?: Uint8Array };

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

/** A signed request: refused as a replay if the id was used with another body. */
export interface Webhook {
  readonly id: string;
  readonly digest: string;
  readonly expiresAt: number;
}

/** Events to record, and the signature they came under. */
export interface Batch {
  readonly platform: string;
  readonly receivedAt: number;
  readonly events: readonly GoodEvent[];
  readonly quarantine: readonly QuarantineEntry[];
  readonly webhook?: Webhook;
}

/** Outcome of each event of a batch, in order: `''` accepted, `'duplicate'`, or the flag it was accepted with. */
export type BatchOutcome = ReadonlyArray<'' | 'duplicate' | 'does_not_fit' | 'late' | 'gap'>;

/** What is wrong with the structure of JSON text. */
export interface StructureFault {
  readonly code: 'BODY_DUPLICATE_KEY' | 'BODY_TOO_DEEP';
  /** The key that is repeated, or '' for depth. */
  readonly key: string;
}

/**
 * How the text of a submission is to be read: one event, an array of events, whichever it is, or an event that was put together
 * from headers and a body whose structure was looked at already.
 */
export type Form = 'one' | 'list' | 'either' | 'assembled';

/** What a sender that is known has sent, before anybody has looked into it. */
export interface Submission {
  readonly platform: string;
  /** JSON array of the CloudEvents sources the platform may speak for. */
  readonly sources: string;
  /** Wall time, Unix ms. */
  readonly receivedAt: number;
  /** Hall time, Unix ms. */
  readonly hallMs: number;
  readonly form: Form;
  readonly text: string;
  /** Of the parts of an assembled event. */
  readonly fault?: StructureFault;
  readonly webhook?: Webhook;
}

/** The full state of a source, before anybody has looked into it. */
export interface SnapshotSubmission extends Pick<Submission, 'platform' | 'sources' | 'receivedAt' | 'hallMs'> {
  /** JSON of a `PlatformSnapshot`. */
  readonly text: string;
  readonly webhook: Webhook;
}

/** What became of a submission, after the commit. */
export interface SubmissionReply {
  /** JSON of an `IntakeReply`. */
  readonly json: string;
  readonly accepted: number;
  readonly duplicate: number;
  readonly quarantined: number;
  /** Of the accepted ones. */
  readonly flagged: number;
  /** Of the flagged ones. */
  readonly gaps: number;
  /** Newest source time among the events that were judged good, Unix ms; 0 without one. */
  readonly newestMs: number;
}

export type Item =
  | { readonly kind: 'call'; readonly ticket: number; readonly name: string; readonly args: unknown; readonly nowMs: number }
  | { readonly kind: 'submission'; readonly ticket: number; readonly submission: Submission }
  | { readonly kind: 'batch'; readonly ticket: number; readonly batch: Batch }
  | { readonly kind: 'snapshot'; readonly ticket: number; readonly submission: SnapshotSubmission };

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
  /** Answers to the submissions that were recorded; see `packReply`. */
  readonly submitted: PackedReplies;
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
  /** The disk can no longer be trusted; nothing is written from now on. */
  | { readonly kind: 'broken'; readonly error: WrittenError }
  | Committed;

/** The packed submissions come before the items. */
export type ToWorker =
  | {
      readonly kind: 'items';
      readonly items: readonly Exclude<Item, { kind: 'submission' }>[];
      readonly submissions: PackedSubmissions;
    }
  | { readonly kind: 'close' };

/** Submissions one after the other in one flat array; see `packSubmission`. */
export type PackedSubmissions = ReadonlyArray<string | number>;
const SUBMISSION_ENTRIES = 12;
type SubmissionEntries = [
  ticket: number,
  platform: string,
  sources: string,
  receivedAt: number,
  hallMs: number,
  form: Form,
  text: string,
  faultCode: StructureFault['code'] | '',
  faultKey: string,
  webhookId: string,
  digest: string,
  expiresAt: number,
];

/** Appends a submission. */
export function packSubmission(into: Array<string | number>, ticket: number, submission: Submission): void {
  const { platform, sources, receivedAt, hallMs, form, text, fault, webhook } = submission;
  into.push(ticket, platform, sources, receivedAt, hallMs, form, text, fault?.code ?? '', fault?.key ?? '');
  into.push(webhook?.id ?? '', webhook?.digest ?? '', webhook?.expiresAt ?? 0);
}

/** The submissions that were packed, in order. */
export function unpackSubmissions(packed: PackedSubmissions): Item[] {
  const items: Item[] = [];
  for (let at = 0; at < packed.length; at += SUBMISSION_ENTRIES) {
    const [ticket, platform, sources, receivedAt, hallMs, form, text, code, key, id, digest, expiresAt] = packed.slice(
      at,
      at + SUBMISSION_ENTRIES,
    ) as SubmissionEntries;
    const submission = {
      platform,
      sources,
      receivedAt,
      hallMs,
      form,
      text,
      ...(code !== '' && { fault: { code, key } }),
      ...(id !== '' && { webhook: { id, digest, expiresAt } }),
    };
    items.push({ kind: 'submission', ticket, submission });
  }
  return items;
}

/** Replies one after the other in one flat array; see `packReply`. */
export type PackedReplies = ReadonlyArray<string | number>;
const REPLY_ENTRIES = 8;

/** Appends the reply to a submission. */
export function packReply(into: Array<string | number>, ticket: number, reply: SubmissionReply): void {
  const { json, accepted, duplicate, quarantined, flagged, gaps, newestMs } = reply;
  into.push(ticket, json, accepted, duplicate, quarantined, flagged, gaps, newestMs);
}

/** Calls back with each ticket and its reply, in order. */
export function unpackReplies(packed: PackedReplies, each: (ticket: number, reply: SubmissionReply) => void): void {
  for (let from = 0; from < packed.length; from += REPLY_ENTRIES) {
    const number = (at: number) => packed[from + at] as number;
    each(number(0), {
      json: packed[from + 1] as string,
      accepted: number(2),
      duplicate: number(3),
      quarantined: number(4),
      flagged: number(5),
      gaps: number(6),
      newestMs: number(7),
    });
  }
}

export interface WorkerOptions {
  readonly path: string;
  /** The data folder, where the keys are; '' for a writer that is given no submissions. */
  readonly data: string;
  /** Wall time of the start, Unix ms. */
  readonly nowMs: number;
  /** Size of the file kept to be given up when the disk is full, bytes; 0 for none. */
  readonly ballastBytes: number;
  /** Upper bound of the database, pages of 4 KiB; 0 for none. */
  readonly maxPages: number;
}

/**
 * Whether an error of SQLite means that the disk cannot be trusted any more. After a failed fsync the system may have forgotten what
 * it could not write, and a later one that succeeds says nothing about it: only a fresh look at the file shows what is there.
 */
export const isDiskError = ({ code, details }: WrittenError): boolean =>
  code === 'STORE_FAILED' && /^SQLITE_(IOERR|CORRUPT|NOTADB)/.test(String(details['sqlite']));

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
