/**
 * Bounds what senders of HTTP who never come to the end can hold. Node has time-outs of its own, looked at every 30 s; these are kept
 * to the millisecond, and so is how many there may be.
 */
import { subscribe, unsubscribe } from 'node:diagnostics_channel';
import type { IncomingMessage, Server } from 'node:http';
import type { Socket } from 'node:net';
import { createPatience, type PatienceOptions, type Wait } from './patience.ts';

/** Of Node, with `{request, response, socket, server}`. */
const REQUEST_STARTS = 'http.server.request.start';

export interface HttpLimits {
  /** From the connection to the end of the first head, a TLS handshake included, ms. */
  readonly headMs: number;
  /** From the end of a head to the end of its body, ms. */
  readonly bodyMs: number;
  /** Connections at a time that have not sent a whole head yet. */
  readonly mostHeads: number;
  /** Connections at a time whose body is not whole yet. */
  readonly mostBodies: number;
  /** What bodies that are not whole may have said they are long, over all connections, bytes. */
  readonly mostBodyBytes: number;
  /** Longest body that is taken; what a body is counted for that does not say its length. */
  readonly bodyBytes: number;
  /** Connections at a time; of more than half as many, those that rest between two requests are closed when another comes. */
  readonly mostConnections: number;
  /** A reply that is not taken for this long ends its connection, ms. */
  readonly unreadMs: number;
}

/** Call it before the server listens; `slow` is told of every connection that is cut. */
export function limitHttp(
  server: Server,
  limits: HttpLimits,
  machine: PatienceOptions['machine'],
  slow: () => void = () => {},
): void {
  const heads = createPatience({ machine, forMs: limits.headMs, most: limits.mostHeads });
  const bodies = createPatience({
    machine,
    forMs: limits.bodyMs,
    most: limits.mostBodies,
    mostWeight: limits.mostBodyBytes,
  });
  /** By both ends: over TLS what comes first and what carries requests are two objects. */
  const waits = new Map<string, Wait>();
  const endsOf = ({ remoteAddress, remotePort }: Socket) => `${remoteAddress} ${remotePort}`;
  const cutting = (socket: Socket) => () => {
    slow();
    socket.destroy();
  };
  const awaitHead = (socket: Socket) => {
    const ends = endsOf(socket);
    const wait = heads.begin(socket.remoteAddress ?? '', cutting(socket));
    waits.set(ends, wait);
    socket.once('close', () => {
      wait.over();
      if (waits.get(ends) === wait) waits.delete(ends);
    });
  };
  const headCame = ({ socket }: IncomingMessage) => waits.get(endsOf(socket))?.over();
  const declared = ({ headers }: IncomingMessage): number =>
    headers['transfer-encoding'] === undefined ? Number(headers['content-length'] ?? 0) : limits.bodyBytes;

  server.maxConnections = limits.mostConnections;
  server.timeout = limits.unreadMs;
  let open = 0;
  server.on('connection', (socket) => {
    open += 1;
    socket.once('close', () => (open -= 1));
    if (open > limits.mostConnections / 2) server.closeIdleConnections();
    awaitHead(socket);
  });
  const requestCame = (message: unknown) => {
    const { request, server: where } = message as { readonly request: IncomingMessage; readonly server: Server };
    if (where !== server) return;
    headCame(request);
    const bytes = Math.min(declared(request), limits.bodyBytes);
    if (!(bytes > 0)) return;
    const { socket } = request;
    const wait = bodies.begin(socket.remoteAddress ?? '', cutting(socket));
    wait.weigh(bytes);
    request.once('end', wait.over);
    request.once('close', wait.over);
  };
  // Of every request, whoever else has taken the event of the server over, as socket.io does.
  subscribe(REQUEST_STARTS, requestCame);
  server.prependListener('upgrade', headCame);
  server.once('close', () => {
    unsubscribe(REQUEST_STARTS, requestCame);
    heads.close();
    bodies.close();
  });
}
