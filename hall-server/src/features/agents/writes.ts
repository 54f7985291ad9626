/** Writes about agents: credentials (each leaves its audit row), sessions, documents, reports and the records of their outboxes. */
import { HallError, type DriverInfo, type EdgeRecord, type PlatformIsland } from '@hall/contracts';
import type { Database } from '../../platform/store/database.ts';
import type { Write } from '../../platform/store/write.ts';
import type { Asker } from '../audit/chain.ts';
import { appendAudit } from '../audit/writes.ts';
import { takeEndRecord } from '../commands/writes.ts';
import { statusWrites } from './status-writes.ts';
import { takeIslandRecord } from '../island/writes.ts';

import { dropKeys, mayBeAgent } from './credentials-writes.ts';

/** @throws HallError NAME_TAKEN if a platform has the id: both are MQTT users. */
const put: Write<Asker & { readonly id: string; readonly hash: string }, void> = (db, { by, address, id, hash }, context) => {
  const { nowMs, changed } = context;
  if (!mayBeAgent(db, id)) throw new HallError('NAME_TAKEN', { field: '/id' });
  db.prepare(
    `INSERT INTO agents (id, password_hash, added_at) VALUES (?, ?, ?)
     ON CONFLICT (id) DO UPDATE SET password_hash = excluded.password_hash`,
  ).run(id, hash, nowMs);
  dropKeys(db, id);
  appendAudit(db, { at: nowMs, person: by, action: 'agent.admit', object: id, outcome: 'done', details: { address } });
  changed('agents');
  changed('audit');
};

/** @throws HallError AGENT_UNKNOWN. */
const remove: Write<Asker & { readonly id: string }, void> = (db, { by, address, id }, { nowMs, changed }) => {
  if (db.prepare('DELETE FROM agents WHERE id = ?').run(id).changes === 0) throw new HallError('AGENT_UNKNOWN', { field: '/id' });
  db.prepare('DELETE FROM outbox_ack WHERE agent = ?').run(id);
  dropKeys(db, id);
  db.prepare('DELETE FROM agent_status WHERE agent = ?').run(id);
  appendAudit(db, { at: nowMs, person: by, action: 'agent.remove', object: id, outcome: 'done', details: { address } });
  changed('agents');
  changed('audit');
};

export interface OpenSession {
  readonly agent: string;
  readonly installId: string;
  readonly epoch: string;
  readonly version: string;
  readonly drivers: readonly DriverInfo[];
  /** Oldest record its outbox still holds; 0 when empty. */
  readonly tail: number;
  readonly head: number;
  readonly hall: string;
}

const ackOf = (db: Database, agent: string, installId: string): number =>
  db
    .prepare<[string, string], number>('SELECT seq FROM outbox_ack WHERE agent = ? AND install_id = ?')
    .pluck()
    .get(agent, installId) ?? 0;
const setAck = (db: Database, agent: string, installId: string, seq: number): void =>
  void db
    .prepare(
      'INSERT INTO outbox_ack (agent, install_id, seq) VALUES (?, ?, ?) ON CONFLICT (agent, install_id) DO UPDATE SET seq = excluded.seq',
    )
    .run(agent, installId, seq);

const source = (hall: string, agent: string) => `/hall/${hall}/agent/${agent}`;
const insertFact = (db: Database) =>
  db.prepare(
    `INSERT INTO facts (source, id, type, schema_version, subject, time, received_at, sequence, data)
     VALUES (?, ?, ?, 1, ?, ?, ?, ?, ?) ON CONFLICT DO NOTHING`,
  );

/**
 * Opens a session and answers up to which record its outbox is committed. Records this store has never seen and the agent no
 * longer holds (a restored store, or an outbox that overflowed) are passed over, and the gap is a fact.
 */
const session: Write<OpenSession, { ack: number; gap: boolean }> = (db, opened, { nowMs }) => {
  const { agent, installId, epoch, version, drivers, tail, head, hall } = opened;
  db.prepare(
    `UPDATE agents SET install_id = ?, epoch = ?, version = ?, drivers = ?, presence = 'online', since = ? WHERE id = ?`,
  ).run(installId, epoch, version, JSON.stringify(drivers), nowMs, agent);
  const held = ackOf(db, agent, installId);
  const oldest = tail === 0 ? head + 1 : tail;
  if (held + 1 >= oldest) return { ack: held, gap: false };
  insertFact(db).run(
    source(hall, agent),
    `${installId}-gap-${oldest - 1}`,
    'outbox.gap',
    '',
    nowMs,
    nowMs,
    0,
    JSON.stringify({ from: held + 1, to: oldest - 1 }),
  );
  setAck(db, agent, installId, oldest - 1);
  return { ack: oldest - 1, gap: true };
};

const presence: Write<{ readonly agent: string; readonly state: string }, void> = (db, { agent, state }, { nowMs }) =>
  void db.prepare('UPDATE agents SET presence = ?, since = ? WHERE id = ?').run(state, nowMs, agent);

/** From now on seqs and versions count anew: agents forget what they hold of the generation before. */
const renewGeneration: Write<null, { gen: string }> = (db) => {
  const renew = db.prepare<[], string>("UPDATE meta SET value = lower(hex(randomblob(8))) WHERE key = 'gen' RETURNING value");
  return { gen: renew.pluck().get() ?? '' };
};

/** The server starts: whoever was online is lost until it says hello again. */
const allLost: Write<null, void> = (db, _args, { nowMs }) =>
  void db.prepare("UPDATE agents SET presence = 'lost', since = ? WHERE presence = 'online'").run(nowMs);

export interface OutboxRecords {
  readonly hall: string;
  readonly agent: string;
  readonly installId: string;
  /** In order; those at or below the acknowledgement are repeats, those behind a gap are left for later. */
  readonly records: readonly EdgeRecord[];
}

/** Records as facts; answers the new cumulative acknowledgement, and acts of island mode that are new. */
const up: Write<OutboxRecords, { ack: number; acts: PlatformIsland['acts'] }> = (
  db,
  { hall, agent, installId, records },
  context,
) => {
  const { nowMs } = context;
  const held = ackOf(db, agent, installId);
  let ack = held;
  const insert = insertFact(db);
  const acts: PlatformIsland['acts'] = [];
  for (const record of records) {
    const { seq, type, at, device } = record;
    if (seq <= ack) continue;
    if (seq > ack + 1) break;
    const data = type === 'command.ended' ? takeEndRecord(db, agent, record, context) : record.data;
    insert.run(source(hall, agent), `${installId}-${seq}`, type, device ?? '', at, nowMs, seq, JSON.stringify(data));
    const act = takeIslandRecord(db, record, { agent, installId, nowMs });
    if (act) acts.push(act);
    ack = seq;
  }
  if (ack > held) setAck(db, agent, installId, ack);
  return { ack, acts };
};

export interface PlannedDocument {
  readonly agent: string;
  readonly name: string;
  readonly body: string;
}

/** Makes these the documents: a changed body gets the next version, an equal one keeps its own. Answers whether anything changed. */
const plan: Write<{ readonly documents: readonly PlannedDocument[] }, { changed: number }> = (db, { documents }, { nowMs }) => {
  const key = ({ agent, name }: { agent: string; name: string }) => `${agent}/${name}`;
  const held = new Map(
    db
      .prepare<[], PlannedDocument>('SELECT agent, name, body FROM documents')
      .all()
      .map((document) => [key(document), document]),
  );
  const last = db.prepare<[], string>("SELECT value FROM meta WHERE key = 'document_ver'").pluck().get() ?? '0';
  let ver = Number(last);
  let changed = 0;
  const write = db.prepare(
    `INSERT INTO documents (agent, name, ver, body, changed_at) VALUES (?, ?, ?, ?, ?)
     ON CONFLICT (agent, name) DO UPDATE SET ver = excluded.ver, body = excluded.body, changed_at = excluded.changed_at`,
  );
  for (const document of documents) {
    const { agent, name, body } = document;
    const before = held.get(key(document));
    held.delete(key(document));
    if (before?.body === body) continue;
    ver += 1;
    changed += 1;
    write.run(agent, name, ver, body, nowMs);
  }
  const drop = db.prepare('DELETE FROM documents WHERE agent = ? AND name = ?');
  for (const { agent, name } of held.values()) drop.run(agent, name);
  changed += held.size;
  if (ver !== Number(last)) {
    db.prepare(
      "INSERT INTO meta (key, value) VALUES ('document_ver', ?) ON CONFLICT (key) DO UPDATE SET value = excluded.value",
    ).run(String(ver));
  }
  return { changed };
};

export interface ReportRow {
  readonly device: string;
  readonly agent: string;
  readonly epoch: string;
  readonly seq: number;
  readonly receivedAt: number;
  readonly body: string;
}

const reports: Write<{ readonly rows: readonly ReportRow[] }, void> = (db, { rows }) => {
  const write = db.prepare(
    `INSERT INTO reported (device, agent, epoch, seq, received_at, body) VALUES (?, ?, ?, ?, ?, ?)
     ON CONFLICT (device) DO UPDATE SET agent = excluded.agent, epoch = excluded.epoch, seq = excluded.seq,
       received_at = excluded.received_at, body = excluded.body`,
  );
  for (const { device, agent, epoch, seq, receivedAt, body } of rows) write.run(device, agent, epoch, seq, receivedAt, body);
};

/** Another process wrote hall content; the worker reads it again. */
const contentNoticed: Write<null, void> = (_db, _args, { changed }) => changed('content');

export const agentWrites = {
  ...statusWrites,
  'agents.put': put,
  'agents.remove': remove,
  'agents.session': session,
  'agents.presence': presence,
  'agents.allLost': allLost,
  'agents.renewGeneration': renewGeneration,
  'agents.up': up,
  'agents.plan': plan,
  'agents.reports': reports,
  'agents.contentNoticed': contentNoticed,
} as const;
