/** Reads about island mode. */
import type {
  ApproverView,
  IslandActName,
  IslandActView,
  IslandAgentView,
  IslandVerdict,
  IslandView,
  PlatformIsland,
} from '@hall/contracts';
import { islandConflicts } from '@hall/contracts';
import type { Rota } from '@hall/model';
import type { Database } from '../../platform/store/database.ts';

const DAY_MS = 86_400_000;

interface ActRow {
  readonly agent: string;
  readonly island_seq: number;
  readonly act: IslandActName;
  readonly window: string;
  readonly ticket: string | null;
  readonly at: number;
  readonly received_at: number;
  readonly key: string;
  readonly verdict: IslandVerdict;
  readonly elsewhere: string | null;
}
interface AgentRow {
  readonly agent: string;
  readonly phase: 'connected' | 'island';
  readonly since: number | null;
  readonly blanked: number;
  readonly approvers: string;
}

export interface IslandStore {
  /** Rotas that some agent may go by, the newest last. */
  rotas(): Array<{ readonly ver: number; readonly rota: Rota }>;
  /** Acts since `since` (hall time) of which the platform has said nothing yet, oldest first. */
  unheard(since: number): PlatformIsland['acts'];
  /** `nowMs`: hall time, Unix ms. */
  view(query: { readonly conflicts?: boolean; readonly limit?: number }, nowMs: number): IslandView;
}

const CONFLICTS = islandConflicts.map((verdict) => `'${verdict}'`).join(', ');

export function createIslandStore(db: Database): IslandStore {
  const rotas = db.prepare<[], { ver: number; body: string }>('SELECT ver, body FROM island_rota ORDER BY ver');
  const agents = db.prepare<[], AgentRow>('SELECT agent, phase, since, blanked, approvers FROM island_agent ORDER BY agent');
  const all = db.prepare<[number], ActRow>('SELECT * FROM island_act ORDER BY seq DESC LIMIT ?');
  const conflicts = db.prepare<[number], ActRow>(
    `SELECT * FROM island_act WHERE verdict IN (${CONFLICTS}) ORDER BY seq DESC LIMIT ?`,
  );
  const count = db
    .prepare<[number], number>(`SELECT count(*) FROM island_act WHERE verdict IN (${CONFLICTS}) AND at > ?`)
    .pluck();
  const unheard = db.prepare<[number], ActRow>(
    "SELECT * FROM island_act WHERE verdict = 'unheard' AND at > ? ORDER BY seq LIMIT 256",
  );
  return {
    unheard: (since) =>
      unheard.all(since).map(({ agent, island_seq: islandSeq, act, window, ticket, at }) => ({
        agent,
        islandSeq,
        act,
        window,
        at,
        called: true,
        ...(ticket !== null && { ticket }),
      })),
    rotas: () => rotas.all().map(({ ver, body }) => ({ ver, rota: JSON.parse(body) as Rota })),
    view: ({ conflicts: only = false, limit = 200 }, nowMs) => ({
      agents: agents.all().map((row): IslandAgentView => ({
        ...row,
        blanked: row.blanked === 1,
        approvers: JSON.parse(row.approvers) as ApproverView[],
      })),
      acts: (only ? conflicts : all).all(limit).map((row): IslandActView => ({
        agent: row.agent,
        islandSeq: row.island_seq,
        act: row.act,
        window: row.window,
        ticket: row.ticket,
        at: row.at,
        receivedAt: row.received_at,
        key: row.key,
        verdict: row.verdict,
        elsewhere: row.elsewhere,
      })),
      conflicts: count.get(nowMs - DAY_MS) ?? 0,
    }),
  };
}
