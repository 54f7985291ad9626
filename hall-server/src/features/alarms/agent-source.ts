/** Agents that are gone, and second agents under the id of another. */
import type { AgentView, AlarmObject } from '@hall/contracts';
import type { HallChanges } from '../../platform/changes.ts';
import type { AgentService } from '../agents/service.ts';
import type { Condition, ConditionSource } from './conditions.ts';

/** Every agent is away when the server starts; so long it may take to come back, ms. */
export const RETURN_MS = 60_000;

/** `startedMs`: when the server started, wall time. */
export function agentSource(agents: Pick<AgentService, 'list'>, changes: HallChanges, startedMs: number): ConditionSource {
  let rows: readonly AgentView[] | undefined;
  let unknown: readonly AlarmObject[] = [];
  /** Those that have come back since the start. */
  const back = new Set<string>();
  const forget = () => void (rows = undefined);
  changes.on('agents', forget);
  changes.on('content', forget);
  return {
    raises: ['agent_lost', 'agent_stopped'],
    look: (nowMs) => {
      if (!rows) {
        rows = agents.list();
        for (const { id, presence } of rows) if (presence === 'online') back.add(id);
      }
      // Whenever it was lost: a server that stops sees its agents go, too.
      const returning = ({ id, presence }: AgentView) => presence === 'lost' && !back.has(id) && nowMs - startedMs < RETURN_MS;
      unknown = rows.filter(returning).map(({ id }) => ({ kind: 'agent', id }));
      return rows.flatMap((row): Condition[] => {
        const { id, presence, since, devices } = row;
        if ((presence !== 'lost' && presence !== 'stopped') || returning(row)) return [];
        return [
          {
            type: presence === 'lost' ? 'agent_lost' : 'agent_stopped',
            object: { kind: 'agent', id },
            ...(since !== null && { sinceMs: since }),
            evidence: { presence, devices },
          },
        ];
      });
    },
    unknown: () => unknown,
  };
}

/** A second agent tries again and again; it is there no more when it has not tried for so long, ms. */
const FENCED_MS = 150_000;

/** Takes what the hub tells of agents that it turned away. */
export function fencedSource(): ConditionSource & { readonly fenced: (agent: string, atMs: number) => void } {
  const seen = new Map<string, { readonly firstMs: number; readonly lastMs: number; readonly times: number }>();
  return {
    raises: ['agent_fenced'],
    fenced: (agent, atMs) => {
      const held = seen.get(agent);
      seen.set(agent, { firstMs: held?.firstMs ?? atMs, lastMs: atMs, times: (held?.times ?? 0) + 1 });
    },
    look: (nowMs) => {
      for (const [agent, { lastMs }] of seen) if (nowMs - lastMs > FENCED_MS) seen.delete(agent);
      return [...seen].map(([id, { firstMs, times }]) => ({
        type: 'agent_fenced',
        object: { kind: 'agent', id },
        sinceMs: firstMs,
        evidence: { times },
      }));
    },
  };
}
