/** `/api/v1/halls/{hall}/island`. */
import { IslandQuery, IslandView } from '@hall/contracts';
import type { FastifyPluginAsync } from 'fastify';
import type { Static } from 'typebox';
import { replies } from '../../platform/replies.ts';
import type { IslandService } from './service.ts';

/** What agents did while the server was away, and where the platform says otherwise. */
export const islandRoutes: FastifyPluginAsync<{ island: IslandService }> = async (app, { island }) => {
  app.get<{ Querystring: Static<typeof IslandQuery> }>(
    '/island',
    {
      config: { access: 'event.view' },
      schema: {
        tags: ['hall'],
        summary: 'Island mode: agents, what they called alone, and conflicts with the platform',
        querystring: IslandQuery,
        response: replies({ 200: IslandView }),
      },
    },
    async ({ query }) => island.view(query),
  );
};
