/** Writes of island mode: rotas, what agents tell of their life alone, and the comparison with the platform. */
import {
  ApproverView,
  IslandAct,
  islandRecords,
  MOST_WAITING,
  type EdgeRecord,
  type IslandActName,
  type IslandRecordType,
  type PlatformIsland,
  type WaitingTicket,
} from '@hall/contracts';
import { verdictOn, type Rota } from '@hall/model';
import { Type } from 'typebox';
import { Compile } from 'typebox/compile';
import type { Database } from '../../platform/store/database.ts';
import type { Write } from '../../platform/store/write.ts';

const isAct = Compile(IslandAct);
const areApprovers = Compile(Type.Array(ApproverView, { maxItems: 32 }));
const isPressed = Compile(
  Type.Object({ window: IslandAct.properties.window, act: IslandAct.properties.act, key: IslandAct.properties.key }),
);

/** Makes this the rota unless it is already; answers its version. Content changes seldom, so versions are few. */
const rota: Write<{ readonly rota: Rota }, { readonly ver: number }> = (db, { rota: given }) => {
  const body = JSON.stringify(given);
  const newest = db
    .prepare<[], { ver: number; body: string }>('SELECT ver, body FROM island_rota ORDER BY ver DESC LIMIT 1')
    .get();
  if (newest?.body === body) return { ver: newest.ver };
  const ver = (newest?.ver ?? 0) + 1;
  db.prepare('INSERT INTO island_rota (ver, body) VALUES (?, ?)').run(ver, body);
  forgetRotas(db);
  return { ver };
};

/** From now on the agent may go by this rota, or by any that follows; one it has confirmed already stays. */
const dealt: Write<{ readonly agent: string; readonly ver: number }, void> = (db, { agent, ver }) =>
  void db
    .prepare(
      'INSERT INTO island_agent (agent, rota) VALUES (?, ?) ON CONFLICT (agent) DO UPDATE SET rota = coalesce(rota, excluded.rota)',
    )
    .run(agent, ver);

/** Rotas older than all that admitted agents hold are of no use any more. */
function forgetRotas(db: Database): void {
  db.exec('DELETE FROM island_agent WHERE agent NOT IN (SELECT id FROM agents)');
  const oldest = db.prepare<[], number | null>('SELECT min(rota) FROM island_agent').pluck().get();
  const newest = db.prepare<[], number | null>('SELECT max(ver) FROM island_rota').pluck().get();
  db.prepare('DELETE FROM island_rota WHERE ver < ?').run(Math.min(oldest ?? Number.MAX_SAFE_INTEGER, newest ?? 0));
}

/** The first tickets that wait for each service, as this transaction sees them. Reads only. */
const waiting: Write<{ readonly services: readonly string[] }, Record<string, WaitingTicket[]>> = (
  _db,
  { services },
  { queue },
) => Object.fromEntries(services.map((service) => [service, queue?.waitingList(service, MOST_WAITING) ?? []]));

type Offered = PlatformIsland['acts'][number];
interface From {
  readonly agent: string;
  readonly installId: string;
  readonly nowMs: number;
}

/** Takes a record of an agent's local life, in the transaction that makes it a fact. Answers what is to be offered to the platform. */
export function takeIslandRecord(db: Database, record: EdgeRecord, from: From): Offered | undefined {
  const { agent } = from;
  const { type, at, data, seq } = record;
  const set = (columns: string, ...values: (string | number)[]) => {
    db.prepare('INSERT INTO island_agent (agent) VALUES (?) ON CONFLICT DO NOTHING').run(agent);
    db.prepare(`UPDATE island_agent SET ${columns} WHERE agent = ?`).run(...values, agent);
  };
  if (type === 'island.began') set("phase = 'island', since = ?", at);
  else if (type === 'island.ended') set("phase = 'connected', since = ?", at);
  else if (type === 'agent.blanked') set('blanked = 1');
  else if (type === 'agent.unblanked') set('blanked = 0');
  else if (type === 'approvers.changed') {
    if (areApprovers.Check(data['approvers'])) set('approvers = ?', JSON.stringify(data['approvers']));
  } else if (type === 'island.deal') {
    if (typeof data['rota'] !== 'number') return undefined;
    set('rota = ?', data['rota']);
    forgetRotas(db);
  } else if (type === 'key.pressed') {
    return isPressed.Check(data) ? { agent, islandSeq: seq, act: data.act, window: data.window, at, called: false } : undefined;
  } else if (isIslandRecord(type)) {
    return isAct.Check(data) && data.act === islandRecords[type] ? takeAct(db, data, at, from) : undefined;
  }
  return undefined;
}

const isIslandRecord = (type: string): type is IslandRecordType => Object.hasOwn(islandRecords, type);

function takeAct(db: Database, given: IslandAct, at: number, { agent, installId, nowMs }: From): Offered | undefined {
  const { act, islandSeq, window, ticket, key } = given;
  const { changes } = db
    .prepare(
      `INSERT INTO island_act (agent, install_id, island_seq, act, window, ticket, at, received_at, key, verdict)
       VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT DO NOTHING`,
    )
    .run(agent, installId, islandSeq, act, window, ticket ?? null, at, nowMs, key, ticket === undefined ? 'noted' : 'unheard');
  if (changes === 0) return undefined;
  return { agent, islandSeq, act, window, at, called: true, ...(ticket !== undefined && { ticket }) };
}

interface ToJudge {
  readonly seq: number;
  readonly act: IslandActName;
  readonly window: string;
  readonly ticket: string;
  readonly at: number;
  readonly verdict: string;
  readonly elsewhere: string | null;
}

/** Compares the acts since `since` (hall time) with the queue; answers how many verdicts are another. */
const judge: Write<{ readonly since: number }, { readonly changed: number }> = (db, { since }, { queue }) => {
  if (!queue) return { changed: 0 };
  const acts = db
    .prepare<[number], ToJudge>(
      'SELECT seq, act, window, ticket, at, verdict, elsewhere FROM island_act WHERE at > ? AND ticket IS NOT NULL',
    )
    .all(since);
  if (acts.length === 0) return { changed: 0 };
  const tickets = queue.ticketsNumbered(new Set(acts.map(({ ticket }) => ticket)));
  const write = db.prepare('UPDATE island_act SET verdict = ?, elsewhere = ? WHERE seq = ?');
  let changed = 0;
  for (const act of acts) {
    const { verdict, elsewhere = null } = verdictOn(act, tickets);
    if (verdict === act.verdict && elsewhere === act.elsewhere) continue;
    write.run(verdict, elsewhere, act.seq);
    changed += 1;
  }
  return { changed };
};

export const islandWrites = {
  'island.rota': rota,
  'island.dealt': dealt,
  'island.waiting': waiting,
  'island.judge': judge,
} as const;
