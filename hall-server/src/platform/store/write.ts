/** What a write of a feature looks like. Imported by every feature's `writes.ts`. */
import type { HallFold } from '@hall/model';
import type { Database } from './database.ts';

/** What a write may have changed for others; the main thread is told after the commit (`writer.on('changed')`). */
export type ChangedTopic = 'content' | 'agents' | 'platforms' | 'people' | 'audit' | 'devices' | 'commands';

/** What a write may read of the queue, as the transaction sees it up to the last event. */
export type QueueReader = Pick<HallFold, 'waitingList' | 'ticketsNumbered'>;

export interface WriteContext {
  /** Wall time at which the call was made, Unix ms. */
  readonly nowMs: number;
  /** Names what this write changed; told to the main thread only if the transaction commits. */
  readonly changed: (topic: ChangedTopic) => void;
  /** Absent for a command-line tool, which folds nothing. */
  readonly queue?: QueueReader;
}

/**
 * One write: synchronous, no clock, no I/O but the database. It runs in a savepoint of a shared transaction: a thrown
 * `HallError` undoes this write only and rejects the caller's promise with the same code and details. Arguments and result
 * cross a thread boundary (structured clone): plain data only.
 */
export type Write<Args, Result> = (db: Database, args: Args, context: WriteContext) => Result;
