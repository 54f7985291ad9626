/** How the server speaks HTTP: limits, request ids, and the one place where errors become replies. */
import { randomBytes } from 'node:crypto';
import { createServer } from 'node:http';
import { createServer as createSecureServer } from 'node:https';
import { HallError, codeOf, errorCodes, type ErrorCode, type ErrorReply, type MachineTime } from '@hall/contracts';
import { limitHttp, type HttpLimits } from '@hall/runtime';
import type { TlsKeeper } from './ca/tls-material.ts';
import fastify, { LogController, type FastifyBaseLogger, type FastifyInstance, type FastifyServerFactory } from 'fastify';

const BODY_BYTES = 1024 * 1024;
const RETRY_AFTER_S = 5;
/** What those who are slow on purpose can hold. A body of the largest size takes 30 s at 280 kbit/s. */
export const HTTP_LIMITS: HttpLimits = {
  headMs: 10_000,
  bodyMs: 30_000,
  mostHeads: 1000,
  mostBodies: 500,
  mostBodyBytes: 64 * BODY_BYTES,
  bodyBytes: BODY_BYTES,
  mostConnections: 4000,
  unreadMs: 60_000,
};
/** How often Node looks at what is late by its own count: the next requests of a connection. */
const LOOK_MS = 5000;
/** A connection between two requests. */
const REST_MS = 72_000;

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

type Tls = Pick<TlsKeeper, 'material' | 'onRenewed'>;

/** Makes the server, over TLS with what the keeper has and with what it has later; connections that are open go on. */
function factory(machine: MachineTime, tls: Tls | undefined, slow: () => void): FastifyServerFactory {
  const { headMs, bodyMs } = HTTP_LIMITS;
  const times = {
    headersTimeout: headMs,
    requestTimeout: headMs + bodyMs,
    connectionsCheckingInterval: LOOK_MS,
    keepAliveTimeout: REST_MS,
  };
  return (handler) => {
    const make = () => {
      if (!tls) return createServer(times, handler);
      const { cert, key } = tls.material;
      const server = createSecureServer({ cert, key, minVersion: 'TLSv1.2', handshakeTimeout: headMs, ...times }, handler);
      tls.onRenewed((next) => server.setSecureContext({ cert: next.cert, key: next.key, minVersion: 'TLSv1.2' }));
      return server as unknown as ReturnType<typeof createServer>;
    };
    const server = make();
    limitHttp(server, HTTP_LIMITS, machine, slow);
    return server;
  };
}

export interface Http {
  /** Without routes. */
  readonly app: FastifyInstance;
  /** Connections cut so far because what they sent never came to an end. */
  readonly slow: () => number;
}

/** Speaks TLS if there is something to show. */
export function createHttp(log: FastifyBaseLogger, machine: MachineTime, tls?: Tls): Http {
  let slow = 0;
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
    serverFactory: factory(machine, tls, () => void (slow += 1)),
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
  return { app, slow: () => slow };
}
