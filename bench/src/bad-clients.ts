/** Clients that misbehave while calls go on. */
import type { Socket } from 'node:net';
import { systemClock } from '@hall/contracts';
import { connectHead, dial, publishHead, publishPacket, signIn, subscribePacket, type MqttLogin } from './raw-mqtt.ts';

const { machine } = systemClock();
const CUT_MS = 5000;

export interface Frozen {
  /** Whether the broker has cut the connection; looks by reading again. */
  wasCut(): Promise<boolean>;
  close(): void;
}

/** Subscribes, and reads nothing from then on. */
export async function frozenSubscriber(port: number, login: MqttLogin, topic: string): Promise<Frozen> {
  const socket = await signIn(port, login);
  socket.write(subscribePacket(topic));
  await new Promise((resolve) => socket.once('data', resolve));
  socket.pause();
  return {
    wasCut: async () => {
      const closed = new Promise<boolean>((resolve) => {
        socket.once('close', () => resolve(true));
      });
      socket.resume();
      return Promise.race([closed, machine.sleep(CUT_MS).then(() => false)]);
    },
    close: () => socket.destroy(),
  };
}

/** Publishes at a steady pace until the signal aborts; answers how many bytes it sent. */
export async function steadyPublisher(
  port: number,
  login: MqttLogin,
  topic: string,
  payload: (at: number) => Buffer,
  perSecond: number,
  signal: AbortSignal,
): Promise<number> {
  const socket = await signIn(port, login);
  socket.resume();
  let sent = 0;
  for (let at = 0; !signal.aborted && !socket.destroyed; at += 1) {
    // A broker that no longer reads stops the publisher, not this process.
    if (socket.writableLength === 0) {
      const bytes = publishPacket(topic, payload(at));
      socket.write(bytes);
      sent += bytes.length;
    }
    await machine.sleep(1000 / perSecond, signal).catch(() => {});
  }
  socket.destroy();
  return sent;
}

const DECLARED_BYTES = 200 * 1024 * 1024;
/** A broker that takes everything is left after this. */
const LONGEST_MS = 60_000;
const CHUNK = Buffer.alloc(256 * 1024, 0x20);
/** A connection that was cut is made anew after this. */
const AGAIN_MS = 100;

/** Connections that declare 200 MB and send as fast as they can, each made anew whenever it is cut. Answers bytes sent. */
export async function oversizeFlood(
  port: number,
  connections: number,
  login: MqttLogin | undefined,
  topic: string,
  signal: AbortSignal,
): Promise<number> {
  let sent = 0;
  const one = async (at: number): Promise<void> => {
    while (!signal.aborted) {
      let socket: Socket;
      if (login) {
        const own = { ...login, clientId: `${login.clientId}${at}` };
        socket = await signIn(port, own).catch(() => dial(port));
        socket.write(publishHead(topic, DECLARED_BYTES));
      } else {
        socket = await dial(port);
        socket.write(connectHead(DECLARED_BYTES));
      }
      socket.resume();
      const pump = () => {
        while (!socket.destroyed && !signal.aborted && socket.write(CHUNK));
      };
      socket.on('drain', pump);
      pump();
      const over = new AbortController();
      socket.once('close', () => over.abort());
      if (!socket.destroyed) await machine.sleep(LONGEST_MS, AbortSignal.any([signal, over.signal])).catch(() => {});
      socket.destroy();
      sent += socket.bytesWritten - socket.writableLength;
      await machine.sleep(AGAIN_MS, signal).catch(() => {});
    }
  };
  await Promise.all(Array.from({ length: connections }, (_, at) => one(at)));
  return sent;
}
