/** The OpenAPI document, made from the schemas of the routes. */
import { fastifySwagger } from '@fastify/swagger';
import type { FastifyInstance } from 'fastify';

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
          session: { type: 'apiKey', in: 'cookie', name: 'hall_session', description: 'Changes also need x-csrf-token.' },
        },
      },
    },
  });
}

/** The document of an instance whose routes are registered; nothing listens. */
export async function openApiDocument(app: FastifyInstance): Promise<object> {
  await app.ready();
  return app.swagger();
}
