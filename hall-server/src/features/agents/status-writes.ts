/** Writes about how agents are. */
import type { Write } from '../../platform/store/write.ts';

export interface StatusRow {
  readonly agent: string;
  readonly receivedAt: number;
  /** JSON of `AgentStatus` and of `AgentCondition[]`. */
  readonly body: string;
  readonly conditions: string;
}

/** The newest of each; an agent that was removed meanwhile leaves none. */
const statuses: Write<{ readonly rows: readonly StatusRow[] }, void> = (db, { rows }) => {
  const write = db.prepare(
    `INSERT INTO agent_status (agent, received_at, body, conditions) SELECT ?, ?, ?, ? FROM agents WHERE id = ?
     ON CONFLICT (agent) DO UPDATE SET received_at = excluded.received_at, body = excluded.body, conditions = excluded.conditions`,
  );
  for (const { agent, receivedAt, body, conditions } of rows) write.run(agent, receivedAt, body, conditions, agent);
};

export const statusWrites = { 'agents.statuses': statuses } as const;
