/** MQTT 3.1.1 for many clients in one process: only what an agent needs, over any duplex stream. */
import type { Duplex } from 'node:stream';

const CONNECT = 0x10;
const PUBLISH = 0x30;
const SUBSCRIBE = 0x82;
const MOST_WAITING = 512 * 1024;

/** §1.5.3, and §1.5.4 where it is bytes: two bytes of length first. */
export const text = (value: string | Uint8Array): Buffer => {
  const bytes = Buffer.from(value);
  return Buffer.concat([Buffer.from([bytes.length >> 8, bytes.length & 0xff]), bytes]);
};
/** §2.2.3: seven bits a byte, the lowest first. */
export function remainingLength(value: number): Buffer {
  const bytes: number[] = [];
  for (let rest = value; bytes.length === 0 || rest > 0; rest >>= 7) bytes.push((rest & 0x7f) | (rest > 0x7f ? 0x80 : 0));
  return Buffer.from(bytes);
}
/** §2: the first byte, the length of what follows, and that. */
export function packet(first: number, ...parts: Buffer[]): Buffer {
  const body = Buffer.concat(parts);
  return Buffer.concat([Buffer.from([first]), remainingLength(body.length), body]);
}
const number = (value: number) => Buffer.from([value >> 8, value & 0xff]);

export interface LightLogin {
  /** Client id, and user unless another is given. Bytes where it is not text. */
  readonly id: string | Uint8Array;
  readonly user?: string;
  /** Nobody needs one who has shown a certificate. */
  readonly password?: string;
  readonly keepAliveS: number;
  /** QoS 1; retained unless it says otherwise. */
  readonly will?: { readonly topic: string; readonly payload: string; readonly retain?: boolean };
  /** Default true. */
  readonly clean?: boolean;
  /** MQTT 3.1.1, the default, or 5 without properties. */
  readonly version?: 4 | 5;
}

/** §3.1: user, password and will as far as there are. */
export function connectPacket(login: LightLogin): Buffer {
  const { id, user = id, password, keepAliveS, will, clean = true, version = 4 } = login;
  const flags =
    0x80 | (password === undefined ? 0 : 0x40) | (clean ? 2 : 0) | (will ? 0x0c : 0) | (will && will.retain !== false ? 0x20 : 0);
  const properties = Buffer.alloc(version === 5 ? 1 : 0);
  const willParts = will ? [properties, text(will.topic), text(will.payload)] : [];
  const head = [text('MQTT'), Buffer.from([version, flags]), number(keepAliveS), properties];
  return packet(CONNECT, ...head, text(id), ...willParts, text(user), ...(password === undefined ? [] : [text(password)]));
}
export const subscribePacket = (filters: readonly string[]): Buffer =>
  packet(SUBSCRIBE, number(1), ...filters.flatMap((filter) => [text(filter), Buffer.from([1])]));
export const publishPacket = (
  topic: string | Uint8Array,
  payload: string | Uint8Array,
  packetId: number,
  retain: boolean,
  qos: 1 | 2 = 1,
): Buffer => packet(PUBLISH | (qos << 1) | (retain ? 1 : 0), text(topic), number(packetId), Buffer.from(payload));
/** §3.6. */
export const releasePacket = (packetId: number): Buffer => packet(0x62, number(packetId));
export const PING = Buffer.from([0xc0, 0]);
export const DISCONNECT = Buffer.from([0xe0, 0]);

export interface LightEars {
  /** CONNACK with this code (§3.2.2.3). */
  connected(code: number): void;
  subscribed(): void;
  message(topic: string, payload: Buffer, retained: boolean): void;
}

/** Takes the stream apart into packets: first byte and body. */
export function eachPacket(stream: Duplex, take: (first: number, body: Buffer) => void): void {
  let rest: Buffer = Buffer.alloc(0);
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

export interface Published {
  readonly topic: string;
  readonly payload: Buffer;
  readonly retained: boolean;
}

/** §3.3; QoS 1 is acknowledged. */
export function takePublish(stream: Duplex, first: number, body: Buffer): Published {
  const length = body.readUInt16BE(0);
  const qos = (first >> 1) & 3;
  const from = 2 + length + (qos > 0 ? 2 : 0);
  if (qos > 0) stream.write(Buffer.from([0x40, 2, body[2 + length] ?? 0, body[3 + length] ?? 0]));
  return { topic: body.toString('utf8', 2, 2 + length), payload: body.subarray(from), retained: (first & 1) === 1 };
}

/** Reads packets from the stream and acknowledges QoS 1. */
export function listenTo(stream: Duplex, ears: LightEars): void {
  eachPacket(stream, (first, body) => {
    const type = first >> 4;
    if (type === 2) ears.connected(body[1] ?? 0xff);
    else if (type === 9) ears.subscribed();
    else if (type === 3) {
      const { topic, payload, retained } = takePublish(stream, first, body);
      ears.message(topic, payload, retained);
    }
  });
}
