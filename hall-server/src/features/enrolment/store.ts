/** Reads about keys of agents and requests for them. */
import type { AgentKeyView, KeyState } from '@hall/contracts';
import type { Database } from '../../platform/store/database.ts';

export interface KeyRow {
  readonly fingerprint: string;
  readonly agent: string;
  /** SPKI, base64. */
  readonly public_key: string;
  readonly state: KeyState;
  readonly changed: number;
  readonly added_at: number;
  readonly until: number | null;
}
export interface EnrolmentRow {
  readonly id: string;
  readonly fingerprint: string;
  readonly code: string;
  readonly public_key: string;
  readonly wish: string | null;
  readonly host: string;
  readonly version: string;
  readonly address: string;
  readonly asked_at: number;
  readonly heard_at: number;
  readonly state: 'waiting' | 'admitted' | 'rejected';
  readonly agent: string | null;
}

export interface EnrolmentStore {
  key(fingerprint: string): KeyRow | undefined;
  /** Keys that speak for an agent. */
  keysOf(agent: string): KeyRow[];
  /** Keys that speak for agents, of all agents; of `changed` those that took the place of another credential. */
  speaking(): { readonly view: AgentKeyView; readonly changed: boolean }[];
  revoked(): string[];
  /** Agents that have a password. */
  passwords(): string[];
  request(id: string): EnrolmentRow | undefined;
  /** Waiting requests that were heard after the moment, oldest first. */
  waiting(sinceMs: number): EnrolmentRow[];
  /** Another number after every change of who may be an agent, whichever process made it. */
  version(): string;
  /** Whether an agent has the id. */
  agentExists(id: string): boolean;
}

export const keyView = ({ agent, fingerprint, state, added_at: addedAt, until }: KeyRow): AgentKeyView => ({
  agent,
  fingerprint,
  state,
  addedAt,
  until,
});

export function createEnrolmentStore(db: Database): EnrolmentStore {
  const key = db.prepare<[string], KeyRow>('SELECT * FROM agent_keys WHERE fingerprint = ?');
  const keysOf = db.prepare<[string], KeyRow>(
    "SELECT * FROM agent_keys WHERE agent = ? AND state IN ('next', 'current') ORDER BY added_at DESC",
  );
  const speaking = db.prepare<[], KeyRow>(
    "SELECT * FROM agent_keys WHERE state IN ('next', 'current') ORDER BY agent, added_at DESC",
  );
  const revoked = db.prepare<[], string>("SELECT fingerprint FROM agent_keys WHERE state = 'revoked'").pluck();
  const passwords = db.prepare<[], string>("SELECT id FROM agents WHERE password_hash <> '' ORDER BY id").pluck();
  const request = db.prepare<[string], EnrolmentRow>('SELECT * FROM enrolments WHERE id = ?');
  const waiting = db.prepare<[number], EnrolmentRow>(
    "SELECT * FROM enrolments WHERE state = 'waiting' AND heard_at > ? ORDER BY asked_at, id",
  );
  const version = db.prepare<[], string>("SELECT value FROM meta WHERE key = 'agents_ver'").pluck();
  const agent = db.prepare<[string], number>('SELECT 1 FROM agents WHERE id = ?').pluck();
  return {
    key: (fingerprint) => key.get(fingerprint),
    keysOf: (id) => keysOf.all(id),
    speaking: () => speaking.all().map((row) => ({ view: keyView(row), changed: row.changed === 1 })),
    revoked: () => revoked.all(),
    passwords: () => passwords.all(),
    request: (id) => request.get(id),
    waiting: (sinceMs) => waiting.all(sinceMs),
    version: () => version.get() ?? '0',
    agentExists: (id) => agent.get(id) !== undefined,
  };
}
