/** For tests: a store in memory, its writes called directly, and an app with the routes of people. */
import { FakeClock, type Role } from '@hall/contracts';
import type { FastifyInstance, InjectOptions, LightMyRequestResponse } from 'fastify';
import { pino } from 'pino';
import { createHttp } from '../../platform/http.ts';
import { installOpenApi } from '../../platform/openapi.ts';
import { openInMemory, type Database } from '../../platform/store/database.ts';
import type { Write } from '../../platform/store/write.ts';
import type { Writer } from '../../platform/store/writer.ts';
import { writes } from '../../platform/store/writes.ts';
import { declareAccess, guardAccess, type RouteAccess } from './access.ts';
import { peopleRoutes } from './routes.ts';
import { createPeopleService, type PeopleService } from './service.ts';
import { createPeopleStore } from './store.ts';

/** Calls writes as the worker does: each in a transaction that a thrown error undoes. */
export function directWriter(db: Database, clock: FakeClock, changed: (topic: string) => void = () => {}): Pick<Writer, 'call'> {
  const call = async (name: string, args: unknown) => {
    const write = (writes as unknown as Record<string, Write<unknown, unknown>>)[name];
    if (!write) throw new Error(`no write is named ${name}`);
    return db.transaction(() => write(db, structuredClone(args), { nowMs: clock.wall.nowMs(), changed }))();
  };
  return { call: call as Writer['call'] };
}

export interface Browser {
  /** A request with the cookie and token of whoever signed in here. */
  ask(
    method: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE',
    url: string,
    body?: InjectOptions['payload'],
    headers?: Record<string, string>,
  ): Promise<LightMyRequestResponse>;
  signIn(name: string, password: string): Promise<LightMyRequestResponse>;
  cookie: string;
  csrf: string;
}

export interface Fixture {
  readonly app: FastifyInstance;
  readonly db: Database;
  readonly clock: FakeClock;
  readonly writer: Pick<Writer, 'call'>;
  readonly people: PeopleService;
  readonly routes: RouteAccess[];
  /** One-time codes, oldest first. */
  readonly codes: string[];
  browser(address?: string): Browser;
  /** A signed-in browser of a new person with these roles, who has a password of their own. */
  as(...roles: Role[]): Promise<Browser>;
  close(): Promise<void>;
}

export const PASSWORD = 'Lotus-Bridge-Rain-88';

/** `more` registers further routes after the access hook. */
export async function createFixture(
  more: (fixture: Omit<Fixture, 'routes'>) => Promise<void> = async () => {},
): Promise<Fixture> {
  const clock = new FakeClock();
  const db = openInMemory();
  const writer = directWriter(db, clock);
  const codes: string[] = [];
  const people = createPeopleService({ store: createPeopleStore(db), writer, clock, announce: (code) => void codes.push(code) });
  const stop = new AbortController();
  const running = people.bootstrap.run(stop.signal);
  const { app } = createHttp(pino({ level: 'silent' }), clock.machine);
  await installOpenApi(app, { version: '0.0.0' });
  const routes = declareAccess(app);
  guardAccess(app, { people, hall: 'demo', routes });
  await app.register(peopleRoutes, { prefix: '/api/v1', people, hall: 'demo' });

  const browser = (remoteAddress = '10.0.0.9'): Browser => {
    const self: Browser = {
      cookie: '',
      csrf: '',
      ask: async (method, url, body, headers = {}) =>
        app.inject({
          method,
          url: `/api/v1${url}`,
          remoteAddress,
          headers: { cookie: self.cookie, ...(self.csrf && { 'x-csrf-token': self.csrf }), ...headers },
          ...(body !== undefined && { payload: body }),
        }),
      signIn: async (name, password) => {
        const answer = await self.ask('POST', '/sessions', { name, password });
        if (answer.statusCode === 200) {
          self.cookie = String(answer.headers['set-cookie']).split(';')[0] ?? '';
          self.csrf = answer.json<{ csrf: string }>().csrf;
        }
        return answer;
      },
    };
    return self;
  };
  let added = 0;
  const as = async (...roles: Role[]): Promise<Browser> => {
    added += 1;
    const name = `p${added}.${roles[0] ?? ''}`;
    const address = `10.1.0.${added}`;
    const { password } = await people.create({ by: 'system', address }, { name, display: name, roles });
    const self = browser(address);
    await self.signIn(name, password);
    await self.ask('PUT', '/me/password', { current: password, password: PASSWORD });
    return self;
  };

  const fixture = { app, db, clock, writer, people, codes, browser, as, close: async () => {} };
  await more(fixture);
  await app.ready();
  return {
    ...fixture,
    routes,
    close: async () => {
      stop.abort();
      await running;
      await app.close();
      db.close();
    },
  };
}
