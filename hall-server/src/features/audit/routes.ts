/** `/api/v1/halls/{hall}/audit`. */
import { AuditRow } from '@hall/contracts';
import type { FastifyPluginAsync } from 'fastify';
import { Type, type Static } from 'typebox';
import { replies } from '../../platform/replies.ts';
import type { Database } from '../../platform/store/database.ts';
import { createAuditStore, verifyChain } from './store.ts';

const Query = Type.Object(
  {
    person: Type.Optional(Type.String({ maxLength: 32 })),
    action: Type.Optional(Type.String({ maxLength: 64 })),
    before: Type.Optional(Type.Integer({ minimum: 1, description: 'Only rows older than this seq.' })),
    limit: Type.Optional(Type.Integer({ minimum: 1, maximum: 200, default: 50 })),
  },
  { additionalProperties: false },
);
const Verdict = Type.Object(
  {
    whole: Type.Boolean(),
    rows: Type.Optional(Type.Integer({ description: 'Rows verified, when whole.' })),
    broken: Type.Optional(Type.Integer({ description: 'Seq of the first row that is missing, altered or out of place.' })),
  },
  { additionalProperties: false },
);
const tags = ['audit'];

/** The audit chain, newest first, and its verification. */
export const auditRoutes: FastifyPluginAsync<{ db: Database }> = async (app, { db }) => {
  const store = createAuditStore(db);
  app.get<{ Querystring: Static<typeof Query> }>(
    '/audit',
    {
      config: { access: 'audit.view' },
      schema: {
        tags,
        summary: 'Who did what, newest first',
        querystring: Query,
        response: replies({ 200: Type.Array(AuditRow) }),
      },
    },
    async ({ query }) => store.rows({ ...query, limit: query.limit ?? 50 }),
  );
  app.get(
    '/audit/verdict',
    {
      config: { access: 'audit.view' },
      schema: { tags, summary: 'Verify the whole chain', response: replies({ 200: Verdict }) },
    },
    async () => verifyChain(db),
  );
};
