/** `/api/v1/halls/{hall}/updates`. */
import { BundleHash, BundleView, CommandView, HallError, Id, MOST_BUNDLE_BYTES, UpdateOffer, type Clock } from '@hall/contracts';
import type { FastifyPluginAsync, FastifyRequest } from 'fastify';
import { Type, type Static } from 'typebox';
import { Nothing, replies } from '../../platform/replies.ts';
import { askerOf } from '../people/access.ts';
import { limitByAddress } from '../people/address-limit.ts';
import type { UpdateService } from './service.ts';

const tags = ['fleet'];
const One = Type.Object({ hall: Id, sha256: BundleHash }, { additionalProperties: false });
type One = Static<typeof One>;

/** One range of bytes, both ends inclusive; everything where none is asked for. @throws HallError INPUT_INVALID. */
export function rangeOf(header: string | undefined, size: number): { from: number; to: number } {
  if (header === undefined) return { from: 0, to: size - 1 };
  const [, from = '', to = ''] = /^bytes=(\d{1,9})-(\d{0,9})$/.exec(header) ?? [];
  const range = { from: Number(from), to: Math.min(to === '' ? size - 1 : Number(to), size - 1) };
  if (from === '' || range.from > range.to)
    throw new HallError('INPUT_INVALID', { field: 'range', expected: `bytes=0-${size - 1}` });
  return range;
}

/** Bundles, and updating agents from them. */
export const updateRoutes: FastifyPluginAsync<{ hall: string; clock: Clock; updates: UpdateService }> = async (
  app,
  { hall, clock, updates },
) => {
  const mayFetch = limitByAddress(clock.machine, { burst: 2000, everyMs: 5 });
  // As it comes, straight into a file.
  app.addContentTypeParser('application/octet-stream', (_: FastifyRequest, payload, done) => done(null, payload));

  app.get(
    '/updates',
    {
      config: { access: 'agent.admit' },
      schema: { tags, summary: 'Bundles for agents, newest first', response: replies({ 200: Type.Array(BundleView) }) },
    },
    async () => updates.list(),
  );
  app.post<{ Body: AsyncIterable<Uint8Array> }>(
    '/updates',
    {
      config: { access: 'agent.admit' },
      bodyLimit: MOST_BUNDLE_BYTES,
      schema: {
        tags,
        summary: 'Upload a bundle, application/octet-stream',
        consumes: ['application/octet-stream'],
        response: replies({ 201: BundleView }),
      },
    },
    async (request, reply) => {
      const body: unknown = request.body;
      if (typeof body !== 'object' || body === null || !(Symbol.asyncIterator in body))
        throw new HallError('MEDIA_TYPE_UNSUPPORTED');
      return reply.code(201).send(await updates.upload(askerOf(request), request.body));
    },
  );
  app.delete<{ Params: One }>(
    '/updates/:sha256',
    {
      config: { access: 'agent.admit' },
      schema: { tags, summary: 'Delete a bundle', params: One, response: replies({ 204: Nothing }) },
    },
    async (request, reply) => {
      await updates.remove(askerOf(request), request.params.sha256);
      return reply.code(204).send();
    },
  );
  app.post<{ Params: One; Body: UpdateOffer }>(
    '/updates/:sha256/offer',
    {
      config: { access: 'agent.admit' },
      schema: {
        tags,
        summary: 'Command an agent to update itself from a bundle',
        params: One,
        body: UpdateOffer,
        response: replies({ 202: CommandView }),
      },
    },
    async (request, reply) =>
      reply.code(202).send(await updates.offer(askerOf(request), request.params.sha256, request.body.agent)),
  );
  app.get<{ Params: One }>(
    '/updates/:sha256/bundle',
    {
      config: { access: 'public', rateLimit: false },
      schema: {
        tags,
        summary: 'A range of a bundle, for an agent with the token of its command',
        params: One,
        produces: ['application/octet-stream'],
        response: replies({ 206: Type.String({ format: 'binary' }) }),
      },
    },
    async ({ params, headers, ip }, reply) => {
      if (params.hall !== hall) throw new HallError('HALL_UNKNOWN');
      mayFetch(ip);
      const [, token = ''] = /^Bearer ([\w-]{43})$/.exec(headers.authorization ?? '') ?? [];
      const { size, from, to, stream } = await updates.read(params.sha256, token, (whole) => rangeOf(headers.range, whole));
      return reply
        .code(206)
        .header('content-type', 'application/octet-stream')
        .header('content-range', `bytes ${from}-${to}/${size}`)
        .header('content-length', to - from + 1)
        .send(stream);
    },
  );
};
