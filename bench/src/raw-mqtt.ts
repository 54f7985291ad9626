/** A bare MQTT 3.1.1 client for bad manners: one that stops reading, one that declares more than it may. */
import { connect, type Socket } from 'node:net';

export interface MqttLogin {
  readonly clientId: string;
  readonly username?: string;
  readonly password?: string;
}

const CONNECT = 0x10;
const PUBLISH = 0x30;
const SUBSCRIBE = 0x82;
const CLEAN = 0x02;
const USERNAME = 0x80;
const PASSWORD = 0x40;
const KEEPALIVE_S = 120;

const text = (value: string): Buffer => {
  const bytes = Buffer.from(value);
  return Buffer.concat([Buffer.from([bytes.length >> 8, bytes.length & 0xff]), bytes]);
};

/** The remaining length of a packet (MQTT 3.1.1 §2.2.3). */
export function lengthBytes(length: number): Buffer {
  const bytes: number[] = [];
  let left = length;
  do {
    const more = left >= 128;
    bytes.push((left % 128) | (more ? 0x80 : 0));
    left = Math.floor(left / 128);
  } while (left > 0);
  return Buffer.from(bytes);
}

const packet = (type: number, ...parts: Buffer[]): Buffer => {
  const body = Buffer.concat(parts);
  return Buffer.concat([Buffer.from([type]), lengthBytes(body.length), body]);
};

export function connectPacket({ clientId, username, password }: MqttLogin): Buffer {
  const flags = CLEAN | (username === undefined ? 0 : USERNAME) | (password === undefined ? 0 : PASSWORD);
  const credentials = [username, password].filter((value) => value !== undefined).map(text);
  const head = Buffer.from([4, flags, KEEPALIVE_S >> 8, KEEPALIVE_S & 0xff]);
  return packet(CONNECT, text('MQTT'), head, text(clientId), ...credentials);
}

export const subscribePacket = (topic: string): Buffer => packet(SUBSCRIBE, Buffer.from([0, 1]), text(topic), Buffer.from([0]));
export const publishPacket = (topic: string, payload: Buffer): Buffer => packet(PUBLISH, text(topic), payload);
/** Only the start of a PUBLISH that declares this many bytes. */
export const publishHead = (topic: string, declared: number): Buffer =>
  Buffer.concat([Buffer.from([PUBLISH]), lengthBytes(declared), text(topic)]);
/** Only the start of a CONNECT that declares this many bytes. */
export const connectHead = (declared: number): Buffer => Buffer.concat([Buffer.from([CONNECT]), lengthBytes(declared)]);

/** Opens a socket to a broker on this machine. Errors only close it. */
export async function dial(port: number): Promise<Socket> {
  const socket = connect(port, '127.0.0.1');
  socket.on('error', () => socket.destroy());
  await new Promise<void>((resolve) => {
    socket.once('connect', resolve);
    socket.once('close', resolve);
  });
  return socket;
}

/** Signs in and waits for the broker's answer. @throws Error if it refuses. */
export async function signIn(port: number, login: MqttLogin): Promise<Socket> {
  const socket = await dial(port);
  socket.write(connectPacket(login));
  const answer = await new Promise<Buffer>((resolve) => {
    socket.once('data', resolve);
    socket.once('close', () => resolve(Buffer.alloc(0)));
  });
  if (answer[3] !== 0) throw new Error(`the broker refused ${login.clientId}: ${answer.toString('hex')}`);
  return socket;
}
