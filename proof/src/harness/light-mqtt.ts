/** MQTT 3.1.1 for many clients in one process: only what an agent needs, over any duplex stream. */
import type { Duplex } from 'node:stream';

const CONNECT = 0x10;
const PUBLISH_QOS1 = 0x32;
const SUBSCRIBE = 0x82;
const MOST_WAITING = 512 * 1024;

const text = (value: string | Uint8Array): Buffer => {
  const bytes = Buffer.from(value);
  return Buffer.concat([Buffer.from([bytes.length >> 8, bytes.length & 0xff]), bytes]);
};
function packet(first: number, ...parts: Buffer[]): Buffer {
  const body = Buffer.concat(parts);
  const length: number[] = [];
  for (let rest = body.length; length.length === 0 || rest > 0; rest >>= 7) length.push((rest & 0x7f) | (rest > 0x7f ? 0x80 : 0));
  return Buffer.concat([Buffer.from([first, ...length]), body]);
}
const id = (value: number) => Buffer.from([value >> 8, value & 0xff]);

export interface LightLogin {
  /** Client id, and user where that is not said. */
  readonly id: string;
  readonly user?: string;
  readonly password: string;
  readonly keepAliveS: number;
  readonly will?: { readonly topic: string; readonly payload: string };
}

/** §3.1: clean session, user and password, a retained will with QoS 1. */
export function connectPacket({ id: client, user = client, password, keepAliveS, will }: LightLogin): Buffer {
  const flags = 0xc2 | (will ? 0x2c : 0);
  const parts = [text(client), ...(will ? [text(will.topic), text(will.payload)] : []), text(user), text(password)];
  return packet(CONNECT, text('MQTT'), Buffer.from([4, flags]), id(keepAliveS), ...parts);
}
export const subscribePacket = (filters: readonly string[]): Buffer =>
  packet(SUBSCRIBE, id(1), ...filters.flatMap((filter) => [text(filter), Buffer.from([1])]));
export const publishPacket = (topic: string, payload: string, packetId: number, retain: boolean): Buffer =>
  packet(PUBLISH_QOS1 | (retain ? 1 : 0), text(topic), id(packetId), Buffer.from(payload));
export const PING = Buffer.from([0xc0, 0]);
export const DISCONNECT = Buffer.from([0xe0, 0]);

export interface LightEars {
  /** CONNACK with this code (§3.2.2.3). */
  connected(code: number): void;
  subscribed(): void;
  message(topic: string, payload: Buffer, retained: boolean): void;
}

/** Reads packets from the stream and acknowledges QoS 1. */
export function listenTo(stream: Duplex, ears: LightEars): void {
  let rest: Buffer = Buffer.alloc(0);
  const take = (first: number, body: Buffer) => {
    const type = first >> 4;
    if (type === 2) ears.connected(body[1] ?? 0xff);
    else if (type === 9) ears.subscribed();
    else if (type === 3) {
      const length = body.readUInt16BE(0);
      const qos = (first >> 1) & 3;
      const from = 2 + length + (qos > 0 ? 2 : 0);
      if (qos > 0) stream.write(Buffer.from([0x40, 2, body[2 + length] ?? 0, body[3 + length] ?? 0]));
      ears.message(body.toString('utf8', 2, 2 + length), body.subarray(from), (first & 1) === 1);
    }
  };
  stream.on('data', (chunk: Buffer) => {
    rest = rest.length === 0 ? chunk : Buffer.concat([rest, chunk]);
    for (;;) {
      let length = 0;
      let at = 1;
      let byte = 0x80;
      while (byte & 0x80 && at < 5) {
        const next = rest[at];
        if (next === undefined) return;
        byte = next;
        length += (byte & 0x7f) * 128 ** (at - 1);
        at += 1;
      }
      if (rest.length > MOST_WAITING + at) stream.destroy();
      if (rest.length < at + length) return;
      take(rest[0] ?? 0, rest.subarray(at, at + length));
      rest = rest.subarray(at + length);
    }
  });
}
