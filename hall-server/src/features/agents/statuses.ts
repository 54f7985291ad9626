/** The newest status of each agent with its conditions, and what of them is still to be saved. */
import type { AgentCondition, AgentStatus, Clock } from '@hall/contracts';
import type { Writer } from '../../platform/store/writer.ts';
import { conditionsOf } from './conditions.ts';
import type { AgentStore } from './store.ts';

export interface HeldStatus {
  readonly status: AgentStatus;
  /** Wall time, Unix ms. */
  readonly receivedAt: number;
  readonly conditions: readonly AgentCondition[];
}

export interface Statuses {
  of(agent: string): HeldStatus | undefined;
  /** False for a status that is not newer than the one held. */
  take(agent: string, status: AgentStatus): boolean;
  /** Looks at all again; answers the agents whose conditions are others now. `online`: whether it has a session. */
  look(online: (agent: string) => boolean): string[];
  /** Nothing is to be remembered of the agent. */
  forget(agent: string): void;
  /** Saves what was taken since the last time; what could not be saved is tried again the next time. */
  flush(): Promise<void>;
}

/** Between two looks into the disk for agents that are well, machine ms; changed conditions are saved at once. */
const SAVE_MS = 30_000;

export function createStatuses(store: Pick<AgentStore, 'statuses'>, writer: Pick<Writer, 'call'>, clock: Clock): Statuses {
  const { machine, wall } = clock;
  const heardMs = new Map<string, number>();
  const held = new Map<string, HeldStatus>(
    store.statuses().map(({ agent, received_at: receivedAt, body, conditions }) => [
      agent,
      {
        status: JSON.parse(body) as AgentStatus,
        receivedAt,
        conditions: JSON.parse(conditions) as AgentCondition[],
      },
    ]),
  );
  const unsaved = new Set<string>();
  let urgent = false;
  let savedMs = Number.NEGATIVE_INFINITY;

  /** Whether the conditions are others now. */
  function judge(agent: string, { status, receivedAt, conditions: before }: HeldStatus, online: boolean): boolean {
    const silentMs = machine.nowMs() - (heardMs.get(agent) ?? machine.nowMs());
    const conditions = conditionsOf({ status, online, silentMs }, before, Math.round(wall.nowMs()));
    const same = conditions.length === before.length && conditions.every(({ type }, at) => type === before[at]?.type);
    held.set(agent, { status, receivedAt, conditions });
    if (!same) unsaved.add(agent);
    urgent ||= !same;
    return !same;
  }

  return {
    of: (agent) => held.get(agent),
    take(agent, status) {
      const before = held.get(agent);
      if (before?.status.epoch === status.epoch && before.status.seq >= status.seq) return false;
      heardMs.set(agent, machine.nowMs());
      unsaved.add(agent);
      judge(agent, { status, receivedAt: Math.round(wall.nowMs()), conditions: before?.conditions ?? [] }, true);
      return true;
    },
    look: (online) =>
      [...held].filter(([agent, one]) => heardMs.has(agent) && judge(agent, one, online(agent))).map(([agent]) => agent),
    forget(agent) {
      held.delete(agent);
      heardMs.delete(agent);
      unsaved.delete(agent);
    },
    async flush() {
      if (unsaved.size === 0 || (!urgent && machine.nowMs() - savedMs < SAVE_MS)) return;
      const agents = [...unsaved];
      unsaved.clear();
      urgent = false;
      savedMs = machine.nowMs();
      const rows = agents.flatMap((agent) => {
        const one = held.get(agent);
        if (!one) return [];
        const { status, receivedAt, conditions } = one;
        return [{ agent, receivedAt, body: JSON.stringify(status), conditions: JSON.stringify(conditions) }];
      });
      try {
        await writer.call('agents.statuses', { rows });
      } catch (error) {
        for (const agent of agents) unsaved.add(agent);
        throw error;
      }
    },
  };
}
