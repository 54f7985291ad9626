/** The port of the board pages. */
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Codes } from '../enrolment/enrol.ts';
import { HallError, type Clock } from '@hall/contracts';
import { limitHttp, type HttpLimits } from '@hall/runtime';
import type { LearntHallTime } from '../time/hall-time.ts';
import type { Boards } from './boards.ts';
import type { Pages } from './pages.ts';

/** Largest request of a page, bytes. */
export const MOST_BYTES = 4096;
/** Pages, and whatever else is slow on purpose; the parts of one page come over six connections. */
const LIMITS: HttpLimits = {
  headMs: 10_000,
  bodyMs: 10_000,
  mostHeads: 128,
  mostBodies: 64,
  mostBodyBytes: 64 * MOST_BYTES,
  bodyBytes: MOST_BYTES,
  mostConnections: 512,
  unreadMs: 30_000,
};

export interface KioskServer {
  /** `http://127.0.0.1:7080`, without a slash at the end. */
  readonly url: string;
  close(): Promise<void>;
}

export interface KioskOptions {
  readonly host: string;
  /** 0 takes a free port. */
  readonly port: number;
  /** Names this process: a page that was connected to an older one gets everything anew. */
  readonly epoch: string;
  readonly boards: Boards;
  readonly hallTime: Pick<LearntHallTime, 'nowMs' | 'speed' | 'trust'>;
  /** What an agent shows that waits to be admitted. */
  codes(): Codes | undefined;
  /** A connection was cut because what it sent never came to an end, or what it was sent was not read. */
  readonly slow?: () => void;
  /** IANA zone of the hall, for the clock on the page. */
  zone(): string;
}

/**
 * Listens at once; what answers is loaded by the first request. Most agents have strips only, and the web framework would be a
 * tenth of their memory.
 * @throws HallError PORT_TAKEN `{host, port}`.
 */
export async function startKioskServer(options: KioskOptions, clock: Clock): Promise<KioskServer> {
  const { host, port } = options;
  let pages: Promise<Pages> | undefined;
  const times = { requestTimeout: LIMITS.headMs + LIMITS.bodyMs, headersTimeout: LIMITS.headMs };
  const server = createServer({ ...times, connectionsCheckingInterval: LIMITS.headMs }, (request, response) => {
    pages ??= import('./pages.ts').then(({ createPages }) => createPages(options, clock));
    pages.then(
      ({ handle }) => handle(request, response),
      () => response.destroy(),
    );
  });
  limitHttp(server, LIMITS, clock.machine, options.slow);
  server.listen({ host, port });
  try {
    await once(server, 'listening');
  } catch (error) {
    if ((error as { code?: string }).code === 'EADDRINUSE') throw new HallError('PORT_TAKEN', { host, port }, error);
    throw error;
  }
  const taken = (server.address() as AddressInfo).port;
  return {
    url: `http://${host.includes(':') ? `[${host}]` : host}:${taken}`,
    async close() {
      const closed = once(server, 'close');
      server.close();
      await (await pages)?.close();
      server.closeAllConnections();
      await closed;
    },
  };
}
