/** The board pages: static files, one event stream per page, and the answer of a page that has painted. */
import type { IncomingMessage, ServerResponse } from 'node:http';
import { createRequire } from 'node:module';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import fastifyStatic from '@fastify/static';
import { isId, type Clock } from '@hall/contracts';
import { createPatience, packageFolderOf } from '@hall/runtime';
import Fastify, { type FastifyReply } from 'fastify';
import { Type } from 'typebox';
import type { BoardMessage } from './boards.ts';
import { enrolmentPage } from './enrolment-page.ts';
import { MOST_BYTES, type KioskOptions } from './server.ts';

/** A page that hears less often than this is on its own; also tells it the hall time, ms. */
const TICK_MS = 2000;
/** Bytes a page may have unread before it is cut off: it will come back and get the newest board. */
const MOST_UNREAD = 256 * 1024;
/** Pages that are open at a time; beyond it the device that has most loses its oldest, which comes back if somebody looks at it. */
export const MOST_PAGES = 64;

/** No inline script or style; nothing from anywhere else. The stage of a simulated hall on this machine may frame the page. */
const CONTENT_POLICY = [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'self'",
  "font-src 'self'",
  "connect-src 'self'",
  "base-uri 'none'",
  "form-action 'none'",
  "frame-ancestors 'self' http://127.0.0.1:* http://localhost:*",
].join('; ');

const assets = fileURLToPath(new URL('assets/page/', packageFolderOf(import.meta.url)));
const fonts = path.dirname(createRequire(import.meta.url).resolve('@fontsource-variable/noto-sans-sc/package.json'));

const DeviceParams = Type.Object({ device: Type.String({ maxLength: 32 }) });
const Painted = Type.Object(
  {
    hash: Type.String({ pattern: '^([0-9a-f]{64})?$', description: 'Of the board on the page; empty for its own neutral text.' }),
  },
  { additionalProperties: false },
);

export interface Pages {
  handle(request: IncomingMessage, response: ServerResponse): void;
  close(): Promise<void>;
}

/** The pages without a port of their own. */
export async function createPages({ epoch, boards, hallTime, zone, codes, slow }: KioskOptions, clock: Clock): Promise<Pages> {
  const app = Fastify({ bodyLimit: MOST_BYTES });
  const over = new AbortController();
  const streams = new Set<FastifyReply>();
  const open = createPatience({ machine: clock.machine, forMs: Number.POSITIVE_INFINITY, most: MOST_PAGES });

  app.addHook('onSend', async (_request, reply) => {
    reply.header('content-security-policy', CONTENT_POLICY);
    reply.header('x-content-type-options', 'nosniff');
    reply.header('referrer-policy', 'no-referrer');
  });
  await app.register(fastifyStatic, { root: assets, prefix: '/kiosk/', cacheControl: false });
  await app.register(fastifyStatic, { root: fonts, prefix: '/fonts/', decorateReply: false, immutable: true, maxAge: '30d' });

  const html = (reply: FastifyReply, text: string) => reply.type('text/html; charset=utf-8').send(text);
  app.get('/', async (_request, reply) => {
    const shown = codes();
    return shown ? html(reply, enrolmentPage(shown)) : reply.code(404).send();
  });
  app.get('/screen/:device', { schema: { params: DeviceParams } }, async (request, reply) => {
    if (!isId((request.params as { device: string }).device)) return reply.code(404).send();
    const shown = codes();
    if (shown) return html(reply, enrolmentPage(shown));
    return reply.type('text/html; charset=utf-8').sendFile('board.html', assets);
  });

  app.post('/screen/:device/painted', { schema: { params: DeviceParams, body: Painted } }, async (request, reply) => {
    boards.painted((request.params as { device: string }).device, (request.body as { hash: string }).hash);
    return reply.code(204).send();
  });

  app.get('/screen/:device/events', { schema: { params: DeviceParams } }, (request, reply) => {
    const { device } = request.params as { device: string };
    if (!isId(device)) return reply.code(404).send();
    reply.hijack();
    const { raw } = reply;
    raw.writeHead(200, {
      'content-type': 'text/event-stream; charset=utf-8',
      'cache-control': 'no-store',
      'x-content-type-options': 'nosniff',
      connection: 'keep-alive',
    });
    const cut = () => {
      slow?.();
      raw.destroy();
    };
    const page = open.begin(device, cut);
    const seen = request.headers['last-event-id'];
    const write = (text: string) => {
      if (raw.destroyed) return;
      raw.write(text);
      if (raw.writableLength > MOST_UNREAD) cut();
    };
    const time = () => ({
      hallMs: hallTime.nowMs(),
      speed: hallTime.speed,
      zone: zone(),
      trusted: hallTime.trust !== 'untrusted',
    });
    const show = ({ number, ...board }: BoardMessage) => {
      const id = `${epoch}-${number}`;
      if (id !== seen) write(`id: ${id}\nevent: board\ndata: ${JSON.stringify({ ...board, ...time() })}\n\n`);
    };
    const tick = () => write(`event: tick\ndata: ${JSON.stringify(time())}\n\n`);
    tick();
    const leave = boards.join(device, { show, rest: () => write('event: rest\ndata: {}\n\n') });
    streams.add(reply);
    const gone = new AbortController();
    raw.once('close', () => {
      gone.abort();
      page.over();
      streams.delete(reply);
      leave();
    });
    void ticking(AbortSignal.any([gone.signal, over.signal]));
    async function ticking(signal: AbortSignal): Promise<void> {
      while (!signal.aborted) {
        await clock.machine.sleep(TICK_MS, signal).catch(() => {});
        if (!signal.aborted) tick();
      }
    }
    return reply;
  });

  await app.ready();
  return {
    handle: (request, response) => app.routing(request, response),
    async close() {
      over.abort();
      for (const { raw } of streams) raw.destroy();
      await app.close();
    },
  };
}
