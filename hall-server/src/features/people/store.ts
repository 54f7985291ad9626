/** Reads about people and sessions. */
import type { Role } from '@hall/contracts';
import type { Database } from '../../platform/store/database.ts';

export interface Person {
  readonly name: string;
  readonly display: string;
  readonly roles: readonly Role[];
  readonly passwordHash: string;
  readonly mustChangePassword: boolean;
  readonly disabled: boolean;
  readonly createdAt: number;
  readonly lastSignInAt: number | null;
}
export interface Session {
  readonly id: string;
  readonly person: string;
  readonly createdAt: number;
  readonly lastSeenAt: number;
  readonly address: string;
  readonly agent: string;
}
export interface PeopleStore {
  hasAdministrator(): boolean;
  person(name: string): Person | undefined;
  people(): Person[];
  /** Until when a sign-in name is locked, by the key of its counter; 0 if it is not. */
  lockedUntil(key: string): number;
  sessionByToken(tokenHash: string): Session | undefined;
  session(id: string): Session | undefined;
  sessionsOf(person: string): Session[];
}

interface PersonRow {
  name: string;
  display: string;
  roles: string;
  password_hash: string;
  must_change: number;
  disabled: number;
  created_at: number;
  last_sign_in_at: number | null;
}
interface SessionRow {
  id: string;
  person: string;
  created_at: number;
  last_seen_at: number;
  address: string;
  agent: string;
}

const toPerson = (row: PersonRow): Person => ({
  name: row.name,
  display: row.display,
  roles: JSON.parse(row.roles) as Role[],
  passwordHash: row.password_hash,
  mustChangePassword: row.must_change === 1,
  disabled: row.disabled === 1,
  createdAt: row.created_at,
  lastSignInAt: row.last_sign_in_at,
});
const toSession = (row: SessionRow): Session => ({
  id: row.id,
  person: row.person,
  createdAt: row.created_at,
  lastSeenAt: row.last_seen_at,
  address: row.address,
  agent: row.agent,
});

/** Reads on a read-only connection. */
export function createPeopleStore(db: Database): PeopleStore {
  const administrator = db.prepare(
    `SELECT 1 FROM people WHERE EXISTS (SELECT 1 FROM json_each(roles) WHERE value = 'administrator')`,
  );
  const one = db.prepare<[string], PersonRow>('SELECT * FROM people WHERE name = ?');
  const all = db.prepare<[], PersonRow>('SELECT * FROM people ORDER BY name');
  const locked = db.prepare<[string], { until: number }>('SELECT locked_until AS until FROM sign_in_failures WHERE key = ?');
  const columns = 'id, person, created_at, last_seen_at, address, agent';
  const byToken = db.prepare<[string], SessionRow>(`SELECT ${columns} FROM sessions WHERE token_hash = ?`);
  const byId = db.prepare<[string], SessionRow>(`SELECT ${columns} FROM sessions WHERE id = ?`);
  const ofPerson = db.prepare<[string], SessionRow>(
    `SELECT ${columns} FROM sessions WHERE person = ? ORDER BY last_seen_at DESC`,
  );
  return {
    hasAdministrator: () => administrator.get() !== undefined,
    person: (name) => {
      const row = one.get(name);
      return row && toPerson(row);
    },
    people: () => all.all().map(toPerson),
    lockedUntil: (key) => locked.get(key)?.until ?? 0,
    sessionByToken: (tokenHash) => {
      const row = byToken.get(tokenHash);
      return row && toSession(row);
    },
    session: (id) => {
      const row = byId.get(id);
      return row && toSession(row);
    },
    sessionsOf: (person) => ofPerson.all(person).map(toSession),
  };
}
