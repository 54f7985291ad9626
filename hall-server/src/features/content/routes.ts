/** `/api/v1/halls/{hall}/content`. */
import {
  ContentKindSchema,
  HallCalendar,
  HallContent,
  HallSettings,
  HallError,
  Id,
  ImportReply,
  UnixMs,
  contentKinds,
  type ContentKind,
} from '@hall/contracts';
import type { FastifyPluginAsync, FastifyReply, FastifyRequest } from 'fastify';
import { Type, type Static } from 'typebox';
import { Nothing, replies } from '../../platform/replies.ts';
import { askerOf } from '../people/access.ts';
import type { Change, ContentService } from './service.ts';

const closed = { additionalProperties: false } as const;
const CONTENT_BYTES = 8 * 1024 * 1024;
const FILE_BYTES = 4 * 1024 * 1024;
const tags = ['content'];

const IfMatch = Type.Object({ 'if-match': Type.String({ description: 'ETag of the content the change was made from.' }) });
const OptionalIfMatch = Type.Partial(IfMatch);
const ExportQuery = Type.Object({ kind: Type.Optional(ContentKindSchema) }, closed);
const ImportQuery = Type.Object({ kind: ContentKindSchema, dryRun: Type.Optional(Type.Boolean({ default: false })) }, closed);
const VersionRow = Type.Object(
  {
    ver: Type.Integer(),
    at: UnixMs,
    person: Type.String(),
    changes: Type.Unknown({ description: 'Per kind: ids added, changed, removed.' }),
  },
  closed,
);
const ItemParams = Type.Object({ hall: Id, id: Id }, closed);
type ItemParams = Static<typeof ItemParams>;

const etag = (ver: number) => `"${ver}"`;
function changeOf(request: FastifyRequest): Change {
  const match = request.headers['if-match'];
  if (match === undefined || match === '*') return askerOf(request);
  const ver = /^(?:W\/)?"(\d{1,12})"$/.exec(match)?.[1];
  if (ver === undefined)
    throw new HallError('INPUT_INVALID', { field: 'if-match', expected: 'the ETag of the content, e.g. "12"' });
  return { ...askerOf(request), ifVersion: Number(ver) };
}
const stored = (reply: FastifyReply, ver: number) => reply.header('etag', etag(ver)).code(204).send();

/** Hall content: whole, by row, and as CSV. */
export const contentRoutes: FastifyPluginAsync<{ content: ContentService }> = async (app, { content }) => {
  app.addContentTypeParser(
    ['text/csv', 'application/csv', 'application/vnd.ms-excel'],
    { parseAs: 'buffer' },
    async (_: FastifyRequest, body: Buffer) => body,
  );

  app.get(
    '/content',
    {
      config: { access: 'content.view' },
      schema: { tags, summary: 'What the hall is made of', response: replies({ 200: HallContent }) },
    },
    async (_, reply) => {
      reply.header('etag', etag(content.version()));
      return content.load();
    },
  );
  app.put<{ Body: HallContent }>(
    '/content',
    {
      config: { access: 'content.edit' },
      bodyLimit: CONTENT_BYTES,
      schema: { tags, summary: 'Replace everything', headers: IfMatch, body: HallContent, response: replies({ 204: Nothing }) },
    },
    async (request, reply) => stored(reply, await content.replace(changeOf(request), request.body)),
  );
  app.get(
    '/content/versions',
    {
      config: { access: 'content.view' },
      schema: {
        tags,
        summary: 'Who changed what, newest first; 100 at most',
        response: replies({ 200: Type.Array(VersionRow) }),
      },
    },
    async () => content.history(100),
  );
  app.get<{ Querystring: Static<typeof ExportQuery> }>(
    '/content/export',
    {
      config: { access: 'content.view' },
      schema: {
        tags,
        summary: 'Download everything as JSON, or one kind as CSV',
        querystring: ExportQuery,
        response: replies({
          200: {
            description: 'Everything as JSON, or the rows of one kind as CSV in UTF-8 with BOM.',
            content: { 'application/json': { schema: HallContent }, 'text/csv': { schema: Type.String() } },
          },
        }),
      },
    },
    async ({ query: { kind } }, reply) => {
      const name = `hall-${kind ?? 'content'}-v${content.version()}.${kind ? 'csv' : 'json'}`;
      reply.header('content-disposition', `attachment; filename="${name}"`);
      if (kind) return reply.type('text/csv; charset=utf-8').send(content.csv(kind));
      return reply.type('application/json; charset=utf-8').send(`${JSON.stringify(content.load(), null, 2)}\n`);
    },
  );
  app.post<{ Querystring: Static<typeof ImportQuery>; Body: Buffer }>(
    '/content/import',
    {
      config: { access: 'content.edit' },
      bodyLimit: FILE_BYTES,
      schema: {
        tags,
        summary: 'Take a CSV file with all rows of one kind; any error changes nothing',
        body: { content: { 'text/csv': { schema: Type.Unknown({ description: 'CSV with a header, UTF-8 or GBK.' }) } } },
        querystring: ImportQuery,
        headers: OptionalIfMatch,
        response: replies({ 200: ImportReply }),
      },
    },
    async (request) => {
      if (!Buffer.isBuffer(request.body))
        throw new HallError('MEDIA_TYPE_UNSUPPORTED', { field: 'content-type', expected: 'text/csv' });
      const { kind, dryRun = false } = request.query;
      return content.import(changeOf(request), kind, request.body, dryRun);
    },
  );

  for (const part of ['settings', 'calendar'] as const) {
    const schema = part === 'settings' ? HallSettings : HallCalendar;
    app.put<{ Body: HallSettings & HallCalendar }>(
      `/content/${part}`,
      {
        config: { access: 'content.edit' },
        schema: {
          tags,
          summary: `Replace the ${part}`,
          headers: OptionalIfMatch,
          body: schema,
          response: replies({ 204: Nothing }),
        },
      },
      async (request, reply) => {
        const change = { ifVersion: content.version(), ...changeOf(request) };
        return stored(reply, await content.replace(change, { ...content.load(), [part]: request.body }));
      },
    );
  }

  const rowRoutes = <K extends ContentKind>(kind: K) => {
    app.put<{ Params: ItemParams; Body: HallContent[K][number] }>(
      `/content/${kind}/:id`,
      {
        config: { access: 'content.edit' },
        schema: {
          tags,
          summary: `Add or replace one row of ${kind}`,
          params: ItemParams,
          headers: OptionalIfMatch,
          body: HallContent.properties[kind].items,
          response: replies({ 204: Nothing }),
        },
      },
      async (request, reply) => {
        const item = request.body as HallContent[K][number];
        if (item.id !== request.params.id)
          throw new HallError('INPUT_INVALID', { field: '/id', expected: 'the id of the address' });
        return stored(reply, await content.put(changeOf(request), kind, item));
      },
    );
    app.delete<{ Params: ItemParams }>(
      `/content/${kind}/:id`,
      {
        config: { access: 'content.edit' },
        schema: {
          tags,
          summary: `Remove one row of ${kind}`,
          params: ItemParams,
          headers: OptionalIfMatch,
          response: replies({ 204: Nothing }),
        },
      },
      async (request, reply) => stored(reply, await content.remove(changeOf(request), kind, request.params.id)),
    );
  };
  for (const kind of contentKinds) rowRoutes(kind);
};
