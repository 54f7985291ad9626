/** The network cable between an agent and the hall server: a port that forwards, can be pulled, and lets the stage look at what passes. */
import { once } from 'node:events';
import { connect, createServer, type AddressInfo, type Socket } from 'node:net';
import { createMqttTap, type PassingMessage } from './mqtt-tap.ts';

export interface AgentCableOptions {
  readonly agent: string;
  /** The port agents connect to; 0 takes a free one. */
  readonly port: number;
  /** Where the broker listens. */
  readonly target: { readonly host: string; readonly port: number };
  /** `down`: from the server to the agent. */
  readonly message: (direction: 'up' | 'down', message: PassingMessage) => void;
}

export interface AgentCable {
  readonly agent: string;
  readonly port: number;
  readonly unplugged: boolean;
  /** Breaks the connection and refuses new ones; or plugs it in again. */
  unplug(unplugged: boolean): void;
  close(): Promise<void>;
}

/** Rejects with the system's error if the port is taken. */
export async function openAgentCable({ agent, port, target, message }: AgentCableOptions): Promise<AgentCable> {
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
    const far = connect(target);
    hold(near, far);
    hold(far, near);
    const lanes = [
      [near, far, 'up'],
      [far, near, 'down'],
    ] as const;
    for (const [from, to, direction] of lanes) {
      const tap = createMqttTap();
      from.on('data', (bytes) => {
        for (const passing of tap(bytes)) message(direction, passing);
      });
      from.pipe(to);
    }
  });
  server.listen(port, '127.0.0.1');
  await once(server, 'listening');
  const drop = (): void => {
    for (const socket of sockets) socket.resetAndDestroy();
  };
  return {
    agent,
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
