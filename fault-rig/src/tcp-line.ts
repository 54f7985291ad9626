/** A network cable to a TCP server: a port that forwards, fails on request, and shows the bytes that pass. */
import { once } from 'node:events';
import { connect, createServer, type AddressInfo, type Socket } from 'node:net';
import { systemClock, type Clock } from '@hall/contracts';
import { seeded } from '@hall/simulators';
import { createLane, type Lane } from './lane.ts';
import { switchedLine, type LineFaults } from './line.ts';

/** So much waits in one direction of a connection before its sender is told to wait, bytes. */
const MOST_WAITING = 1024 * 1024;

/** Looks at one connection. `up`: bytes from the client to the server; `down`: the other way. Before any fault. */
export interface ConnectionEyes {
  up(bytes: Uint8Array): void;
  down(bytes: Uint8Array): void;
}

export interface TcpLineOptions {
  /** The port clients connect to; 0, the default, takes a free one. */
  readonly port?: number;
  /** Where the server listens; asked at every connection. */
  readonly target: () => { readonly host: string; readonly port: number };
  readonly watch?: () => ConnectionEyes;
  readonly clock?: Pick<Clock, 'machine'>;
  /** Of the damage; default 1. */
  readonly seed?: number;
}

export interface TcpLine {
  readonly host: '127.0.0.1';
  readonly port: number;
  readonly faults: LineFaults;
  readonly connections: number;
  readonly unplugged: boolean;
  /** Breaks the connections with a reset and refuses new ones; or plugs the cable in again. */
  unplug(unplugged: boolean): void;
  /** Resets every connection; new ones are taken. */
  reset(): void;
  close(): Promise<void>;
}

interface Pair {
  readonly near: Socket;
  readonly far: Socket;
}

/** An open line does not keep the process alive. Rejects with the system's error if the port is taken. */
export async function openTcpLine(options: TcpLineOptions): Promise<TcpLine> {
  const { port = 0, target, watch, clock = systemClock(), seed = 1 } = options;
  const { faults, up, down } = switchedLine();
  const random = seeded(seed);
  const pairs = new Set<Pair>();
  let unplugged = false;

  const cut = ({ near, far }: Pair): void => {
    near.resetAndDestroy();
    far.resetAndDestroy();
  };
  const laneTo = (socket: Socket, pair: Pair, direction: 'up' | 'down'): Lane =>
    createLane({
      faults: direction === 'up' ? up : down,
      clock,
      random,
      deliver: (bytes) =>
        new Promise((resolve) => {
          if (socket.destroyed || socket.writableEnded) resolve();
          else socket.write(bytes, () => resolve());
        }),
      cut: () => cut(pair),
    });

  /** Bytes from one end into a lane to the other; a sender that is too fast waits. */
  const feed = (from: Socket, lane: Lane, to: Socket, see: ((bytes: Uint8Array) => void) | undefined): void => {
    from.on('data', (bytes) => {
      see?.(bytes);
      lane.push(bytes);
      if (lane.waiting <= MOST_WAITING) return;
      from.pause();
      void lane.drained().then(() => from.resume());
    });
    from.on('end', () => void lane.drained().then(() => to.end()));
  };

  const server = createServer({ allowHalfOpen: true, noDelay: true }, (near) => {
    if (unplugged) {
      near.resetAndDestroy();
      return;
    }
    const far = connect({ ...target(), allowHalfOpen: true, noDelay: true });
    const pair: Pair = { near, far };
    pairs.add(pair);
    const lanes = { up: laneTo(far, pair, 'up'), down: laneTo(near, pair, 'down') };
    const eyes = watch?.();
    feed(near, lanes.up, far, eyes && ((bytes) => eyes.up(bytes)));
    feed(far, lanes.down, near, eyes && ((bytes) => eyes.down(bytes)));
    for (const [socket, other, from, to] of [
      [near, far, lanes.up, lanes.down],
      [far, near, lanes.down, lanes.up],
    ] as const) {
      socket.on('error', () => {});
      socket.on('close', (broken) => {
        to.close();
        if (broken) {
          from.close();
          other.resetAndDestroy();
        }
        if (other.destroyed) pairs.delete(pair);
        // What was said before a proper end still arrives.
        else void from.drained().then(() => other.end());
      });
    }
  });
  server.unref();
  server.listen(port, '127.0.0.1');
  await once(server, 'listening');
  const reset = (): void => {
    for (const pair of pairs) cut(pair);
  };
  return {
    host: '127.0.0.1',
    port: (server.address() as AddressInfo).port,
    faults,
    get connections() {
      return pairs.size;
    },
    get unplugged() {
      return unplugged;
    },
    unplug(next) {
      unplugged = next;
      if (next) reset();
    },
    reset,
    async close() {
      const closed = once(server, 'close');
      server.close();
      reset();
      await closed;
    },
  };
}
