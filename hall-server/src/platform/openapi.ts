/** The OpenAPI document, made from the schemas of the routes. */
import { fastifySwagger } from '@fastify/swagger';
import { permissions } from '@hall/contracts';
import type { FastifyInstance, FastifySchema } from 'fastify';
import type { Access } from '../features/people/access.ts';

/** What a reader must know to be let in. */
function withAccess(schema: FastifySchema, access: Access | undefined): FastifySchema {
  if (access === undefined || access === 'public') return schema;
  if (access === 'signed') return { ...schema, security: [{ webhook: [] }] };
  const description = `Needs the permission \`${access}\`: ${permissions[access].join(', ')}.`;
  return { ...schema, description, security: [{ session: [] }] };
}

/** Registers the collector of route schemas; before any route. */
export async function installOpenApi(app: FastifyInstance, { version }: { version: string }): Promise<void> {
  await app.register(fastifySwagger, {
    openapi: {
      openapi: '3.1.0',
      info: {
        title: 'Hall Control',
        version,
        description: 'HTTP API of the hall server. Error replies have a code of docs/errors.md.',
      },
      tags: [
        { name: 'people', description: 'Sign-in, sessions, people' },
        { name: 'hall', description: 'What the hall is doing' },
        { name: 'content', description: 'What the hall is made of' },
        { name: 'intake', description: 'Events of the city platform' },
        { name: 'audit', description: 'Who did what' },
      ],
      components: {
        securitySchemes: {
          webhook: {
            type: 'apiKey',
            in: 'header',
            name: 'webhook-signature',
            description: 'Standard Webhooks: webhook-id, webhook-timestamp and webhook-signature.',
          },
          session: { type: 'apiKey', in: 'cookie', name: 'hall_session', description: 'Changes also need x-csrf-token.' },
        },
      },
    },
    transform: ({ schema, url, route }) => ({ schema: withAccess(schema ?? {}, route.config?.access), url }),
  });
}

/** The document of an instance whose routes are registered; nothing listens. */
export async function openApiDocument(app: FastifyInstance): Promise<object> {
  await app.ready();
  return app.swagger();
}
