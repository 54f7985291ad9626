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
        description:
          'HTTP API of the hall server. Error replies have a code of docs/errors.md; what may succeed later says when in `Retry-After`.',
      },
      tags: [
        { name: 'people', description: 'Sign-in, sessions, people' },
        { name: 'hall', description: 'What the hall is doing' },
        { name: 'content', description: 'What the hall is made of' },
        { name: 'intake', description: 'Events of the city platform' },
        { name: 'notices', description: 'Who is told of alarms' },
        { name: 'work orders', description: 'What is done about a fault' },
        { name: 'fleet', description: 'Admitting agents, their keys and certificates' },
        { name: 'audit', description: 'Who did what' },
      ],
      components: {
        securitySchemes: {
          webhook: {
            type: 'apiKey',
            in: 'header',
            name: 'webhook-signature',
            description:
              'Standard Webhooks 1.0: one or more, separated by spaces, of `v1,` and the base64 of HMAC-SHA256 over `{webhook-id}.{webhook-timestamp}.{body}`. The key is the base64 text after `whsec_`.',
          },
          session: { type: 'apiKey', in: 'cookie', name: 'hall_session', description: 'Changes also need x-csrf-token.' },
        },
      },
    },
    transform: ({ schema, url, route }) => ({ schema: withAccess(schema ?? {}, route.config?.access), url }),
  });
}

/** Makes every schema with a title a component, so that it stands in the document once. */
function withComponents(document: Record<string, unknown>): object {
  const schemas: Record<string, unknown> = {};
  const hoist = (value: unknown): unknown => {
    if (Array.isArray(value)) return value.map(hoist);
    if (typeof value !== 'object' || value === null) return value;
    const copy = Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, hoist(inner)]));
    const { title } = copy;
    if (typeof title !== 'string' || 'version' in copy) return copy;
    const { title: _, ...schema } = copy;
    schemas[title] = schema;
    return { $ref: `#/components/schemas/${title}` };
  };
  const { components, ...rest } = hoist(document) as { components: object };
  return { ...rest, components: { ...components, schemas } };
}

/** The document of an instance whose routes are registered; nothing listens. */
export async function openApiDocument(app: FastifyInstance): Promise<object> {
  await app.ready();
  return withComponents(app.swagger() as unknown as Record<string, unknown>);
}
