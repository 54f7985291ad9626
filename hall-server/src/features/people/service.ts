/** Rules about people, their passwords and sessions. Knows no HTTP and no SQL text. */
import { createHash, randomBytes, randomUUID } from 'node:crypto';
import { HallError, type Clock, type PersonView, type Role } from '@hall/contracts';
import type { Writer } from '../../platform/store/writer.ts';
import type { Asker } from '../audit/chain.ts';
import { limitByAddress } from './address-limit.ts';
import { createBootstrapCode } from './bootstrap-code.ts';
import { createPasswords, generatePassword, refuseWeak } from './passwords.ts';
import type { PeopleStore, Person, Session } from './store.ts';
import { IDLE_MS, SESSION_MS } from './writes.ts';

/** How often the last use of a session is written at most. */
const SEEN_EVERY_MS = 60_000;

/** Somebody with a living session. */
export interface SignedIn {
  readonly name: string;
  readonly display: string;
  readonly roles: readonly Role[];
  readonly mustChangePassword: boolean;
  readonly session: string;
  /** What a changing request must send back as x-csrf-token. */
  readonly csrf: string;
}
export interface PeopleService {
  readonly bootstrap: {
    /** True until the first administrator exists. */
    open(): boolean;
    /** Keeps a living one-time code and announces each; ends with the signal, or with the first administrator. */
    run(signal: AbortSignal): Promise<void>;
    /** Makes the first administrator. @throws HallError BOOTSTRAP_DONE, BOOTSTRAP_CODE_WRONG, PASSWORD_WEAK, RATE_LIMITED. */
    use(
      request: { readonly code: string; readonly name: string; readonly display: string; readonly password: string },
      address: string,
    ): Promise<void>;
  };
  /** A new session's cookie value. @throws HallError SIGN_IN_FAILED, SIGN_IN_LOCKED, RATE_LIMITED, OVERLOADED. */
  signIn(request: { readonly name: string; readonly password: string }, address: string, agent: string): Promise<string>;
  /** The person behind a cookie value, while the session lives. */
  authenticate(token: string | undefined): SignedIn | undefined;
  /** Whether a session still lives; for connections that stay open. */
  alive(session: string): boolean;
  sessionsOf(name: string): Session[];
  /** Ends one session of a person, or all without `id`. @throws HallError NOT_FOUND. */
  endSession(asker: Asker, of: string, id?: string): Promise<void>;
  list(): PersonView[];
  /** Adds a person with a generated password, answered once. @throws HallError NAME_TAKEN. */
  create(
    asker: Asker,
    person: { name: string; display: string; roles: readonly Role[] },
  ): Promise<{ person: PersonView; password: string }>;
  /** @throws HallError NOT_FOUND, LAST_ADMINISTRATOR. */
  change(
    asker: Asker,
    name: string,
    change: { readonly display?: string; readonly roles?: readonly Role[]; readonly disabled?: boolean },
  ): Promise<PersonView>;
  /** A new generated password, answered once; ends the person's sessions. @throws HallError NOT_FOUND. */
  reset(asker: Asker, name: string): Promise<{ person: PersonView; password: string }>;
  /** The person's own change. @throws HallError SIGN_IN_FAILED for a wrong current password, PASSWORD_WEAK. */
  changePassword(
    person: SignedIn,
    request: { readonly current: string; readonly password: string },
    address: string,
  ): Promise<void>;
  /** Records a refusal in the audit chain. */
  refused(asker: Asker, action: string, object: string, code: string): Promise<void>;
  /** Is told the ids of sessions that were ended. */
  onEnded(listener: (sessions: readonly string[]) => void): void;
}

export interface PeopleOptions {
  readonly store: PeopleStore;
  readonly writer: Pick<Writer, 'call'>;
  readonly clock: Clock;
  /** Prints a one-time code for whoever started the server. */
  readonly announce: (code: string) => void;
}

const sha256 = (text: string) => createHash('sha256').update(text).digest();
const failureKey = (name: string) => sha256(name).toString('hex');
/** Follows from the secret cookie and tells nothing about it, so that it needs no row. */
const csrfOf = (token: string) => sha256(`hall csrf ${token}`).toString('base64url');

export function createPeopleService({ store, writer, clock, announce }: PeopleOptions): PeopleService {
  const passwords = createPasswords();
  const code = createBootstrapCode(clock.machine, announce);
  const limitSignIn = limitByAddress(clock.machine, { burst: 30, everyMs: 2_000 });
  const limitBootstrap = limitByAddress(clock.machine, { burst: 10, everyMs: 6_000 });
  const listeners: ((sessions: readonly string[]) => void)[] = [];
  const touching = new Set<string>();

  const tellEnded = (ended: readonly string[]) => {
    if (ended.length > 0) for (const listener of listeners) listener(ended);
  };
  const refused: PeopleService['refused'] = async ({ by, address }, action, object, outcome) => {
    await writer.call('audit.append', { person: by, action, object, outcome, details: { address } });
  };
  const lives = (session: Session) => {
    const nowMs = clock.wall.nowMs();
    return nowMs - session.lastSeenAt < IDLE_MS && nowMs - session.createdAt < SESSION_MS;
  };
  const touch = async ({ id, lastSeenAt }: Session): Promise<void> => {
    if (touching.has(id) || clock.wall.nowMs() - lastSeenAt < SEEN_EVERY_MS) return;
    touching.add(id);
    try {
      await writer.call('people.seen', { id });
    } catch {
      // A last use that could not be written only ends the session earlier.
    } finally {
      touching.delete(id);
    }
  };
  const view = ({ name, display, roles, disabled, createdAt, lastSignInAt }: Person): PersonView => {
    const until = store.lockedUntil(failureKey(name));
    const lockedUntil = until > clock.wall.nowMs() ? until : null;
    return { name, display, roles: [...roles], disabled, lockedUntil, createdAt, lastSignInAt };
  };
  const viewOf = (name: string): PersonView => {
    const person = store.person(name);
    if (!person) throw new HallError('NOT_FOUND', { field: '/name' });
    return view(person);
  };

  /** Counts and checks a password; every failure, also of an unknown name, takes the same way. */
  const prove = async (name: string, password: string, asker: Asker, action: string): Promise<Person> => {
    const key = failureKey(name);
    const { lockedUntil } = await writer.call('people.countTry', { key });
    const person = store.person(name);
    if (lockedUntil > 0) {
      await refused(asker, action, person ? name : '', 'SIGN_IN_LOCKED');
      throw new HallError('SIGN_IN_LOCKED', { retryAfterS: Math.ceil((lockedUntil - clock.wall.nowMs()) / 1000) });
    }
    const right = await passwords.matches(password, person?.passwordHash);
    if (right && person && !person.disabled) return person;
    await refused(asker, action, person ? name : '', 'SIGN_IN_FAILED');
    throw new HallError('SIGN_IN_FAILED');
  };

  return {
    bootstrap: {
      open: () => !store.hasAdministrator(),
      async run(signal) {
        if (!store.hasAdministrator()) await code.run(signal);
      },
      async use({ code: typed, name, display, password }, address) {
        limitBootstrap(address);
        if (store.hasAdministrator()) throw new HallError('BOOTSTRAP_DONE');
        refuseWeak(password, name);
        if (!code.take(typed)) {
          await refused({ by: '', address }, 'people.bootstrap', '', 'BOOTSTRAP_CODE_WRONG');
          throw new HallError('BOOTSTRAP_CODE_WRONG', { field: '/code' });
        }
        try {
          const passwordHash = await passwords.hash(password);
          await writer.call('people.bootstrap', { name, display, roles: ['administrator'], passwordHash, address });
          code.close();
        } catch (error) {
          code.restore();
          throw error;
        }
      },
    },

    async signIn({ name: typed, password }, address, agent) {
      limitSignIn(address);
      const name = typed.trim().toLowerCase();
      const { passwordHash } = await prove(name, password, { by: '', address }, 'session.start');
      const token = randomBytes(32).toString('base64url');
      await writer.call('people.signIn', {
        name,
        passwordHash,
        key: failureKey(name),
        id: randomUUID(),
        tokenHash: sha256(token).toString('hex'),
        address,
        agent,
      });
      return token;
    },
    authenticate(token) {
      if (token === undefined || token.length > 64) return undefined;
      const session = store.sessionByToken(sha256(token).toString('hex'));
      if (!session || !lives(session)) return undefined;
      const person = store.person(session.person);
      if (!person || person.disabled) return undefined;
      void touch(session);
      const { name, display, roles, mustChangePassword } = person;
      return { name, display, roles, mustChangePassword, session: session.id, csrf: csrfOf(token) };
    },
    alive(id) {
      const session = store.session(id);
      return session !== undefined && lives(session);
    },
    sessionsOf: (name) => store.sessionsOf(name).filter(lives),
    async endSession(asker, of, id) {
      const { ended } = await writer.call('people.endSession', { ...asker, of, ...(id !== undefined && { id }) });
      tellEnded(ended);
    },

    list: () => store.people().map(view),
    async create(asker, { name, display, roles }) {
      const password = generatePassword();
      const passwordHash = await passwords.hash(password);
      await writer.call('people.create', { ...asker, name, display, roles, passwordHash });
      return { person: viewOf(name), password };
    },
    async change(asker, name, change) {
      const { ended } = await writer.call('people.change', { ...asker, name, ...change });
      tellEnded(ended);
      return viewOf(name);
    },
    async reset(asker, name) {
      viewOf(name);
      const password = generatePassword();
      const passwordHash = await passwords.hash(password);
      const { ended } = await writer.call('people.reset', { ...asker, name, passwordHash, key: failureKey(name) });
      tellEnded(ended);
      return { person: viewOf(name), password };
    },
    async changePassword({ name, session }, { current, password }, address) {
      limitSignIn(address);
      refuseWeak(password, name);
      await prove(name, current, { by: name, address }, 'people.password');
      const passwordHash = await passwords.hash(password);
      const { ended } = await writer.call('people.password', {
        name,
        passwordHash,
        keep: session,
        key: failureKey(name),
        address,
      });
      tellEnded(ended);
    },
    refused,
    onEnded: (listener) => void listeners.push(listener),
  };
}
