/** A simulated device behind a UDP port: every datagram is a piece of its line, answers go back to where the question came from. */
import { createSocket, type RemoteInfo, type Socket } from 'node:dgram';
import { once } from 'node:events';
import { Duplex } from 'node:stream';
import type { AttachableDevice } from './byte-link.ts';

export interface ListenUdpOptions {
  /** 0, the default, takes a free one. */
  readonly port?: number;
  /** Default 127.0.0.1. */
  readonly host?: string;
  /** Datagrams to this address and the same port are heard too, beside all others that do. */
  readonly broadcast?: string;
}

export interface UdpListener {
  readonly host: string;
  readonly port: number;
  close(): Promise<void>;
}

/** Askers a device remembers; one more and the oldest is forgotten. */
const MOST_ASKERS = 16;

/** Puts a device on a UDP port. Rejects with the error of the operating system if the port is taken. */
export async function listenUdp(device: AttachableDevice, options: ListenUdpOptions = {}): Promise<UdpListener> {
  const { port = 0, host = '127.0.0.1', broadcast } = options;
  const own = createSocket({ type: 'udp4', reuseAddr: broadcast !== undefined });
  const sockets: Socket[] = [own];
  const askers = new Map<string, Duplex>();

  function askerOf({ address, port: from }: RemoteInfo): Duplex {
    const key = `${address}:${from}`;
    const held = askers.get(key);
    if (held) return held;
    const line = new Duplex({
      read: () => {},
      write: (bytes: Uint8Array, _encoding, done) => {
        own.send(bytes, from, address, () => done());
      },
    });
    line.once('close', () => askers.delete(key));
    askers.set(key, line);
    if (askers.size > MOST_ASKERS) askers.values().next().value?.destroy();
    device.attach(line, { line: 'network' });
    return line;
  }
  const hear = (socket: Socket) =>
    socket.on('message', (bytes, from) => {
      askerOf(from).push(bytes);
    });

  hear(own);
  own.bind(port, host);
  await once(own, 'listening');
  const { port: taken } = own.address();
  if (broadcast !== undefined) {
    const all = createSocket({ type: 'udp4', reuseAddr: true });
    sockets.push(all);
    hear(all);
    all.bind(taken, broadcast);
    await once(all, 'listening');
  }
  return {
    host,
    port: taken,
    close: async () => {
      for (const line of askers.values()) line.destroy();
      await Promise.all(
        sockets.map(async (socket) => {
          const closed = once(socket, 'close');
          socket.close();
          await closed;
        }),
      );
    },
  };
}
