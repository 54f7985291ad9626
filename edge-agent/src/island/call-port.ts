/** The local call port: what keys at windows, and the blank key, reach over this machine's own network alone. */
import { randomBytes, timingSafeEqual } from 'node:crypto';
import { once } from 'node:events';
import { chmod, mkdir, readFile, writeFile } from 'node:fs/promises';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import path from 'node:path';
import { errorCodes, HallError, Id, IslandActName, type IslandPhase, type MachineTime } from '@hall/contracts';
import { limitHttp, type HttpLimits } from '@hall/runtime';
import { Type } from 'typebox';
import { Compile } from 'typebox/compile';
import type { KeyPress, Pressed } from './island.ts';

/** Largest request, bytes; a press has about 80. */
const MOST_BYTES = 1024;
/** Key pads, and whatever else of this machine is slow on purpose. A key is never the oldest of those that have not asked yet. */
const LIMITS: HttpLimits = {
  headMs: 5000,
  bodyMs: 5000,
  mostHeads: 32,
  mostBodies: 16,
  mostBodyBytes: 32 * MOST_BYTES,
  bodyBytes: MOST_BYTES,
  mostConnections: 64,
  unreadMs: 30_000,
};
const TOKEN_BYTES = 32;
/** Where keys find address and token, in the data folder. */
export const CALL_PORT_FILE = 'call-port.json';

const Key = Type.String({ pattern: '^[a-z0-9][a-z0-9-]{0,39}$' });
const closed = { additionalProperties: false } as const;
const isPress = Compile(Type.Object({ window: Id, act: IslandActName, key: Key }, closed));
const isBlank = Compile(Type.Object({ on: Type.Boolean(), key: Key }, closed));

export interface CallPortState {
  readonly phase: IslandPhase;
  readonly blanked: boolean;
  /** Windows whose keys this agent serves. */
  readonly windows: readonly string[];
  readonly waiting: readonly { readonly service: string; readonly count: number; readonly at: number }[];
}

/** What stands behind the port; drivers of keypads call the same. */
export interface CallPort {
  press(press: KeyPress): Promise<Pressed>;
  /** All screens of the agent black until released; outlives a restart. */
  blank(on: boolean, key: string): Promise<void>;
  state(): CallPortState;
}

export interface CallPortServer {
  readonly url: string;
  close(): Promise<void>;
}

export interface CallPortOptions {
  readonly host: string;
  /** 0 takes a free port. */
  readonly port: number;
  readonly data: string;
  readonly machine: MachineTime;
  /** A connection was cut because what it sent never came to an end. */
  readonly slow?: () => void;
}

/** Listens on a loopback address. @throws HallError PORT_TAKEN `{host, port}`. */
export async function startCallPort(
  { host, port, data, machine, slow }: CallPortOptions,
  behind: CallPort,
): Promise<CallPortServer> {
  const file = path.join(data, CALL_PORT_FILE);
  const token = await tokenOf(file);
  const times = { requestTimeout: LIMITS.headMs + LIMITS.bodyMs, headersTimeout: LIMITS.headMs };
  const server = createServer({ ...times, connectionsCheckingInterval: LIMITS.headMs }, (request, response) => {
    answer(request, token, behind).then(
      (reply) => send(response, 200, reply),
      (error: unknown) => refuse(response, error),
    );
  });
  limitHttp(server, LIMITS, machine, slow);
  server.listen({ host, port });
  try {
    await once(server, 'listening');
  } catch (error) {
    if ((error as { code?: string }).code === 'EADDRINUSE')
      throw new HallError('PORT_TAKEN', { host, port, field: 'island.port' }, error);
    throw error;
  }
  const taken = (server.address() as AddressInfo).port;
  const url = `http://${host.includes(':') ? `[${host}]` : host}:${taken}`;
  await mkdir(data, { recursive: true });
  await writeFile(file, `${JSON.stringify({ url, token })}\n`, { mode: 0o600 });
  await chmod(file, 0o600);
  return {
    url,
    async close() {
      const ended = once(server, 'close');
      server.close();
      server.closeAllConnections();
      await ended;
    },
  };
}

/** The token of an earlier start goes on, so that keys need not be told. */
async function tokenOf(file: string): Promise<string> {
  try {
    const { token } = JSON.parse(await readFile(file, 'utf8')) as { token?: unknown };
    if (typeof token === 'string' && Buffer.from(token, 'base64url').length === TOKEN_BYTES) return token;
  } catch {
    // A first start, or a file somebody has spoilt: keys read the new one.
  }
  return randomBytes(TOKEN_BYTES).toString('base64url');
}

async function answer(request: IncomingMessage, token: string, behind: CallPort): Promise<unknown> {
  const given = Buffer.from(request.headers.authorization ?? '');
  const wanted = Buffer.from(`Bearer ${token}`);
  if (given.length !== wanted.length || !timingSafeEqual(given, wanted)) throw new HallError('CALL_PORT_TOKEN');
  // A page in a browser of this machine is no key, even if it learnt the token.
  if (request.headers.origin !== undefined) throw new HallError('CALL_PORT_TOKEN', { field: 'origin' });
  const place = `${request.method} ${request.url}`;
  if (place === 'GET /v1/state') return behind.state();
  if (place !== 'POST /v1/act' && place !== 'POST /v1/blank') throw new HallError('NOT_FOUND');
  const body = await bodyOf(request);
  if (place === 'POST /v1/act') {
    if (!isPress.Check(body)) throw new HallError('INPUT_INVALID');
    return behind.press(body);
  }
  if (!isBlank.Check(body)) throw new HallError('INPUT_INVALID');
  await behind.blank(body.on, body.key);
  return { blanked: body.on };
}

async function bodyOf(request: IncomingMessage): Promise<unknown> {
  const parts: Buffer[] = [];
  let bytes = 0;
  for await (const part of request as AsyncIterable<Buffer>) {
    bytes += part.length;
    if (bytes > MOST_BYTES) throw new HallError('BODY_TOO_LARGE');
    parts.push(part);
  }
  try {
    return JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(Buffer.concat(parts))) as unknown;
  } catch (error) {
    throw new HallError('BODY_NOT_JSON', {}, error);
  }
}

function send(response: ServerResponse, status: number, reply: unknown): void {
  response.writeHead(status, { 'content-type': 'application/json; charset=utf-8', 'cache-control': 'no-store' });
  response.end(JSON.stringify(reply));
}

function refuse(response: ServerResponse, error: unknown): void {
  const known = error instanceof HallError ? error : new HallError('INTERNAL', {}, error);
  const { http, en } = errorCodes[known.code];
  if (response.destroyed) return;
  if (known.code === 'BODY_TOO_LARGE') response.setHeader('connection', 'close');
  send(response, http, { code: known.code, message: en, ...known.details });
}
