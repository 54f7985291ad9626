/** Who may come in: every route under /api/ names its access, and one hook asks before anything else happens. */
import { timingSafeEqual } from 'node:crypto';
import { HallError, allows, type Permission } from '@hall/contracts';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import type { PeopleService, SignedIn } from './service.ts';

/** `public`: anybody. `signed`: the route checks a webhook signature itself. Otherwise a session whose roles carry the permission. */
export type Access = 'public' | 'signed' | Permission;

declare module 'fastify' {
  interface FastifyContextConfig {
    access?: Access;
  }
  interface FastifyRequest {
    /** Who is signed in; set on every route whose access is a permission. */
    person: SignedIn | null;
  }
}

const COOKIE = 'hall_session';

/** The session token of a Cookie header. */
export const tokenOf = (cookies: string | undefined): string | undefined =>
  cookies
    ?.split(';')
    .map((pair) => pair.trim())
    .find((pair) => pair.startsWith(`${COOKIE}=`))
    ?.slice(COOKIE.length + 1);

/** Gives or (without token) takes the session cookie: out of reach of scripts, of other sites, and of plain HTTP once on HTTPS. */
export function setSessionCookie(request: FastifyRequest, reply: FastifyReply, token: string | undefined): void {
  const secure = request.protocol === 'https' ? '; Secure' : '';
  const life = token === undefined ? '; Max-Age=0' : '';
  reply.header('set-cookie', `${COOKIE}=${token ?? ''}; Path=/; HttpOnly; SameSite=Strict${secure}${life}`);
}

/** The signed-in person of a request that the access hook let in. */
export function personOf({ person }: FastifyRequest): SignedIn {
  if (!person) throw new HallError('SIGN_IN_REQUIRED');
  return person;
}
/** Who asks, for services that audit. */
export const askerOf = (request: FastifyRequest) => ({ by: personOf(request).name, address: request.ip });

/**
 * Whether a browser says that the request comes from a page of this server; other programs send neither header.
 * `host` is the host and port the client asked for.
 */
export function fromOwnPage(headers: Readonly<Record<string, string | string[] | undefined>>, host: string): boolean {
  const site = headers['sec-fetch-site'];
  if (site !== undefined) return site === 'same-origin' || site === 'none';
  const { origin } = headers;
  if (origin === undefined) return true;
  if (typeof origin !== 'string' || !URL.canParse(origin)) return false;
  const from = new URL(origin);
  // Through URL once more, because an origin does not name the usual port and a host header may.
  const here = `${from.protocol}//${host}`;
  return from.host !== '' && URL.canParse(here) && new URL(here).host === from.host;
}

const equal = (left: string, right: string) =>
  left.length === right.length && timingSafeEqual(Buffer.from(left, 'latin1'), Buffer.from(right, 'latin1'));

/** One route of the API and who may use it. */
export interface RouteAccess {
  readonly method: string;
  readonly url: string;
  readonly access: Access;
}

/**
 * Lists the routes of the API; call it before any is registered. A route under /api/ without `config.access` is a defect and
 * throws at registration. Returns the growing list.
 */
export function declareAccess(app: FastifyInstance): RouteAccess[] {
  const routes: RouteAccess[] = [];
  app.addHook('onRoute', ({ method, url, config }) => {
    if (!url.startsWith('/api/')) return;
    const access = config?.access;
    if (access === undefined) throw new Error(`${String(method)} ${url} does not say who may use it (config.access)`);
    for (const each of [method].flat()) routes.push({ method: each, url, access });
  });
  return routes;
}

export interface GuardOptions {
  readonly people: PeopleService;
  readonly hall: string;
  /** What was registered so far. */
  readonly routes: readonly RouteAccess[];
}

/**
 * Guards every route registered on this instance from now on. Of those before it only signed ones are let by, which prove
 * themselves what they are. Refusals of signed-in people are audited.
 */
export function guardAccess(app: FastifyInstance, { people, hall, routes }: GuardOptions): void {
  for (const { url, access } of routes) if (access !== 'signed') throw new Error(`${url} would not be guarded`);
  app.decorateRequest('person', null);
  app.addHook('onRequest', async (request) => {
    const { access } = request.routeOptions.config;
    const { url } = request.routeOptions;
    if (access === undefined || access === 'signed' || url === undefined) return;
    const changes = request.method !== 'GET' && request.method !== 'HEAD' && request.method !== 'OPTIONS';
    const ownPage = fromOwnPage(request.headers, request.host);
    if (access === 'public') {
      if (changes && !ownPage) throw new HallError('CSRF_REFUSED');
      return;
    }
    const person = people.authenticate(tokenOf(request.headers.cookie));
    if (!person) throw new HallError('SIGN_IN_REQUIRED');
    const refuse = async (code: 'CSRF_REFUSED' | 'PASSWORD_CHANGE_REQUIRED' | 'PERMISSION_DENIED') => {
      await people.refused({ by: person.name, address: request.ip }, 'access', `${request.method} ${url}`, code);
      throw new HallError(code);
    };
    const token = request.headers['x-csrf-token'];
    if (changes && (!ownPage || typeof token !== 'string' || !equal(token, person.csrf))) await refuse('CSRF_REFUSED');
    if (person.mustChangePassword && access !== 'own.session') await refuse('PASSWORD_CHANGE_REQUIRED');
    if (!allows(person.roles, access)) await refuse('PERMISSION_DENIED');
    const named = (request.params as { hall?: string } | undefined)?.hall;
    if (named !== undefined && named !== hall) throw new HallError('HALL_UNKNOWN');
    request.person = person;
  });
}
