/** A simulated device behind a TCP port. */
import { createServer, type AddressInfo, type Socket } from 'node:net';
import { once } from 'node:events';
import type { AttachableDevice } from './byte-link.ts';

export interface ListenOptions {
  /** 0, the default, takes a free one. */
  readonly port?: number;
  /** Default 127.0.0.1. */
  readonly host?: string;
  /** As behind a serial server: bytes are paced at this rate, bit/s. Absent: as fast as the network. */
  readonly baud?: number;
}

export interface TcpListener {
  readonly host: string;
  readonly port: number;
  /** Pulls the cable: resets every connection. */
  drop(): void;
  /** While true every new connection is reset at once; the port stays taken, so that nobody else gets it. */
  refuse(refusing: boolean): void;
  close(): Promise<void>;
}

/** Puts a device on a port. Rejects with the error of the operating system if the port is taken. */
export async function listenTcp(device: AttachableDevice, options: ListenOptions = {}): Promise<TcpListener> {
  const { port = 0, host = '127.0.0.1', baud } = options;
  const sockets = new Set<Socket>();
  let refusing = false;
  const server = createServer({ noDelay: true }, (socket) => {
    if (refusing) {
      socket.resetAndDestroy();
      return;
    }
    sockets.add(socket);
    socket.once('close', () => sockets.delete(socket));
    device.attach(socket, { line: 'network', ...(baud === undefined ? {} : { baud }) });
  });
  server.listen(port, host);
  await once(server, 'listening');
  const drop = (): void => {
    for (const socket of sockets) socket.resetAndDestroy();
  };
  return {
    host,
    port: (server.address() as AddressInfo).port,
    drop,
    refuse: (next) => {
      refusing = next;
    },
    close: async () => {
      const closed = once(server, 'close');
      server.close();
      drop();
      await closed;
    },
  };
}
