/** What island mode keeps in the agent's store. Runs on the store thread, inside the transaction of the calls that waited together. */
import type { WaitingList } from '@hall/contracts';
import type { IslandState } from '@hall/model';
import { outboxAppend, type NewRecord, type OutboxSpan } from '../outbox/sql.ts';
import type { OutboxLimits } from '../outbox/limits.ts';
import type { Db } from '../store/database.ts';
import { readValue, writeValue } from '../store/values.ts';

/** Which deal of waiting tickets the agent holds, and for which windows. */
export interface Deal {
  readonly gen: string;
  /** 0 before the first. */
  readonly rota: number;
  readonly windows: readonly string[];
}

export interface IslandMemory {
  readonly state: IslandState | undefined;
  readonly deal: Deal;
  readonly lists: readonly WaitingList[];
  readonly blanked: boolean;
}

/** Records that are committed together with what they tell of. */
interface Telling {
  readonly records: readonly NewRecord[];
  readonly limits: OutboxLimits;
}

const NO_DEAL: Deal = { gen: '', rota: 0, windows: [] };
const parsed = <T>(text: string | undefined): T | undefined => (text === undefined ? undefined : (JSON.parse(text) as T));

export function islandRemember(db: Db): IslandMemory {
  const rows = db.prepare("SELECT unseal(body, 'waiting', service) AS body FROM waiting").all() as Array<{ body: string | null }>;
  return {
    state: parsed<IslandState>(readValue(db, 'island.state')),
    deal: parsed<Deal>(readValue(db, 'island.deal')) ?? NO_DEAL,
    lists: rows.flatMap(({ body }) => (body === null ? [] : (JSON.parse(body) as WaitingList))),
    blanked: readValue(db, 'blanked') === 'true',
  };
}

/** An act or a change of the phase, and the records that tell of it: both or neither. */
export function saveIsland(db: Db, { state, records, limits }: Telling & { readonly state: IslandState }): OutboxSpan {
  writeValue(db, 'island.state', JSON.stringify(state));
  return outboxAppend(db, { records, limits });
}

export interface WaitingWrite extends Telling {
  readonly deal: Deal;
  readonly lists: readonly WaitingList[];
  /** Services that are no longer held. */
  readonly gone: readonly string[];
}

export function saveWaiting(db: Db, { deal, lists, gone, records, limits }: WaitingWrite): OutboxSpan {
  writeValue(db, 'island.deal', JSON.stringify(deal));
  const put = db.prepare(
    `INSERT INTO waiting (service, body) VALUES (@service, seal(@body, 'waiting', @service))
     ON CONFLICT (service) DO UPDATE SET body = excluded.body`,
  );
  for (const list of lists) put.run({ service: list.service, body: JSON.stringify(list) });
  const remove = db.prepare('DELETE FROM waiting WHERE service = ?');
  for (const service of gone) remove.run(service);
  return outboxAppend(db, { records, limits });
}

export function saveBlanked(db: Db, { blanked, records, limits }: Telling & { readonly blanked: boolean }): OutboxSpan {
  writeValue(db, 'blanked', String(blanked));
  return outboxAppend(db, { records, limits });
}

/** How many intents are remembered; an id that is older than all of them is not asked for again. */
const INTENTS_KEPT = 10_000;

/** Notes that something is about to be said. False: it was said, or may have been, before. */
export function speechIntent(db: Db, { id, at }: { readonly id: string; readonly at: number }): boolean {
  const { changes } = db.prepare('INSERT INTO speech (id, at) VALUES (?, ?) ON CONFLICT DO NOTHING').run(id, at);
  db.prepare('DELETE FROM speech WHERE place <= (SELECT max(place) FROM speech) - ?').run(INTENTS_KEPT);
  return changes > 0;
}
