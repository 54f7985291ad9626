/** `/api/v1/halls/{hall}/discovery`. */
import { Adoption, AdoptRequest, DiscoveryView, Id, SearchRequest } from '@hall/contracts';
import type { FastifyPluginAsync } from 'fastify';
import { Type, type Static } from 'typebox';
import { Nothing, replies } from '../../platform/replies.ts';
import { askerOf } from '../people/access.ts';
import type { DiscoveryService } from './service.ts';

const closed = { additionalProperties: false } as const;
const tags = ['discovery'];
const FoundParams = Type.Object({ hall: Id, id: Type.Integer({ minimum: 1 }) }, closed);
type FoundParams = Static<typeof FoundParams>;
const Ignored = Type.Object({ ignored: Type.Boolean() }, closed);

/** Searching for devices, ignoring and adopting what was found. */
export const discoveryRoutes: FastifyPluginAsync<{ discovery: DiscoveryService }> = async (app, { discovery }) => {
  app.get(
    '/discovery',
    {
      config: { access: 'device.view' },
      schema: { tags, summary: 'Searches and the devices they have met', response: replies({ 200: DiscoveryView }) },
    },
    async () => discovery.view(),
  );
  app.post<{ Body: SearchRequest }>(
    '/discovery/searches',
    {
      config: { access: 'content.edit' },
      schema: {
        tags,
        summary: 'Have agents search for devices; they ask and never write',
        body: SearchRequest,
        response: replies({ 202: DiscoveryView }),
      },
    },
    async (request, reply) => reply.code(202).send(await discovery.search(request.body, askerOf(request))),
  );
  app.put<{ Params: FoundParams; Body: Static<typeof Ignored> }>(
    '/discovery/found/:id/ignored',
    {
      config: { access: 'content.edit' },
      schema: {
        tags,
        summary: 'Ignore a found device, or look at it again',
        params: FoundParams,
        body: Ignored,
        response: replies({ 204: Nothing }),
      },
    },
    async (request, reply) => {
      await discovery.ignore(request.params.id, request.body.ignored, askerOf(request));
      return reply.code(204).send();
    },
  );
  app.post<{ Params: FoundParams; Body: AdoptRequest }>(
    '/discovery/found/:id/adopt',
    {
      config: { access: 'content.edit' },
      schema: {
        tags,
        summary: 'Make a found device one of the hall, or with dryRun say what that would change',
        params: FoundParams,
        body: AdoptRequest,
        response: replies({ 200: Adoption }),
      },
    },
    async (request) => discovery.adopt(request.params.id, request.body, askerOf(request)),
  );
};
