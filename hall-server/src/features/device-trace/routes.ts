/** `/api/v1/halls/{hall}/devices/{id}/trace`. */
import { DeviceTraceView, Id, TraceRequest } from '@hall/contracts';
import type { FastifyPluginAsync } from 'fastify';
import { Type, type Static } from 'typebox';
import { Nothing, replies } from '../../platform/replies.ts';
import { askerOf } from '../people/access.ts';
import type { DeviceTraceService } from './service.ts';

const tags = ['devices'];
const DeviceParams = Type.Object({ hall: Id, id: Id }, { additionalProperties: false });
type DeviceParams = Static<typeof DeviceParams>;

/** Starting a trace of raw frames, and reading it while it grows. */
export const deviceTraceRoutes: FastifyPluginAsync<{ traces: DeviceTraceService }> = async (app, { traces }) => {
  app.post<{ Params: DeviceParams; Body: TraceRequest }>(
    '/devices/:id/trace',
    {
      config: { access: 'device.trace' },
      schema: {
        tags,
        summary: 'Have the raw frames of a device told for a bounded time',
        params: DeviceParams,
        body: TraceRequest,
        response: replies({ 202: DeviceTraceView }),
      },
    },
    async (request, reply) => reply.code(202).send(await traces.start(request.params.id, request.body, askerOf(request))),
  );
  app.get<{ Params: DeviceParams }>(
    '/devices/:id/trace',
    {
      config: { access: 'device.trace' },
      schema: {
        tags,
        summary: 'The newest trace of a device; 204 where nobody has asked for one',
        params: DeviceParams,
        response: replies({ 200: DeviceTraceView, 204: Nothing }),
      },
    },
    async ({ params }, reply) => traces.newest(params.id) ?? reply.code(204).send(),
  );
};
