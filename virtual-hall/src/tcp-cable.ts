/** A network cable to a TCP server: a port that forwards, can be pulled, and shows the bytes that pass. */
import { once } from 'node:events';
import { connect, createServer, type AddressInfo, type Socket } from 'node:net';

/** Looks at one connection. `up`: bytes from the client to the server; `down`: the other way. */
export interface ConnectionEyes {
  up(bytes: Uint8Array): void;
  down(bytes: Uint8Array): void;
}

export interface TcpCableOptions {
  /** The port clients connect to; 0 takes a free one. */
  readonly port: number;
  /** Where the server listens; asked at every connection. */
  readonly target: () => { readonly host: string; readonly port: number };
  readonly watch: () => ConnectionEyes;
}

export interface TcpCable {
  readonly port: number;
  readonly unplugged: boolean;
  /** Breaks the connections and refuses new ones; or plugs it in again. */
  unplug(unplugged: boolean): void;
  close(): Promise<void>;
}

/** An open cable does not keep the process alive. Rejects with the system's error if the port is taken. */
export async function openTcpCable({ port, target, watch }: TcpCableOptions): Promise<TcpCable> {
  const sockets = new Set<Socket>();
  let unplugged = false;

  const hold = (socket: Socket, other: Socket): void => {
    sockets.add(socket);
    socket.setNoDelay(true);
    socket.on('error', () => {});
    socket.on('close', () => {
      sockets.delete(socket);
      other.destroy();
    });
  };
  const server = createServer((near) => {
    if (unplugged) {
      near.resetAndDestroy();
      return;
    }
    const far = connect(target());
    hold(near, far);
    hold(far, near);
    const eyes = watch();
    near.on('data', (bytes) => eyes.up(bytes));
    far.on('data', (bytes) => eyes.down(bytes));
    near.pipe(far);
    far.pipe(near);
  });
  server.unref();
  server.listen(port, '127.0.0.1');
  await once(server, 'listening');
  const drop = (): void => {
    for (const socket of sockets) socket.resetAndDestroy();
  };
  return {
    port: (server.address() as AddressInfo).port,
    get unplugged() {
      return unplugged;
    },
    unplug(next) {
      unplugged = next;
      if (next) drop();
    },
    async close() {
      const closed = once(server, 'close');
      server.close();
      drop();
      await closed;
    },
  };
}
