/** Documents and last live fields in SQL. Runs on the store thread, inside the transaction of the calls that waited together. */
import { randomUUID } from 'node:crypto';
import type { LiveField, Payload } from '@hall/contracts';
import { openCommands, type JournalRow } from '../commands/sql.ts';
import { outboxSpan, type OutboxSpan } from '../outbox/sql.ts';
import { storedOverrides, type StoredOverride } from '../screens/overrides-sql.ts';
import type { Db } from '../store/database.ts';
import { sift, type Sifted } from '../store/sift.ts';
import { readValue, writeValue } from '../store/values.ts';
import type { StoredHallTime } from '../time/hall-time.ts';
import type { Refusal } from './last-good.ts';
import type { Document } from './reconcile.ts';

/** Everything the agent knows when it starts without a server. */
export interface Remembered {
  readonly installId: string;
  readonly tables: Payload<'tables'> | undefined;
  readonly documents: readonly Document[];
  /** Per device, the document with which it was last open. */
  readonly good: readonly Document[];
  readonly refusals: readonly Refusal[];
  readonly live: { readonly gen: string; readonly head: number; readonly fields: readonly LiveField[] };
  readonly hallTime: StoredHallTime | undefined;
  /** Where the server was reached last, by host. */
  readonly addresses: Readonly<Record<string, string>>;
  readonly outbox: OutboxSpan;
  /** Commands that have not ended, in the order they came. */
  readonly commands: readonly JournalRow[];
  readonly overrides: readonly StoredOverride[];
  /** Rows that were damaged and are gone, by table. */
  readonly dropped: Sifted;
}

/** Live fields to write; `fields` are the changed ones, `gone` the keys that are no longer held. */
export interface LiveWrite {
  readonly gen: string;
  readonly head: number;
  readonly fields: readonly LiveField[];
  readonly gone: readonly string[];
  readonly hallTime: StoredHallTime;
}

/** Reads all at start; gives a new file its install id. */
export function remember(db: Db): Remembered {
  const dropped = sift(db);
  let installId = readValue(db, 'install');
  if (installId === undefined) {
    installId = randomUUID();
    writeValue(db, 'install', installId);
  }
  const documents = db.prepare("SELECT kind, unseal(body, 'document', kind, id) AS body FROM document").all() as Array<{
    kind: string;
    body: string;
  }>;
  const tables = documents.find(({ kind }) => kind === 'tables');
  const allOf = (wanted: string) =>
    documents.filter(({ kind }) => kind === wanted).map(({ body }) => JSON.parse(body) as unknown);
  const position = readValue(db, 'live.position');
  const hallTime = readValue(db, 'hall.time');
  return {
    installId,
    tables: tables && (JSON.parse(tables.body) as Payload<'tables'>),
    documents: allOf('desired') as Document[],
    good: allOf('good') as Document[],
    refusals: allOf('refused') as Refusal[],
    live: {
      ...(position === undefined ? { gen: '', head: 0 } : (JSON.parse(position) as { gen: string; head: number })),
      fields: (db.prepare("SELECT unseal(field, 'live', key) AS field FROM live").all() as Array<{ field: string }>).map(
        ({ field }) => JSON.parse(field) as LiveField,
      ),
    },
    hallTime: hallTime === undefined ? undefined : (JSON.parse(hallTime) as StoredHallTime),
    addresses: JSON.parse(readValue(db, 'server.addresses') ?? '{}') as Record<string, string>,
    outbox: outboxSpan(db),
    commands: openCommands(db),
    overrides: storedOverrides(db),
    dropped,
  };
}

export const saveTables = (db: Db, tables: Payload<'tables'>): void => saveDocument(db, 'tables', '', tables);

export const saveDesired = (db: Db, document: Document): void => saveDocument(db, 'desired', document.device.id, document);

/** A device that is open with a document has refused none that matters any more. */
export function saveGood(db: Db, document: Document): void {
  saveDocument(db, 'good', document.device.id, document);
  db.prepare("DELETE FROM document WHERE kind = 'refused' AND id = ?").run(document.device.id);
}

export const saveRefusal = (db: Db, refusal: Refusal): void => saveDocument(db, 'refused', refusal.device, refusal);

export const forgetDesired = (db: Db, { devices }: { devices: readonly string[] }): void => {
  const remove = db.prepare("DELETE FROM document WHERE kind IN ('desired', 'good', 'refused') AND id = ?");
  for (const id of devices) remove.run(id);
};

export const saveAddresses = (db: Db, good: Readonly<Record<string, string>>): void =>
  writeValue(db, 'server.addresses', JSON.stringify(good));

export const saveHallTime = (db: Db, hallTime: StoredHallTime): void => writeValue(db, 'hall.time', JSON.stringify(hallTime));

export function saveLive(db: Db, { gen, head, fields, gone, hallTime }: LiveWrite): void {
  const put = db.prepare(
    `INSERT INTO live (key, field) VALUES (@key, seal(@field, 'live', @key)) ON CONFLICT (key) DO UPDATE SET field = excluded.field`,
  );
  for (const field of fields) put.run({ key: field.key, field: JSON.stringify(field) });
  const remove = db.prepare('DELETE FROM live WHERE key = ?');
  for (const key of gone) remove.run(key);
  writeValue(db, 'live.position', JSON.stringify({ gen, head }));
  saveHallTime(db, hallTime);
}

function saveDocument(db: Db, kind: string, id: string, body: unknown): void {
  db.prepare(
    `INSERT INTO document (kind, id, body) VALUES (@kind, @id, seal(@body, 'document', @kind, @id))
     ON CONFLICT (kind, id) DO UPDATE SET body = excluded.body`,
  ).run({ kind, id, body: JSON.stringify(body) });
}
