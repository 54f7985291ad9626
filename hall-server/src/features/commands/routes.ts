/** `/api/v1/halls/{hall}/commands` and `/command-batches`. */
import { BatchRequest, BatchView, CommandHistory, CommandId, CommandRequest, CommandView, HallError, Id } from '@hall/contracts';
import type { FastifyPluginAsync } from 'fastify';
import { Type, type Static } from 'typebox';
import { replies } from '../../platform/replies.ts';
import { askerOf } from '../people/access.ts';
import type { CommandService } from './service.ts';

const closed = { additionalProperties: false } as const;
const tags = ['commands'];
const Limit = Type.Optional(Type.Integer({ minimum: 1, maximum: 200, default: 20 }));
const ListQuery = Type.Object({ device: Type.Optional(Id), agent: Type.Optional(Id), limit: Limit }, closed);
const BatchesQuery = Type.Object({ limit: Type.Optional(Type.Integer({ minimum: 1, maximum: 50, default: 10 })) }, closed);
const OneParams = Type.Object({ hall: Id, id: CommandId }, closed);
type OneParams = Static<typeof OneParams>;

/** Giving commands, following them, and batches of them. */
export const commandRoutes: FastifyPluginAsync<{ commands: CommandService }> = async (app, { commands }) => {
  app.get<{ Querystring: Static<typeof ListQuery> }>(
    '/commands',
    {
      config: { access: 'device.view' },
      schema: {
        tags,
        summary: 'Commands, newest first; with an agent, those to the agent itself',
        querystring: ListQuery,
        response: replies({ 200: Type.Array(CommandView) }),
      },
    },
    async ({ query: { limit = 20, ...query } }) => commands.list({ ...query, limit }),
  );
  app.post<{ Body: CommandRequest }>(
    '/commands',
    {
      config: { access: 'device.command' },
      schema: {
        tags,
        summary: 'Give one command to a device or an agent',
        body: CommandRequest,
        response: replies({ 202: CommandView }),
      },
    },
    async (request, reply) => {
      // From a bundle of this server, by whoever may admit agents: `/updates`.
      if (request.body.act === 'update') throw new HallError('ACT_UNSUPPORTED', { field: '/act' });
      return reply.code(202).send(await commands.give(askerOf(request), request.body));
    },
  );
  app.get<{ Params: OneParams }>(
    '/commands/:id',
    {
      config: { access: 'device.view' },
      schema: { tags, summary: 'One command and its steps', params: OneParams, response: replies({ 200: CommandHistory }) },
    },
    async ({ params }) => commands.get(params.id),
  );
  app.post<{ Params: OneParams }>(
    '/commands/:id/cancel',
    {
      config: { access: 'device.command' },
      schema: {
        tags,
        summary: 'Take a command back that has not begun',
        params: OneParams,
        response: replies({ 202: CommandView }),
      },
    },
    async (request, reply) => reply.code(202).send(await commands.cancel(askerOf(request), request.params.id)),
  );

  app.get<{ Querystring: Static<typeof BatchesQuery> }>(
    '/command-batches',
    {
      config: { access: 'device.view' },
      schema: {
        tags,
        summary: 'Batches, newest first',
        querystring: BatchesQuery,
        response: replies({ 200: Type.Array(BatchView) }),
      },
    },
    async ({ query: { limit = 10 } }) => commands.batches(limit),
  );
  app.post<{ Body: BatchRequest }>(
    '/command-batches',
    {
      config: { access: 'device.command' },
      schema: {
        tags,
        summary: 'Give one act to many devices, a few at a time',
        body: BatchRequest,
        response: replies({ 202: BatchView }),
      },
    },
    async (request, reply) => reply.code(202).send(await commands.giveMany(askerOf(request), request.body)),
  );
  app.get<{ Params: OneParams }>(
    '/command-batches/:id',
    {
      config: { access: 'device.view' },
      schema: { tags, summary: 'One batch with its devices', params: OneParams, response: replies({ 200: BatchView }) },
    },
    async ({ params }) => commands.batch(params.id),
  );
  app.post<{ Params: OneParams }>(
    '/command-batches/:id/stop',
    {
      config: { access: 'device.command' },
      schema: {
        tags,
        summary: 'Cancel what of a batch has not begun',
        params: OneParams,
        response: replies({ 202: BatchView }),
      },
    },
    async (request, reply) => reply.code(202).send(await commands.stop(askerOf(request), request.params.id)),
  );
  app.post<{ Params: OneParams }>(
    '/command-batches/:id/resume',
    {
      config: { access: 'device.command' },
      schema: {
        tags,
        summary: 'Give it again to the devices that have not done it',
        params: OneParams,
        response: replies({ 202: BatchView }),
      },
    },
    async (request, reply) => reply.code(202).send(await commands.resume(askerOf(request), request.params.id)),
  );
  app.post<{ Params: OneParams }>(
    '/command-batches/:id/roll-back',
    {
      config: { access: 'device.command' },
      schema: {
        tags,
        summary: 'Give the way back to the devices that have done it',
        params: OneParams,
        response: replies({ 202: Type.Array(BatchView) }),
      },
    },
    async (request, reply) => reply.code(202).send(await commands.rollBack(askerOf(request), request.params.id)),
  );
};
