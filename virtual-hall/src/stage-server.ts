/** Serves the stage: one page, one stream of changes, and the buttons. For the machine it runs on only. */
import { fileURLToPath } from 'node:url';
import fastifyStatic from '@fastify/static';
import { HallError, Id, oneOf, pauseReasons, TicketNumber, type Clock } from '@hall/contracts';
import Fastify, { type FastifyReply } from 'fastify';
import { Type, type Static } from 'typebox';
import { Compile } from 'typebox/compile';
import type { StageAct } from './stage-messages.ts';
import { changesOf, everything, stageHall } from './stage-view.ts';
import type { RunningHall } from './virtual-hall.ts';

/** How often a page hears what changed. */
const TELL_MS = 100;
/** Bytes a page may have unread before it is cut off; it comes back and gets everything. */
const MOST_UNREAD = 4 * 1024 * 1024;
/** 断电: a card is without power this long. */
const POWER_OFF_MS = 3000;

const closed = { additionalProperties: false } as const;
const window = { window: Id };
const Act = Type.Union([
  Type.Object({ act: Type.Literal('take'), service: Id }, closed),
  Type.Object({ act: Type.Literal('call'), ...window, ticket: Type.Optional(TicketNumber) }, closed),
  Type.Object({ act: Type.Literal('recall'), ...window }, closed),
  Type.Object({ act: Type.Literal('end'), ...window }, closed),
  Type.Object(
    {
      act: Type.Literal('pause'),
      ...window,
      reason: oneOf(pauseReasons),
      returnAtMs: Type.Optional(Type.Integer({ minimum: 0 })),
    },
    closed,
  ),
  Type.Object({ act: Type.Literal('resume'), ...window }, closed),
]);
const Plug = Type.Union([Type.Literal('unplug'), Type.Literal('plug')]);
const Fault = Type.Union([
  Type.Object({ what: Plug, strip: Id }, closed),
  Type.Object({ what: Plug, agent: Id }, closed),
  Type.Object({ what: Type.Literal('power'), strip: Id }, closed),
  Type.Object({ what: Type.Literal('kill'), process: Id }, closed),
]);
const isAct = Compile(Act);
const isFault = Compile(Fault);

const CONTENT_POLICY = [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'self'",
  "font-src 'self'",
  "img-src 'self' data:",
  "connect-src 'self'",
  'frame-src http://127.0.0.1:* http://localhost:*',
  "base-uri 'none'",
  "form-action 'none'",
  "frame-ancestors 'none'",
].join('; ');

export interface StageServer {
  readonly url: string;
  close(): Promise<void>;
}

/** @throws HallError PORT_TAKEN `{host, port}`. */
export async function startStageServer(hall: RunningHall, clock: Clock): Promise<StageServer> {
  const { host, port } = hall.config.stage;
  const app = Fastify({ bodyLimit: 4096, forceCloseConnections: true });
  const pages = new Set<FastifyReply>();
  const over = new AbortController();

  app.addHook('onSend', async (_, reply) => {
    reply.header('content-security-policy', CONTENT_POLICY);
    reply.header('x-content-type-options', 'nosniff');
    reply.header('referrer-policy', 'no-referrer');
  });
  // Another site open in the same browser must not press these buttons.
  app.addHook('preHandler', async (request, reply) => {
    const { origin } = request.headers;
    if (request.method !== 'GET' && origin !== undefined && origin !== `http://${request.headers.host}`) {
      await reply.code(403).send({ code: 'CSRF_REFUSED' });
    }
  });
  await app.register(fastifyStatic, { root: fileURLToPath(new URL('../dist/page/', import.meta.url)), cacheControl: false });

  app.get('/api/hall', async () => stageHall(hall));
  app.get('/api/tally', async () => ({ tally: hall.checker.tally(), findings: hall.checker.findings, feed: hall.feed }));
  app.get('/api/traces/:id', async (request, reply) => {
    const trace = hall.traces.get((request.params as { id: string }).id);
    return trace ?? reply.code(404).send({ code: 'NOT_FOUND' });
  });
  app.post('/api/act', async ({ body }, reply) => {
    if (!isAct.Check(body)) return reply.code(400).send({ code: 'INPUT_INVALID' });
    const { result, events } = hall.platform.act(body as StageAct);
    return { ...result, events: events.map(({ id, type }) => ({ id, type })) };
  });
  app.post('/api/fault', async ({ body }, reply) => {
    if (!isFault.Check(body)) return reply.code(400).send({ code: 'INPUT_INVALID' });
    return press(hall, body as Static<typeof Fault>) ? { done: true } : reply.code(404).send({ code: 'NOT_FOUND' });
  });

  app.get('/api/stream', (_, reply) => {
    reply.hijack();
    const { raw } = reply;
    raw.writeHead(200, {
      'content-type': 'text/event-stream; charset=utf-8',
      'cache-control': 'no-store',
      'x-content-type-options': 'nosniff',
    });
    raw.write(`data: ${JSON.stringify(everything(hall, clock))}\n\n`);
    pages.add(reply);
    raw.once('close', () => pages.delete(reply));
  });
  const telling = tell();
  async function tell(): Promise<void> {
    while (!over.signal.aborted) {
      await clock.machine.sleep(TELL_MS, over.signal).catch(() => {});
      const dirty = hall.changes();
      if (pages.size === 0) continue;
      const text = `data: ${JSON.stringify(changesOf(hall, dirty, clock))}\n\n`;
      for (const { raw } of pages) {
        raw.write(text);
        if (raw.writableLength > MOST_UNREAD) raw.destroy();
      }
    }
  }

  const close = async () => {
    over.abort(new Error('closed'));
    await telling;
    for (const { raw } of pages) raw.destroy();
    await app.close();
  };
  try {
    await app.listen({ host, port });
  } catch (error) {
    await close();
    if ((error as { code?: string }).code === 'EADDRINUSE') throw new HallError('PORT_TAKEN', { host, port }, error);
    throw error;
  }
  const address = app.server.address();
  const taken = typeof address === 'object' && address ? address.port : port;
  return { url: `http://${host}:${taken}`, close };
}

/** Presses a fault button; false where there is no such thing. */
function press(hall: RunningHall, fault: Static<typeof Fault>): boolean {
  if (fault.what === 'kill') {
    hall.control.kill(fault.process);
    return hall.processes.has(fault.process);
  }
  if ('agent' in fault) {
    const cable = hall.cables.get(fault.agent);
    cable?.unplug(fault.what === 'unplug');
    return cable !== undefined;
  }
  const strip = hall.strips.get(fault.strip);
  if (fault.what === 'power') void strip?.simulator.restart(POWER_OFF_MS);
  else strip?.unplug(fault.what === 'unplug');
  hall.checker.look();
  return strip !== undefined;
}
