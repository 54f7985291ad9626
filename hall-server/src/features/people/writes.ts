/** Writes about people and sessions; run in the writer worker. Each leaves its audit row in the same transaction. */
import { HallError, allows, type Role } from '@hall/contracts';
import type { Database } from '../../platform/store/database.ts';
import type { Write, WriteContext } from '../../platform/store/write.ts';
import type { Asker } from '../audit/chain.ts';
import { appendAudit } from '../audit/writes.ts';

const FAILURES = 5;
const LOCK_MS = 15 * 60_000;
const LONGEST_LOCK_MS = 24 * 60 * 60_000;
/** A name that was not tried for this long is forgotten. */
const FORGET_MS = 30 * 24 * 60 * 60_000;
const MOST_FAILURE_ROWS = 10_000;
/** A session ends after this long without a request, and in any case after {@link SESSION_MS}. */
export const IDLE_MS = 8 * 60 * 60_000;
export const SESSION_MS = 24 * 60 * 60_000;

export interface NewPerson {
  readonly name: string;
  readonly display: string;
  readonly roles: readonly Role[];
  readonly passwordHash: string;
}
/** Ids of the sessions that a write ended. */
export interface Ended {
  readonly ended: readonly string[];
}

interface PersonRow {
  readonly name: string;
  readonly roles: string;
  readonly password_hash: string;
  readonly disabled: number;
}

const personOf = (db: Database, name: string): PersonRow => {
  const row = db.prepare<[string], PersonRow>('SELECT name, roles, password_hash, disabled FROM people WHERE name = ?').get(name);
  if (!row) throw new HallError('NOT_FOUND', { field: '/name' });
  return row;
};

const insertPerson = (db: Database, person: NewPerson, mustChange: boolean, { nowMs }: WriteContext): void => {
  const { name, display, roles, passwordHash } = person;
  const taken = db.prepare('SELECT 1 FROM people WHERE name = ?').get(name);
  if (taken) throw new HallError('NAME_TAKEN', { field: '/name' });
  db.prepare('INSERT INTO people (name, display, roles, password_hash, must_change, created_at) VALUES (?, ?, ?, ?, ?, ?)').run(
    name,
    display,
    JSON.stringify(roles),
    passwordHash,
    mustChange ? 1 : 0,
    nowMs,
  );
};

const administrators = (db: Database): string[] =>
  db
    .prepare<[], { name: string; roles: string }>('SELECT name, roles FROM people WHERE disabled = 0')
    .all()
    .filter(({ roles }) => allows(JSON.parse(roles) as string[], 'people.manage'))
    .map(({ name }) => name);

/** Ends the sessions that a condition names; returns their ids. */
const endSessions = (db: Database, where: string, ...values: (string | number)[]): string[] =>
  db
    .prepare<(string | number)[], { id: string }>(`DELETE FROM sessions WHERE ${where} RETURNING id`)
    .all(...values)
    .map(({ id }) => id);

const addAdministrator: Write<NewPerson & { readonly address: string }, null> = (db, { address, ...person }, context) => {
  if (db.prepare(`SELECT 1 FROM people WHERE EXISTS (SELECT 1 FROM json_each(roles) WHERE value = 'administrator')`).get()) {
    throw new HallError('BOOTSTRAP_DONE');
  }
  insertPerson(db, person, false, context);
  const { name } = person;
  appendAudit(db, {
    at: context.nowMs,
    person: name,
    action: 'people.bootstrap',
    object: name,
    outcome: 'done',
    details: { address },
  });
  context.changed('people');
  context.changed('audit');
  return null;
};

interface FailureRow {
  readonly failures: number;
  readonly locks: number;
  readonly locked_until: number;
}

/**
 * Counts a try before its password is looked at, so that tries sent at once cannot pass a lock together. The fifth failure
 * locks for 15 minutes, each later lock twice as long, at most a day. Answers until when the name is locked, 0 if it may try.
 */
const countTry: Write<{ readonly key: string }, { lockedUntil: number }> = (db, { key }, { nowMs }) => {
  const row = db
    .prepare<[string], FailureRow>('SELECT failures, locks, locked_until FROM sign_in_failures WHERE key = ?')
    .get(key) ?? { failures: 0, locks: 0, locked_until: 0 };
  if (row.locked_until > nowMs) return { lockedUntil: row.locked_until };
  const failures = row.failures + 1;
  const locked = failures >= FAILURES;
  db.prepare('INSERT OR REPLACE INTO sign_in_failures (key, failures, locks, locked_until, last_at) VALUES (?, ?, ?, ?, ?)').run(
    key,
    locked ? 0 : failures,
    locked ? row.locks + 1 : row.locks,
    locked ? nowMs + Math.min(LONGEST_LOCK_MS, LOCK_MS * 2 ** row.locks) : 0,
    nowMs,
  );
  db.prepare('DELETE FROM sign_in_failures WHERE last_at < ?').run(nowMs - FORGET_MS);
  db.prepare(
    `DELETE FROM sign_in_failures WHERE key IN
       (SELECT key FROM sign_in_failures ORDER BY last_at DESC LIMIT -1 OFFSET ${MOST_FAILURE_ROWS})`,
  ).run();
  return { lockedUntil: 0 };
};

export interface NewSession {
  readonly name: string;
  /** The password hash that matched: if it changed meanwhile, the sign-in fails. */
  readonly passwordHash: string;
  /** Key of the failure counter to clear. */
  readonly key: string;
  readonly id: string;
  readonly tokenHash: string;
  readonly address: string;
  readonly agent: string;
}
const signIn: Write<NewSession, null> = (db, { name, passwordHash, key, id, tokenHash, address, agent }, context) => {
  const { nowMs } = context;
  const row = personOf(db, name);
  if (row.disabled === 1 || row.password_hash !== passwordHash) throw new HallError('SIGN_IN_FAILED');
  endSessions(db, 'last_seen_at < ? OR created_at < ?', nowMs - IDLE_MS, nowMs - SESSION_MS);
  db.prepare('DELETE FROM sign_in_failures WHERE key = ?').run(key);
  db.prepare('UPDATE people SET last_sign_in_at = ? WHERE name = ?').run(nowMs, name);
  db.prepare(
    'INSERT INTO sessions (id, token_hash, person, created_at, last_seen_at, address, agent) VALUES (?, ?, ?, ?, ?, ?, ?)',
  ).run(id, tokenHash, name, nowMs, nowMs, address, agent);
  appendAudit(db, { at: nowMs, person: name, action: 'session.start', object: id, outcome: 'done', details: { address } });
  context.changed('people');
  context.changed('audit');
  return null;
};

const seen: Write<{ readonly id: string }, null> = (db, { id }, { nowMs }) => {
  db.prepare('UPDATE sessions SET last_seen_at = max(last_seen_at, ?) WHERE id = ?').run(nowMs, id);
  return null;
};

/** Ends one session of `of`, or all of them without `id`. NOT_FOUND if that person has no such session. */
const endSession: Write<Asker & { readonly of: string; readonly id?: string }, Ended> = (
  db,
  { by, address, of, id },
  context,
) => {
  const ended = id === undefined ? endSessions(db, 'person = ?', of) : endSessions(db, 'person = ? AND id = ?', of, id);
  if (id !== undefined && ended.length === 0) throw new HallError('NOT_FOUND', { field: '/id' });
  appendAudit(db, {
    at: context.nowMs,
    person: by,
    action: 'session.end',
    object: id ?? of,
    outcome: 'done',
    details: { of, sessions: ended.length, address },
  });
  context.changed('people');
  context.changed('audit');
  return { ended };
};

const create: Write<Asker & NewPerson, null> = (db, { by, address, ...person }, context) => {
  insertPerson(db, person, true, context);
  const { name, roles } = person;
  appendAudit(db, {
    at: context.nowMs,
    person: by,
    action: 'people.create',
    object: name,
    outcome: 'done',
    details: { roles, address },
  });
  context.changed('people');
  context.changed('audit');
  return null;
};

export interface Change extends Asker {
  readonly name: string;
  readonly display?: string;
  readonly roles?: readonly Role[];
  readonly disabled?: boolean;
}
/** Disabling ends the person's sessions at once; so do other roles, so that no page goes on with the old ones. */
const change: Write<Change, Ended> = (db, { by, address, name, display, roles, disabled }, context) => {
  const before = personOf(db, name);
  db.prepare(
    'UPDATE people SET display = coalesce(?, display), roles = coalesce(?, roles), disabled = coalesce(?, disabled) WHERE name = ?',
  ).run(display ?? null, roles ? JSON.stringify(roles) : null, disabled === undefined ? null : Number(disabled), name);
  if (administrators(db).length === 0) throw new HallError('LAST_ADMINISTRATOR');
  const cut = disabled === true || (roles !== undefined && JSON.stringify(roles) !== before.roles);
  const ended = cut ? endSessions(db, 'person = ?', name) : [];
  appendAudit(db, {
    at: context.nowMs,
    person: by,
    action: 'people.change',
    object: name,
    outcome: 'done',
    details: { ...(roles && { roles }), ...(disabled !== undefined && { disabled }), ...(display && { display: true }), address },
  });
  context.changed('people');
  context.changed('audit');
  return { ended };
};

/** A new generated password: must be changed at the next sign-in, ends all sessions, lifts a lock. */
const reset: Write<Asker & { readonly name: string; readonly passwordHash: string; readonly key: string }, Ended> = (
  db,
  { by, address, name, passwordHash, key },
  context,
) => {
  personOf(db, name);
  db.prepare('UPDATE people SET password_hash = ?, must_change = 1 WHERE name = ?').run(passwordHash, name);
  db.prepare('DELETE FROM sign_in_failures WHERE key = ?').run(key);
  const ended = endSessions(db, 'person = ?', name);
  appendAudit(db, { at: context.nowMs, person: by, action: 'people.reset', object: name, outcome: 'done', details: { address } });
  context.changed('people');
  context.changed('audit');
  return { ended };
};

/** The person's own change; every other session of the person ends. */
const password: Write<
  { readonly name: string; readonly passwordHash: string; readonly keep: string; readonly key: string; readonly address: string },
  Ended
> = (db, { name, passwordHash, keep, key, address }, context) => {
  personOf(db, name);
  db.prepare('DELETE FROM sign_in_failures WHERE key = ?').run(key);
  db.prepare('UPDATE people SET password_hash = ?, must_change = 0 WHERE name = ?').run(passwordHash, name);
  const ended = endSessions(db, 'person = ? AND id <> ?', name, keep);
  appendAudit(db, {
    at: context.nowMs,
    person: name,
    action: 'people.password',
    object: name,
    outcome: 'done',
    details: { address },
  });
  context.changed('people');
  context.changed('audit');
  return { ended };
};

export const peopleWrites = {
  'people.bootstrap': addAdministrator,
  'people.countTry': countTry,
  'people.signIn': signIn,
  'people.seen': seen,
  'people.endSession': endSession,
  'people.create': create,
  'people.change': change,
  'people.reset': reset,
  'people.password': password,
} as const;
