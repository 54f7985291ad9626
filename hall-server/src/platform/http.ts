/** How the server speaks HTTP: limits, request ids, and the one place where errors become replies. */
import { randomBytes } from 'node:crypto';
import { createServer, type RequestListener } from 'node:http';
import { createServer as createSecureServer } from 'node:https';
import { HallError, codeOf, errorCodes, type ErrorCode, type ErrorReply } from '@hall/contracts';
import type { TlsKeeper } from './ca/tls-material.ts';
import fastify, { LogController, type FastifyBaseLogger, type FastifyInstance, type FastifyServerFactory } from 'fastify';

/** A request that is not complete by then is given up; protects against slow senders. */
const REQUEST_MS = 30_000;
const BODY_BYTES = 1024 * 1024;
const RETRY_AFTER_S = 5;

/** What fastify refuses by itself, in our words. */
const frameworkCodes: Readonly<Record<string, ErrorCode>> = {
  FST_ERR_CTP_BODY_TOO_LARGE: 'BODY_TOO_LARGE',
  FST_ERR_CTP_INVALID_MEDIA_TYPE: 'MEDIA_TYPE_UNSUPPORTED',
  FST_ERR_CTP_EMPTY_JSON_BODY: 'BODY_NOT_JSON',
  FST_ERR_CTP_INVALID_JSON_BODY: 'BODY_NOT_JSON',
  FST_ERR_CTP_INVALID_CONTENT_LENGTH: 'INPUT_INVALID',
  FST_ERR_VALIDATION: 'INPUT_INVALID',
  FST_ERR_BAD_URL: 'NOT_FOUND',
};

interface FrameworkError extends Error {
  readonly code?: string;
  readonly statusCode?: number;
  readonly validation?: ReadonlyArray<{ instancePath: string; message?: string; params?: Record<string, unknown> }>;
  readonly validationContext?: string;
}

const text = (value: unknown): string | undefined => (typeof value === 'string' ? value : undefined);

/** The failure behind anything thrown in a route. */
function toHallError(error: FrameworkError): HallError {
  if (error instanceof HallError) return error;
  const code = frameworkCodes[error.code ?? ''];
  const [first] = error.validation ?? [];
  if (first) {
    const missing = text(first.params?.['missingProperty'] ?? first.params?.['additionalProperty']);
    const field = missing === undefined ? first.instancePath : `${first.instancePath}/${missing}`;
    return new HallError('INPUT_INVALID', { field, expected: first.message });
  }
  if (code === 'MEDIA_TYPE_UNSUPPORTED') return new HallError(code, { field: 'content-type' });
  if (code) return new HallError(code);
  if (error.statusCode === 429) return new HallError('RATE_LIMITED', { retryAfterS: RETRY_AFTER_S });
  if (error.statusCode !== undefined && error.statusCode < 500) return new HallError('INPUT_INVALID');
  return new HallError('INTERNAL', {}, error);
}

/** The reply of a failure; 5xx causes stay in the log. */
export function errorReply(error: HallError, requestId: string): ErrorReply {
  const { code, details } = error;
  const field = text(details['field']);
  const expected = text(details['expected']);
  const retryAfterS = errorCodes[code].retry ? Number(details['retryAfterS'] ?? RETRY_AFTER_S) : undefined;
  return {
    code,
    message: errorCodes[code].en,
    ...(field !== undefined && { field }),
    ...(expected !== undefined && { expected }),
    requestId,
    ...(retryAfterS !== undefined && { retryAfterS }),
  };
}

/** Speaks HTTPS with what the keeper has, and with what it has later; connections that are open go on. */
function secureServer(tls: Pick<TlsKeeper, 'material' | 'onRenewed'>, handler: RequestListener): ReturnType<typeof createServer> {
  const { cert, key } = tls.material;
  const limits = { requestTimeout: REQUEST_MS, handshakeTimeout: REQUEST_MS };
  const server = createSecureServer({ cert, key, minVersion: 'TLSv1.2', ...limits }, handler);
  server.timeout = 2 * REQUEST_MS;
  tls.onRenewed((next) => server.setSecureContext({ cert: next.cert, key: next.key, minVersion: 'TLSv1.2' }));
  return server as unknown as ReturnType<typeof createServer>;
}

/** An instance without routes; over TLS if there is something to show. */
export function createHttp(log: FastifyBaseLogger, tls?: Pick<TlsKeeper, 'material' | 'onRenewed'>): FastifyInstance {
  const serverFactory: FastifyServerFactory | undefined = tls && ((handler) => secureServer(tls, handler));
  const prefix = randomBytes(4).toString('hex');
  let request = 0;
  const app: FastifyInstance = fastify({
    loggerInstance: log,
    logController: new LogController({ disableRequestLogging: true }),
    childLoggerFactory: (logger) => logger,
    genReqId: () => {
      request += 1;
      return `${prefix}-${request}`;
    },
    ...(serverFactory && { serverFactory }),
    requestTimeout: REQUEST_MS,
    connectionTimeout: 2 * REQUEST_MS,
    bodyLimit: BODY_BYTES,
    ajv: { customOptions: { removeAdditional: false } },
  });
  app.setErrorHandler(async (thrown, { id, method, routeOptions }, reply) => {
    const error = toHallError(thrown as FrameworkError);
    const code = codeOf(error);
    const { http } = errorCodes[code];
    if (http >= 500) {
      const level = code === 'INTERNAL' ? 'error' : 'warn';
      log[level]({ requestId: id, method, route: routeOptions.url, code, error: error.cause ?? error }, 'request failed');
    }
    const body = errorReply(error, id);
    if (body.retryAfterS !== undefined) void reply.header('retry-after', body.retryAfterS);
    return reply.code(http).type('application/json; charset=utf-8').serializer(JSON.stringify).send(body);
  });
  return app;
}
