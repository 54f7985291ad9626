/** Takes damaged rows out of the agent's store when it starts. Runs on the store thread. */
import { outboxSift, outboxSpan } from '../outbox/sql.ts';
import type { Db } from './database.ts';
import { forgetValue, writeValue } from './values.ts';

const sealed = [
  ['document', "body, 'document', kind, id"],
  ['live', "field, 'live', key"],
  ['value', "value, 'value', name"],
  ['command', "body, 'command', id, state, epoch, taken_at, deadline_at, ended"],
  ['override', "body, 'override', device, slot"],
  ['waiting', "body, 'waiting', service"],
] as const;

/** How many rows of each table were damaged; tables without any are left out. */
export type Sifted = Readonly<Record<string, number>>;

/**
 * A document that is gone is not in the agent's hello, so the server sends it again. Of live fields and waiting tickets the
 * agent says how far it has heard: where one is gone, it has heard nothing. A damaged record becomes a gap. A head of the outbox
 * that is not known any more becomes the newest seq held; the server's acknowledgement moves it on.
 */
export function sift(db: Db): Sifted {
  const dropped: Record<string, number> = {};
  const note = (table: string, changes: number) => {
    if (changes > 0) dropped[table] = changes;
  };
  for (const [table, parts] of sealed) {
    note(table, db.prepare(`DELETE FROM ${table} WHERE unseal(${parts}) IS NULL`).run().changes);
  }
  if (dropped['live']) forgetValue(db, 'live.position');
  if (dropped['waiting']) forgetValue(db, 'island.deal');
  note('outbox', outboxSift(db));
  if (dropped['value']) writeValue(db, 'outbox.head', String(outboxSpan(db).head));
  return dropped;
}
