/** Reads about agents. */
import type { Database } from '../../platform/store/database.ts';

export interface AgentRow {
  readonly id: string;
  readonly password_hash: string;
  readonly added_at: number;
  readonly install_id: string | null;
  readonly epoch: string | null;
  readonly version: string | null;
  /** JSON of `DriverInfo[]`. */
  readonly drivers: string;
  readonly presence: string;
  readonly since: number | null;
}

export interface DocumentRow {
  readonly agent: string;
  readonly name: string;
  readonly ver: number;
  readonly body: string;
  readonly changed_at: number;
}

export interface ReportedRow {
  readonly device: string;
  readonly agent: string;
  readonly received_at: number;
  readonly body: string;
}

export interface StatusStoreRow {
  readonly agent: string;
  readonly received_at: number;
  readonly body: string;
  readonly conditions: string;
}

export interface LiveStoreRow {
  readonly key: string;
  readonly seq: number;
  readonly source_time: number;
  readonly changed_at: number;
  readonly cause: string | null;
  readonly value: string;
}

export interface AgentStore {
  all(): AgentRow[];
  get(id: string): AgentRow | undefined;
  acks(): Map<string, number>;
  documents(): DocumentRow[];
  reports(): ReportedRow[];
  statuses(): StatusStoreRow[];
  live(): LiveStoreRow[];
  /** The newest live seq and document version ever given out in this generation. */
  newest(): { readonly live: number; readonly document: number };
}

export function createAgentStore(db: Database): AgentStore {
  const all = db.prepare<[], AgentRow>('SELECT * FROM agents ORDER BY id');
  const get = db.prepare<[string], AgentRow>('SELECT * FROM agents WHERE id = ?');
  const acks = db.prepare<[], { agent: string; seq: number }>(
    'SELECT a.id AS agent, o.seq FROM agents a JOIN outbox_ack o ON o.agent = a.id AND o.install_id = a.install_id',
  );
  const documents = db.prepare<[], DocumentRow>('SELECT * FROM documents');
  const reports = db.prepare<[], ReportedRow>('SELECT device, agent, received_at, body FROM reported');
  const statuses = db.prepare<[], StatusStoreRow>('SELECT * FROM agent_status');
  const live = db.prepare<[], LiveStoreRow>('SELECT * FROM live');
  const meta = db.prepare<[string], string>('SELECT value FROM meta WHERE key = ?').pluck();
  return {
    all: () => all.all(),
    get: (id) => get.get(id),
    acks: () => new Map(acks.all().map(({ agent, seq }) => [agent, seq])),
    documents: () => documents.all(),
    reports: () => reports.all(),
    statuses: () => statuses.all(),
    live: () => live.all(),
    newest: () => ({ live: Number(meta.get('live_seq') ?? 0), document: Number(meta.get('document_ver') ?? 0) }),
  };
}
