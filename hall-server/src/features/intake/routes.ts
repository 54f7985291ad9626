/** `POST /api/v1/halls/{hall}/platform/events` and `…/snapshot`: signed requests of the city platform. */
import { hash } from 'node:crypto';
import { HallError, type Clock, type ErrorCode, type IntakeReply } from '@hall/contracts';
import type { FastifyPluginAsync, FastifyReply, FastifyRequest } from 'fastify';
import type { Webhook } from '../../platform/store/protocol.ts';
import { BODY_LIMITS, MODES, binaryField, givenOf, modeOf, type Mode } from './http-event.ts';
import { INTAKE_LIMITS, loadLimit, type LoadLimits } from './load-limit.ts';
import type { Platform, Platforms } from './platforms.ts';
import { eventsSchema, snapshotSchema } from './route-schemas.ts';
import type { IntakeService } from './service.ts';
import { verifySignature } from './signature.ts';
import { MAX_SNAPSHOT_BYTES, type SnapshotService } from './snapshot.ts';
import { decodeUtf8 } from './strict-json.ts';

export interface IntakeRouteOptions {
  readonly hall: string;
  readonly clock: Clock;
  readonly platforms: Platforms;
  readonly intake: IntakeService;
  readonly snapshots: SnapshotService;
  readonly limits?: LoadLimits;
}

const NO_BODY = Buffer.alloc(0);
const JSON_TYPE = 'application/json; charset=utf-8';
const SIGNED = { config: { access: 'signed' } } as const;

/** Why the only event of a request was quarantined. */
function refusalOf(mode: Mode, json: string): HallError {
  const [only] = (JSON.parse(json) as IntakeReply).outcomes;
  const { code, field = '', reason } = only ?? {};
  return new HallError(code as ErrorCode, { field: mode === 'binary' ? binaryField(field) : field, expected: reason });
}

/** Signed routes. Replies to events come from the writer as they are sent, because this is the way every event takes. */
export const intakeRoutes: FastifyPluginAsync<IntakeRouteOptions> = async (app, options) => {
  const { hall, clock, platforms, intake, snapshots } = options;
  const load = loadLimit(options.limits ?? INTAKE_LIMITS);

  app.removeAllContentTypeParsers();
  app.addContentTypeParser(Object.keys(MODES), { parseAs: 'buffer' }, (_, body, done) => done(null, body));

  const enter =
    (largest: number) =>
    ({ params, headers, raw }: FastifyRequest<{ Params: { hall: string } }>, _: FastifyReply, done: (error?: Error) => void) => {
      if (params.hall !== hall) return done(new HallError('HALL_UNKNOWN', { field: 'hall' }));
      const declared = Number(headers['content-length'] ?? Number.NaN);
      try {
        raw.on('close', load.enter(Number.isFinite(declared) ? Math.min(declared, largest) : largest));
      } catch (error) {
        return done(error as Error);
      }
      done();
    };

  /** Who signed this request. A failure looks at the rows again: the platform may have been added a moment ago. */
  const signed = (request: FastifyRequest, body: Buffer): { platform: Platform; webhook: Webhook } => {
    const wallMs = clock.wall.nowMs();
    const verify = () => verifySignature(request.headers, body, platforms.all(), wallMs);
    let found: ReturnType<typeof verify>;
    try {
      found = verify();
    } catch (error) {
      if (!(error instanceof HallError) || error.code !== 'SIGNATURE_INVALID') throw error;
      platforms.suspect();
      found = verify();
    }
    const { signer, webhookId, expiresAt } = found;
    return {
      platform: signer,
      webhook: { id: webhookId, digest: hash('sha256', body, 'base64'), expiresAt },
    };
  };

  app.post<{ Params: { hall: string } }>(
    '/halls/:hall/platform/events',
    {
      ...SIGNED,
      bodyLimit: BODY_LIMITS.batch,
      onRequest: enter(BODY_LIMITS.batch),
      schema: eventsSchema,
      validatorCompiler: () => () => true,
    },
    async (request, reply) => {
      const body = (request.body as Buffer | undefined) ?? NO_BODY;
      const { platform, webhook } = signed(request, body);
      const mode = modeOf(request.headers);
      const { json, quarantined } = await intake.submit(platform, givenOf(mode, request.headers, body), webhook);
      if (quarantined > 0 && mode !== 'batch') throw refusalOf(mode, json);
      return reply.code(202).type(JSON_TYPE).send(json);
    },
  );

  app.post<{ Params: { hall: string } }>(
    '/halls/:hall/platform/snapshot',
    {
      ...SIGNED,
      bodyLimit: MAX_SNAPSHOT_BYTES,
      onRequest: enter(MAX_SNAPSHOT_BYTES),
      schema: snapshotSchema,
      serializerCompiler: () => (reply) => JSON.stringify(reply),
      validatorCompiler: () => () => true,
    },
    async (request, reply) => {
      const body = (request.body as Buffer | undefined) ?? NO_BODY;
      const { platform, webhook } = signed(request, body);
      if (modeOf(request.headers) !== 'binary') {
        throw new HallError('MEDIA_TYPE_UNSUPPORTED', { field: 'content-type', expected: 'application/json' });
      }
      await snapshots.apply(platform, decodeUtf8(body), webhook);
      return reply.code(202).send({ accepted: true });
    },
  );
};
