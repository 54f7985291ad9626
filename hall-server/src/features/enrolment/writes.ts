/** Writes about keys of agents; whatever a person decides leaves its audit row in the same transaction. */
import { ENROLMENT_LIFE_MS, HallError } from '@hall/contracts';
import type { Database } from '../../platform/store/database.ts';
import type { Write, WriteContext } from '../../platform/store/write.ts';
import { mayBeAgent, renewCredentials } from '../agents/credentials-writes.ts';
import type { Asker } from '../audit/chain.ts';
import { appendAudit } from '../audit/writes.ts';
import type { EnrolmentRow, KeyRow } from './store.ts';

/** Requests that are not admitted, of all and of one address: more than a hall installs in a day, and than a machine runs. */
const MOST_WAITING = 500;
const MOST_OF_ADDRESS = 20;

export interface Asked {
  readonly id: string;
  readonly fingerprint: string;
  readonly publicKey: string;
  readonly code: string;
  readonly wish: string | null;
  readonly host: string;
  readonly version: string;
  readonly address: string;
  /** Signed by this key of this agent, checked before: the new key is admitted without a person. */
  readonly changeOf: { readonly agent: string; readonly signedBy: string } | null;
}

const keyOf = (db: Database, fingerprint: string) =>
  db.prepare<[string], KeyRow>('SELECT * FROM agent_keys WHERE fingerprint = ?').get(fingerprint);
const requestOf = (db: Database, id: string) =>
  db.prepare<[string], EnrolmentRow>('SELECT * FROM enrolments WHERE id = ?').get(id);
const addKey = (
  db: Database,
  { fingerprint, publicKey }: { fingerprint: string; publicKey: string },
  agent: string,
  changed: boolean,
  at: number,
) =>
  db
    .prepare("INSERT INTO agent_keys (fingerprint, agent, public_key, state, changed, added_at) VALUES (?, ?, ?, 'next', ?, ?)")
    .run(fingerprint, agent, publicKey, changed ? 1 : 0, at);

/** Admits a key because the key before has signed for it. Other keys that were never used give way; the signing one stays. */
function changeKey(db: Database, { changeOf, ...asked }: Asked, { nowMs, changed }: WriteContext): void {
  if (!changeOf) return;
  const { agent, signedBy } = changeOf;
  // Looked at again inside the transaction: it may have been revoked since.
  const signer = keyOf(db, signedBy);
  if (signer?.agent !== agent || !['next', 'current'].includes(signer.state)) throw new HallError('KEY_REFUSED');
  db.prepare("UPDATE agent_keys SET state = 'replaced' WHERE agent = ? AND state = 'next' AND fingerprint <> ?").run(
    agent,
    signedBy,
  );
  addKey(db, asked, agent, true, nowMs);
  const { fingerprint, address } = asked;
  const details = { address, fingerprint, before: signedBy };
  appendAudit(db, { at: nowMs, person: 'system', action: 'agent.key', object: agent, outcome: 'done', details });
  renewCredentials(db);
  changed('agents');
  changed('audit');
}

/**
 * Takes a request, or finds the one of this key again.
 * @throws HallError KEY_REFUSED for a key that was replaced or revoked, ENROLMENT_FULL.
 */
const ask: Write<Asked, EnrolmentRow> = (db, asked, context) => {
  const { id, fingerprint, publicKey, code, wish, host, version, address, changeOf } = asked;
  const { nowMs } = context;
  db.prepare('DELETE FROM enrolments WHERE heard_at <= ?').run(nowMs - ENROLMENT_LIFE_MS);
  const key = keyOf(db, fingerprint);
  if (key && !['next', 'current'].includes(key.state)) throw new HallError('KEY_REFUSED');
  if (!key) changeKey(db, asked, context);
  const agent = key?.agent ?? changeOf?.agent ?? null;
  const held = db.prepare<[string], EnrolmentRow>('SELECT * FROM enrolments WHERE fingerprint = ?').get(fingerprint);
  if (held) {
    const state = agent === null ? held.state : 'admitted';
    // What was rejected runs out, however often it asks; then a person may look at it again.
    const heardAt = state === 'rejected' ? held.heard_at : nowMs;
    db.prepare('UPDATE enrolments SET heard_at = ?, address = ?, state = ?, agent = ? WHERE id = ?').run(
      heardAt,
      address,
      state,
      agent ?? held.agent,
      held.id,
    );
    return requestOf(db, held.id) as EnrolmentRow;
  }
  if (agent === null) {
    const count = (where: string, ...args: string[]) =>
      db
        .prepare<string[], number>(`SELECT count(*) FROM enrolments WHERE state <> 'admitted' ${where}`)
        .pluck()
        .get(...args) ?? 0;
    if (count('') >= MOST_WAITING || count('AND address = ?', address) >= MOST_OF_ADDRESS) throw new HallError('ENROLMENT_FULL');
  }
  db.prepare(
    `INSERT INTO enrolments (id, fingerprint, code, public_key, wish, host, version, address, asked_at, heard_at, state, agent)
     VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
  ).run(
    id,
    fingerprint,
    code,
    publicKey,
    wish,
    host,
    version,
    address,
    nowMs,
    nowMs,
    agent === null ? 'waiting' : 'admitted',
    agent,
  );
  return requestOf(db, id) as EnrolmentRow;
};

/** The agent of a request still asks. */
const heard: Write<{ readonly id: string }, void> = (db, { id }, { nowMs }) =>
  void db.prepare('UPDATE enrolments SET heard_at = ? WHERE id = ?').run(nowMs, id);

/** A certificate was made for a key. */
const issued: Write<{ readonly fingerprint: string; readonly until: number }, void> = (db, { fingerprint, until }) =>
  void db.prepare('UPDATE agent_keys SET until = ? WHERE fingerprint = ?').run(until, fingerprint);

/** A request that still waits. @throws HallError ENROLMENT_UNKNOWN, ENROLMENT_CLOSED. */
function waitingRequest(db: Database, id: string, nowMs: number): EnrolmentRow {
  const row = requestOf(db, id);
  if (!row || row.heard_at <= nowMs - ENROLMENT_LIFE_MS) throw new HallError('ENROLMENT_UNKNOWN', { field: '/id' });
  if (row.state !== 'waiting') throw new HallError('ENROLMENT_CLOSED', { field: '/id' });
  return row;
}

/** Revokes every key and the password of an agent. */
function revokeAll(db: Database, agent: string): void {
  db.prepare("UPDATE agent_keys SET state = 'revoked' WHERE agent = ? AND state IN ('next', 'current')").run(agent);
  db.prepare("UPDATE agents SET password_hash = '' WHERE id = ?").run(agent);
  renewCredentials(db);
}

export interface Admitted extends Asker {
  readonly id: string;
  readonly code: string;
  readonly agent: string;
  readonly takeOver: boolean;
}

/**
 * Gives a request its id.
 * @throws HallError ENROLMENT_UNKNOWN, ENROLMENT_CLOSED, ENROLMENT_CODE_WRONG, NAME_TAKEN by a platform, AGENT_EXISTS unless it is
 * said to take over.
 */
const admit: Write<Admitted, { readonly tookOver: boolean }> = (db, { by, address, id, code, agent, takeOver }, context) => {
  const { nowMs, changed } = context;
  const row = waitingRequest(db, id, nowMs);
  if (row.code !== code) throw new HallError('ENROLMENT_CODE_WRONG', { field: '/code' });
  if (!mayBeAgent(db, agent)) throw new HallError('NAME_TAKEN', { field: '/agent' });
  const exists = db.prepare('SELECT 1 FROM agents WHERE id = ?').get(agent) !== undefined;
  if (exists && !takeOver) throw new HallError('AGENT_EXISTS', { field: '/agent' });
  if (exists) revokeAll(db, agent);
  else db.prepare("INSERT INTO agents (id, password_hash, added_at) VALUES (?, '', ?)").run(agent, nowMs);
  addKey(db, { fingerprint: row.fingerprint, publicKey: row.public_key }, agent, exists, nowMs);
  renewCredentials(db);
  db.prepare("UPDATE enrolments SET state = 'admitted', agent = ? WHERE id = ?").run(agent, id);
  const details = { address, code, fingerprint: row.fingerprint, from: row.address, host: row.host };
  const action = exists ? 'agent.replace' : 'agent.enrol';
  appendAudit(db, { at: nowMs, person: by, action, object: agent, outcome: 'done', details });
  changed('agents');
  changed('audit');
  return { tookOver: exists };
};

/** @throws HallError ENROLMENT_UNKNOWN, ENROLMENT_CLOSED. */
const reject: Write<Asker & { readonly id: string }, void> = (db, { by, address, id }, { nowMs, changed }) => {
  const { code, fingerprint, address: from, host } = waitingRequest(db, id, nowMs);
  db.prepare("UPDATE enrolments SET state = 'rejected' WHERE id = ?").run(id);
  const details = { address, fingerprint, from, host };
  appendAudit(db, { at: nowMs, person: by, action: 'agent.reject', object: code, outcome: 'done', details });
  changed('audit');
};

/** Nothing the agent has is good any more; the agent and its devices stay. @throws HallError AGENT_UNKNOWN. */
const revoke: Write<Asker & { readonly agent: string }, void> = (db, { by, address, agent }, { nowMs, changed }) => {
  if (db.prepare('SELECT 1 FROM agents WHERE id = ?').get(agent) === undefined) {
    throw new HallError('AGENT_UNKNOWN', { field: '/id' });
  }
  revokeAll(db, agent);
  appendAudit(db, { at: nowMs, person: by, action: 'agent.revoke', object: agent, outcome: 'done', details: { address } });
  changed('agents');
  changed('audit');
};

/** The agent is welcomed under this key: the keys before it have done their work. */
const used: Write<{ readonly agent: string; readonly fingerprint: string }, void> = (db, { agent, fingerprint }, { changed }) => {
  const now = db
    .prepare("UPDATE agent_keys SET state = 'current' WHERE fingerprint = ? AND agent = ? AND state = 'next'")
    .run(fingerprint, agent);
  if (now.changes === 0) return;
  db.prepare(
    "UPDATE agent_keys SET state = 'replaced' WHERE agent = ? AND fingerprint <> ? AND state IN ('next', 'current')",
  ).run(agent, fingerprint);
  renewCredentials(db);
  changed('agents');
};

export const enrolmentWrites = {
  'enrolment.ask': ask,
  'enrolment.heard': heard,
  'enrolment.issued': issued,
  'enrolment.admit': admit,
  'enrolment.reject': reject,
  'enrolment.revoke': revoke,
  'enrolment.used': used,
} as const;
