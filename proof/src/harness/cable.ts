/** A network cable to the broker: a port that forwards, can be pulled, and shows every payload that passes, last wills included. */
import { once } from 'node:events';
import { connect, createServer, type AddressInfo, type Socket } from 'node:net';
import type { SeenMessage } from './messages.ts';
import { createPacketReader, type PayloadPacket } from './mqtt-packets.ts';

export interface CableOptions {
  /** Where the broker listens; asked at every connection. */
  readonly target: () => { readonly host: string; readonly port: number };
  readonly see: (message: SeenMessage) => void;
}

export interface Cable {
  readonly port: number;
  readonly unplugged: boolean;
  /** Breaks the connections and refuses new ones; or plugs it in again. */
  unplug(unplugged: boolean): void;
  close(): Promise<void>;
}

/** Opens a cable on a free port. An open cable does not keep the process alive. */
export async function openCable({ target, see }: CableOptions): Promise<Cable> {
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
    let client = '';
    const look = (packet: PayloadPacket, into: boolean): void => {
      if (packet.kind === 'connect') {
        ({ client } = packet);
        if (packet.will) see({ ...packet.will, client, way: 'will' });
      } else see({ ...messageOf(packet), client, way: into ? 'in' : 'out' });
    };
    for (const [from, to] of [
      [near, far],
      [far, near],
    ] as const) {
      const read = createPacketReader({ opens: from === near });
      from.on('data', (bytes) => {
        for (const packet of read(bytes)) look(packet, from === near);
      });
      from.pipe(to);
    }
  });
  server.unref();
  server.listen(0, '127.0.0.1');
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

function messageOf(packet: Exclude<PayloadPacket, { kind: 'connect' }>): Pick<SeenMessage, 'topic' | 'payload'> {
  if (packet.kind === 'publish') return packet;
  return packet.kind === 'oversize' ? { topic: packet.topic, payload: 'oversize' } : { topic: '', payload: 'unreadable' };
}
