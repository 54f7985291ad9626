/** The port of the board pages. */
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Codes } from '../enrolment/enrol.ts';
import { HallError, type Clock } from '@hall/contracts';
import type { LearntHallTime } from '../time/hall-time.ts';
import type { Boards } from './boards.ts';
import type { Pages } from './pages.ts';

/** A request must have come by then, ms. */
const REQUEST_MS = 30_000;

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
  const server = createServer({ requestTimeout: REQUEST_MS }, (request, response) => {
    pages ??= import('./pages.ts').then(({ createPages }) => createPages(options, clock));
    pages.then(
      ({ handle }) => handle(request, response),
      () => response.destroy(),
    );
  });
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
