/** Reads of facts, for the event log, traces and the start. */
import type { EventQuery, EventRow, QuarantineRow, Trace } from '@hall/contracts';
import type { Static } from 'typebox';
import type { Keys } from '../../platform/keys.ts';
import type { Database } from '../../platform/store/database.ts';
import type { TracePart } from '../agents/traces.ts';
import type { FactService } from './service.ts';
import { upcast, type FactData } from './upcast.ts';

const LIMIT = 50;
const MOST = 200;
/** A filter looks at this many of the newest facts; older ones are found by their subject or seq. */
const LOOK_BACK = 200_000;
/** Types whose data is too long for a list. */
const LONG = 'platform.snapshot';

interface FactRow {
  readonly seq: number;
  readonly id: string;
  readonly source: string;
  readonly type: string;
  readonly schema_version: number;
  readonly subject: string;
  readonly time: number;
  readonly received_at: number;
  readonly flag: string | null;
  readonly data: string;
  readonly personal: Uint8Array | null;
}
const COLUMNS = `seq, id, source, type, schema_version, subject, time, received_at, flag, personal,
  iif(type = '${LONG}', '{}', data) AS data`;

/** Wall time of the newest fact that a platform sent, Unix ms. */
export const newestReceipt = (db: Database): number | undefined =>
  db.prepare<[], number>("SELECT received_at FROM facts WHERE source NOT LIKE '/hall/%' ORDER BY seq DESC LIMIT 1").pluck().get();

/** Latest business day that a queue reset begins, `YYYY-MM-DD`; resets that do not fit do not count. */
export const newestReset = (db: Database): string | undefined =>
  db
    .prepare<[], string | null>(
      "SELECT max(data ->> '$.businessDay') FROM facts WHERE type = 'hall.queue_reset' AND flag IS NULL",
    )
    .pluck()
    .get() ?? undefined;

export interface FactOptions {
  readonly db: Database;
  readonly keys: Pick<Keys, 'unsealPersonal'>;
  readonly traceOf: (event: string) => TracePart | undefined;
}

export function createFacts({ db, keys, traceOf }: FactOptions): FactService {
  const newest = db.prepare<[], number | null>('SELECT max(seq) FROM facts').pluck();
  const between = db.prepare<[number, number, number], FactRow>(
    `SELECT ${COLUMNS} FROM facts WHERE seq BETWEEN ? AND ? ORDER BY seq LIMIT ?`,
  );
  const byId = db.prepare<[string], FactRow>(`SELECT ${COLUMNS} FROM facts WHERE id = ? ORDER BY seq DESC LIMIT 1`);
  const quarantined = db.prepare<[number, number], Static<typeof QuarantineRow>>(
    `SELECT seq, id, source, type, received_at AS receivedAt, code, field, reason, digest FROM quarantine
     WHERE seq < ? ORDER BY seq DESC LIMIT ?`,
  );
  const row = ({ schema_version: version, received_at: receivedAt, data, personal, ...rest }: FactRow): EventRow => {
    const names = personal === null ? undefined : keys.unsealPersonal(receivedAt, personal);
    const shape = upcast(rest.type, version, JSON.parse(data) as FactData);
    return { ...rest, receivedAt, data: names === undefined ? { ...shape } : { ...shape, ...(JSON.parse(names) as FactData) } };
  };
  const page = (limit: number | undefined) => Math.min(limit ?? LIMIT, MOST);

  return {
    list: ({ type, subject, window, flagged, before, limit }: Static<typeof EventQuery>) => {
      const where: string[] = [];
      const given: Array<string | number> = [];
      const and = (condition: string, ...values: Array<string | number>) => {
        where.push(condition);
        given.push(...values);
      };
      if (before !== undefined) and('seq < ?', before);
      if (subject !== undefined) and('subject = ?', subject);
      else and('seq > ?', (before ?? newest.get() ?? 0) - LOOK_BACK);
      if (type !== undefined) and('type = ?', type);
      if (window !== undefined) and("data ->> '$.window' = ?", window);
      if (flagged === true) and('flag IS NOT NULL');
      if (flagged === false) and('flag IS NULL');
      return db
        .prepare<Array<string | number>, FactRow>(
          `SELECT ${COLUMNS} FROM facts WHERE ${where.join(' AND ')} ORDER BY seq DESC LIMIT ?`,
        )
        .all(...given, page(limit))
        .map(row);
    },
    between: (first, last) => between.all(first, last, MOST).map(row),
    trace: (eventId): Static<typeof Trace> | undefined => {
      const fact = byId.get(eventId);
      if (!fact) return undefined;
      const { type, time: sourceTime, received_at: receivedAt } = fact;
      const way = traceOf(eventId) ?? { committedAt: receivedAt, publishedAt: null, field: null, liveSeq: null, screens: [] };
      return { event: eventId, type, sourceTime, receivedAt, ...way };
    },
    quarantined: ({ before, limit }) => quarantined.all(before ?? Number.MAX_SAFE_INTEGER, page(limit)),
  };
}
