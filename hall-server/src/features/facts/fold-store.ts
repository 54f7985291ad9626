/**
 * Keeps the queue fold across restarts: rows of its entities as of one fact, written now and then, and the facts after it. The
 * rows only save time; facts alone decide.
 */
import { isEventType, type HallContent, type HallEvent, type PlatformSnapshot } from '@hall/contracts';
import { HallFold, parseSnapshot } from '@hall/model';
import type { Database } from '../../platform/store/database.ts';
import { upcast, type FactData } from './upcast.ts';

/** Facts after which the rows are written; bounds how many are folded again at a start. */
const EVERY_FACTS = 16_384;
/** Rows of another number were written by other rules of `@hall/model`; they are made anew from the facts. */
const FOLD_VERSION = '2';

/** Type of the fact that records a platform's full state. */
export const SNAPSHOT_TYPE = 'platform.snapshot';

interface FactRow {
  readonly seq: number;
  readonly source: string;
  readonly id: string;
  readonly type: string;
  readonly schema_version: number;
  readonly subject: string;
  readonly time: number;
  readonly sequence: number;
  readonly data: string;
}

export interface FoldStore {
  /** The fold of everything committed. */
  load(content: HallContent): HallFold;
  /** Notes entities to be written. */
  dirty(keys: readonly string[]): void;
  /** Inside a transaction, after facts up to `lastFact`: writes the rows if it is time, or always with `force`. */
  save(fold: HallFold, newFacts: number, lastFact: number, force?: boolean): void;
}

export function createFoldStore(db: Database): FoldStore {
  const meta = db.prepare<[string], string>('SELECT value FROM meta WHERE key = ?').pluck();
  const setMeta = db.prepare(
    'INSERT INTO meta (key, value) VALUES (?, ?) ON CONFLICT (key) DO UPDATE SET value = excluded.value',
  );
  const rows = db.prepare<[], [string, string]>('SELECT key, row FROM fold_rows').raw();
  const put = db.prepare('INSERT INTO fold_rows (key, row) VALUES (?, ?) ON CONFLICT (key) DO UPDATE SET row = excluded.row');
  const remove = db.prepare('DELETE FROM fold_rows WHERE key = ?');
  const after = db.prepare<[number], FactRow>(
    'SELECT seq, source, id, type, schema_version, subject, time, sequence, data FROM facts WHERE seq > ? ORDER BY seq',
  );
  let pending = new Set<string>();
  let since = 0;

  return {
    load: (content) => {
      pending = new Set();
      const fold = new HallFold(content);
      const valid = meta.get('fold_version') === FOLD_VERSION;
      if (valid) fold.restore(rows.iterate());
      const from = valid ? Number(meta.get('fold_seq') ?? 0) : 0;
      since = 0;
      for (const { type, schema_version: version, data, ...rest } of after.iterate(from)) {
        const shape = () => upcast(type, version, JSON.parse(data) as FactData);
        const applied = isEventType(type)
          ? fold.apply({ ...rest, type, data: shape() } as unknown as HallEvent)
          : type === SNAPSHOT_TYPE
            ? fold.applySnapshot(parseSnapshot(shape() as unknown as PlatformSnapshot))
            : undefined;
        for (const key of applied?.entities ?? []) pending.add(key);
        since += 1;
      }
      return fold;
    },
    dirty: (keys) => {
      for (const key of keys) pending.add(key);
    },
    save: (fold, newFacts, lastFact, force = false) => {
      since += newFacts;
      if (!force && since < EVERY_FACTS) return;
      if (meta.get('fold_version') !== FOLD_VERSION) {
        db.exec('DELETE FROM fold_rows');
        pending = new Set(fold.keys());
        setMeta.run('fold_version', FOLD_VERSION);
      }
      for (const key of pending) {
        const row = fold.exportRow(key);
        if (row === undefined) remove.run(key);
        else put.run(key, row);
      }
      setMeta.run('fold_seq', String(lastFact));
      pending = new Set();
      since = 0;
    },
  };
}
