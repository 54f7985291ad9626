/** What a hall server's database holds, read by somebody else than the server. */
import type { WindowLive } from '@hall/contracts';
import Database from 'better-sqlite3';

export interface Stored {
  /** `source id` of every fact of a source. */
  readonly facts: readonly string[];
  readonly windows: ReadonlyMap<string, WindowLive>;
  /** Facts about records of an agent that were lost for ever. */
  readonly outboxGaps: number;
  /** SQLite's own word about the file; `ok` is good. */
  readonly integrity: string;
}

/** Opens the file as it is, with recovery. */
export function readStored(file: string, source: string): Stored {
  const db = new Database(file);
  try {
    const integrity = db.pragma('integrity_check', { simple: true }) as string;
    const facts = db.prepare<[string], string>("SELECT source || ' ' || id FROM facts WHERE source = ?").pluck().all(source);
    const rows = db.prepare<[], string>("SELECT value FROM live WHERE key LIKE 'window/%'").pluck().all();
    const outboxGaps = db.prepare<[], number>("SELECT count(*) FROM facts WHERE type = 'outbox.gap'").pluck().get() ?? 0;
    const windows = rows.map((row) => JSON.parse(row) as WindowLive);
    return { facts, outboxGaps, integrity, windows: new Map(windows.map((window) => [window.window, window])) };
  } finally {
    db.close();
  }
}
