/** `/api/v1/bootstrap`, `/sessions`, `/me`, `/people`. */
import {
  BootstrapRequest,
  BootstrapState,
  ChangePasswordRequest,
  Me,
  PersonCreate,
  PersonName,
  PersonPatch,
  PersonSecret,
  PersonView,
  SessionView,
  SignInRequest,
} from '@hall/contracts';
import type { FastifyPluginAsync, FastifyRequest } from 'fastify';
import { Type, type Static } from 'typebox';
import { Nothing, replies } from '../../platform/replies.ts';
import { askerOf, personOf, setSessionCookie } from './access.ts';
import type { PeopleService, SignedIn } from './service.ts';
import type { Session } from './store.ts';

const tags = ['people'];

/** The name a browser gives itself, short and without control characters. */
const agentOf = ({ headers }: FastifyRequest) => (headers['user-agent'] ?? '').replaceAll(/[^\u0020-\u007e]/g, '').slice(0, 200);
const sessionView =
  (current: string) =>
  ({ id, createdAt, lastSeenAt, address, agent }: Session): Static<typeof SessionView> => ({
    id,
    createdAt,
    lastSeenAt,
    address,
    agent,
    current: id === current,
  });

const ByName = Type.Object({ name: PersonName });
type ByName = Static<typeof ByName>;
const ById = Type.Object({ id: Type.String({ format: 'uuid' }) });

/** Everything under `/api/v1` that is about people and their sessions. */
export const peopleRoutes: FastifyPluginAsync<{ people: PeopleService; hall: string }> = async (app, { people, hall }) => {
  const me = ({ name, display, roles, csrf, mustChangePassword }: SignedIn): Me => ({
    name,
    display,
    roles: [...roles],
    hall,
    csrf,
    mustChangePassword,
  });

  app.get(
    '/bootstrap',
    {
      config: { access: 'public' },
      schema: {
        tags,
        summary: 'Whether the first administrator is still to be made',
        response: replies({ 200: BootstrapState }),
      },
    },
    async () => ({ open: people.bootstrap.open() }),
  );
  app.post<{ Body: Static<typeof BootstrapRequest> }>(
    '/bootstrap',
    {
      config: { access: 'public' },
      schema: {
        tags,
        summary: 'Make the first administrator with the one-time code',
        body: BootstrapRequest,
        response: replies({ 201: Nothing }),
      },
    },
    async ({ body, ip }, reply) => {
      await people.bootstrap.use(body, ip);
      return reply.code(201).send(null);
    },
  );

  app.post<{ Body: Static<typeof SignInRequest> }>(
    '/sessions',
    {
      config: { access: 'public' },
      schema: { tags, summary: 'Sign in; the session comes as a cookie', body: SignInRequest, response: replies({ 200: Me }) },
    },
    async (request, reply) => {
      const token = await people.signIn(request.body, request.ip, agentOf(request));
      const person = people.authenticate(token);
      setSessionCookie(request, reply, token);
      return me(person ?? personOf(request));
    },
  );
  app.get(
    '/sessions',
    {
      config: { access: 'own.session' },
      schema: { tags, summary: 'Own living sessions', response: replies({ 200: Type.Array(SessionView) }) },
    },
    async (request) => {
      const { name, session } = personOf(request);
      return people.sessionsOf(name).map(sessionView(session));
    },
  );
  app.delete(
    '/sessions/current',
    { config: { access: 'own.session' }, schema: { tags, summary: 'Sign out', response: replies({ 204: Nothing }) } },
    async (request, reply) => {
      const { name, session } = personOf(request);
      await people.endSession(askerOf(request), name, session);
      setSessionCookie(request, reply, undefined);
      return reply.code(204).send();
    },
  );
  app.delete<{ Params: Static<typeof ById> }>(
    '/sessions/:id',
    {
      config: { access: 'own.session' },
      schema: { tags, summary: 'End one of the own sessions', params: ById, response: replies({ 204: Nothing }) },
    },
    async (request, reply) => {
      await people.endSession(askerOf(request), personOf(request).name, request.params.id);
      return reply.code(204).send();
    },
  );

  app.get(
    '/me',
    { config: { access: 'own.session' }, schema: { tags, summary: 'Who is signed in', response: replies({ 200: Me }) } },
    async (request) => me(personOf(request)),
  );
  app.put<{ Body: Static<typeof ChangePasswordRequest> }>(
    '/me/password',
    {
      config: { access: 'own.session' },
      schema: {
        tags,
        summary: 'Change the own password; ends all other sessions',
        body: ChangePasswordRequest,
        response: replies({ 204: Nothing }),
      },
    },
    async (request, reply) => {
      await people.changePassword(personOf(request), request.body, request.ip);
      return reply.code(204).send();
    },
  );

  app.get(
    '/people',
    {
      config: { access: 'people.manage' },
      schema: { tags, summary: 'All people', response: replies({ 200: Type.Array(PersonView) }) },
    },
    async () => people.list(),
  );
  app.post<{ Body: Static<typeof PersonCreate> }>(
    '/people',
    {
      config: { access: 'people.manage' },
      schema: {
        tags,
        summary: 'Add a person; the password is shown this once',
        body: PersonCreate,
        response: replies({ 201: PersonSecret }),
      },
    },
    async (request, reply) => reply.code(201).send(await people.create(askerOf(request), request.body)),
  );
  app.patch<{ Params: ByName; Body: Static<typeof PersonPatch> }>(
    '/people/:name',
    {
      config: { access: 'people.manage' },
      schema: {
        tags,
        summary: 'Change, disable or enable a person',
        params: ByName,
        body: PersonPatch,
        response: replies({ 200: PersonView }),
      },
    },
    async (request) => people.change(askerOf(request), request.params.name, request.body),
  );
  app.post<{ Params: ByName }>(
    '/people/:name/reset',
    {
      config: { access: 'people.manage' },
      schema: {
        tags,
        summary: 'Give a new password, shown this once; lifts a lock',
        params: ByName,
        response: replies({ 200: PersonSecret }),
      },
    },
    async (request) => people.reset(askerOf(request), request.params.name),
  );
  app.get<{ Params: ByName }>(
    '/people/:name/sessions',
    {
      config: { access: 'people.manage' },
      schema: {
        tags,
        summary: 'Living sessions of a person',
        params: ByName,
        response: replies({ 200: Type.Array(SessionView) }),
      },
    },
    async (request) => people.sessionsOf(request.params.name).map(sessionView(personOf(request).session)),
  );
  app.delete<{ Params: ByName }>(
    '/people/:name/sessions',
    {
      config: { access: 'people.manage' },
      schema: { tags, summary: 'Sign a person out everywhere', params: ByName, response: replies({ 204: Nothing }) },
    },
    async (request, reply) => {
      await people.endSession(askerOf(request), request.params.name);
      return reply.code(204).send();
    },
  );
};
