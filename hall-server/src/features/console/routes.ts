/** What the console reads under `/api/v1/halls/{hall}`, and admitting agents. */
import {
  AgentSecret,
  AgentView,
  DeviceView,
  EventQuery,
  EventRow,
  HallError,
  Id,
  Overview,
  QuarantineRow,
  Trace,
  WindowView,
} from '@hall/contracts';
import type { FastifyPluginAsync } from 'fastify';
import { Type, type Static } from 'typebox';
import { Nothing, replies } from '../../platform/replies.ts';
import type { AgentService, DeviceService } from '../agents/service.ts';
import type { FactService } from '../facts/service.ts';
import { askerOf } from '../people/access.ts';
import type { Views } from './views.ts';

const closed = { additionalProperties: false } as const;
const tags = ['hall'];
const AgentAdd = Type.Object({ id: Id }, closed);
const AgentParams = Type.Object({ hall: Id, id: Id }, closed);
const QuarantineQuery = Type.Object(
  {
    before: Type.Optional(Type.Integer({ minimum: 1, description: 'Only rows older than this seq.' })),
    limit: Type.Optional(Type.Integer({ minimum: 1, maximum: 200, default: 50 })),
  },
  closed,
);
const TraceParams = Type.Object({ hall: Id, eventId: Type.String({ minLength: 1, maxLength: 128 }) }, closed);

export interface ConsoleOptions {
  readonly views: Views;
  readonly agents: AgentService;
  readonly devices: DeviceService;
  readonly facts: FactService;
}

/** Overview, windows, devices, agents, event log, quarantine and traces. */
export const consoleRoutes: FastifyPluginAsync<ConsoleOptions> = async (app, { views, agents, devices, facts }) => {
  app.get(
    '/overview',
    { config: { access: 'hall.view' }, schema: { tags, summary: 'The hall at a glance', response: replies({ 200: Overview }) } },
    async () => views.overview(),
  );
  app.get(
    '/windows',
    {
      config: { access: 'hall.view' },
      schema: {
        tags,
        summary: 'Every window: what is true and what its strips were told',
        response: replies({ 200: Type.Array(WindowView) }),
      },
    },
    async () => views.windows(),
  );

  app.get(
    '/devices',
    {
      config: { access: 'device.view' },
      schema: {
        tags,
        summary: 'Every device: desired, reported, difference',
        response: replies({ 200: Type.Array(DeviceView) }),
      },
    },
    async () => devices.list(),
  );
  app.get(
    '/agents',
    {
      config: { access: 'device.view' },
      schema: { tags, summary: 'All agents', response: replies({ 200: Type.Array(AgentView) }) },
    },
    async () => agents.list(),
  );
  app.post<{ Body: Static<typeof AgentAdd> }>(
    '/agents',
    {
      config: { access: 'agent.admit' },
      schema: {
        tags,
        summary: 'Admit an agent, or give it a new credential; shown this once',
        body: AgentAdd,
        response: replies({ 201: AgentSecret }),
      },
    },
    async (request, reply) => {
      return reply.code(201).send(await agents.admit(request.body.id, askerOf(request)));
    },
  );
  app.delete<{ Params: Static<typeof AgentParams> }>(
    '/agents/:id',
    {
      config: { access: 'agent.admit' },
      schema: { tags, summary: 'Forget an agent and end its session', params: AgentParams, response: replies({ 204: Nothing }) },
    },
    async (request, reply) => {
      await agents.remove(request.params.id, askerOf(request));
      return reply.code(204).send();
    },
  );

  app.get<{ Querystring: Static<typeof EventQuery> }>(
    '/events',
    {
      config: { access: 'event.view' },
      schema: { tags, summary: 'Facts, newest first', querystring: EventQuery, response: replies({ 200: Type.Array(EventRow) }) },
    },
    async ({ query }) => facts.list(query),
  );
  app.get<{ Querystring: Static<typeof QuarantineQuery> }>(
    '/quarantine',
    {
      config: { access: 'event.view' },
      schema: {
        tags,
        summary: 'Events that were not accepted, newest first',
        querystring: QuarantineQuery,
        response: replies({ 200: Type.Array(QuarantineRow) }),
      },
    },
    async ({ query }) => facts.quarantined(query),
  );
  app.get<{ Params: Static<typeof TraceParams> }>(
    '/traces/:eventId',
    {
      config: { access: 'event.view' },
      schema: { tags, summary: 'The way of one event to the screens', params: TraceParams, response: replies({ 200: Trace }) },
    },
    async ({ params }) => {
      const trace = facts.trace(params.eventId);
      if (!trace) throw new HallError('NOT_FOUND', { field: '/eventId' });
      return trace;
    },
  );
};
