/** Ways of never coming to an end, each with the limit that `docs/operations.md` states for it. */
import { connect as connectTcp, type Socket } from 'node:net';
import { connect as connectTls } from 'node:tls';
import { addressOf } from '@hall/contracts';
import { connectPacket, remainingLength, text } from '../harness/light-mqtt.ts';
import { HALL } from '../harness/hall.ts';

export interface SlowPlaces {
  readonly mqtt: number;
  readonly mqtts: number;
  readonly http: number;
  readonly https: number;
  readonly kiosk: number;
  readonly callPort: number;
  readonly callToken: string;
  /** Credentials for sessions, one for each connection. */
  readonly agents: readonly { readonly id: string; readonly password: string }[];
}

export interface SlowKind {
  readonly id: string;
  /** Whoever is slow in this way has been cut by then, ms from the connection. */
  readonly limitMs: number;
  /** Said at once, by the connection with this number. */
  readonly first: (at: number) => Buffer;
  /** Said every second. */
  readonly drip: Buffer;
  /** Connects; the limit counts from here. */
  readonly open: () => Socket;
  /** `secureConnect` where a handshake comes first and is honest. */
  readonly opened: 'connect' | 'secureConnect';
  /** What an honest visitor does at the same place; rejects if it fails. */
  readonly honest: 'mqtt' | 'mqtts' | 'http' | 'https' | 'kiosk' | 'call-port';
}

const LONG_BYTES = 200 * 1024;
const ZERO = Buffer.from([0]);
const LETTER = Buffer.from('a');
const host = '127.0.0.1';
const tcp = (port: number) => () => connectTcp({ port, host });
/** Of whom the honest client is the other end, and certificates are not the matter. */
const tls = (port: number) => () => connectTls({ port, host, rejectUnauthorized: false });
/** A CONNECT that says it has 100 bytes. */
const HALF_CONNECT = Buffer.from([0x10, 100, 0, 4]);
/** The record of a ClientHello that says it has 512 bytes (RFC 8446 §5.1). */
const HALF_HELLO = Buffer.from([0x16, 0x03, 0x01, 0x02, 0x00, 0x01]);
/** A session, and of a PUBLISH of 200 KiB the topic. */
function halfPublish({ id, password }: SlowPlaces['agents'][number]): Buffer {
  return Buffer.concat([
    connectPacket({ id, password, keepAliveS: 120 }),
    Buffer.from([0x30]),
    remainingLength(LONG_BYTES),
    text(addressOf('heartbeat', { hall: HALL, agent: id })),
  ]);
}
const HALF_HEAD = Buffer.from('GET / HTTP/1.1\r\nHost: a\r\nX-A: ');
const halfBody = (target: string, bytes: number, more = '') =>
  Buffer.from(`POST ${target} HTTP/1.1\r\nHost: a\r\nContent-Type: application/json\r\n${more}Content-Length: ${bytes}\r\n\r\n{`);
/** A WebSocket that is opened as the console does it and then joins nothing (RFC 6455 §1.2, its sample key). */
const MUTE_SOCKET = Buffer.from(
  'GET /realtime/?EIO=4&transport=websocket HTTP/1.1\r\nHost: a\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n' +
    'Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n',
);

export function slowKinds(places: SlowPlaces): readonly SlowKind[] {
  const { mqtt, mqtts, http, https, kiosk, callPort, callToken, agents } = places;
  const same = (bytes: Buffer) => () => bytes;
  const plain = { opened: 'connect', drip: LETTER } as const;
  const events = `/api/v1/halls/${HALL}/platform/events`;
  const token = `Authorization: Bearer ${callToken}\r\n`;
  const kinds: readonly (Omit<SlowKind, 'limitMs'> & { readonly limitS: number })[] = [
    { ...plain, id: 'mqtt-connect', honest: 'mqtt', limitS: 5, open: tcp(mqtt), first: same(HALF_CONNECT), drip: ZERO },
    { ...plain, id: 'mqtts-hello', honest: 'mqtts', limitS: 5, open: tcp(mqtts), first: same(HALF_HELLO), drip: ZERO },
    {
      ...plain,
      id: 'mqtts-connect',
      honest: 'mqtts',
      limitS: 5,
      open: tls(mqtts),
      opened: 'secureConnect',
      first: same(HALF_CONNECT),
      drip: ZERO,
    },
    { ...plain, id: 'http-head', honest: 'http', limitS: 10, open: tcp(http), first: same(HALF_HEAD) },
    {
      ...plain,
      id: 'http-websocket',
      honest: 'http',
      limitS: 10,
      open: tcp(http),
      first: same(MUTE_SOCKET),
      drip: Buffer.alloc(0),
    },
    { ...plain, id: 'https-hello', honest: 'https', limitS: 10, open: tcp(https), first: same(HALF_HELLO), drip: ZERO },
    {
      ...plain,
      id: 'https-head',
      honest: 'https',
      limitS: 10,
      open: tls(https),
      opened: 'secureConnect',
      first: same(HALF_HEAD),
    },
    { ...plain, id: 'kiosk-head', honest: 'kiosk', limitS: 10, open: tcp(kiosk), first: same(HALF_HEAD) },
    {
      ...plain,
      id: 'kiosk-body',
      honest: 'kiosk',
      limitS: 10,
      open: tcp(kiosk),
      first: same(halfBody('/screen/b/painted', 4000)),
    },
    { ...plain, id: 'call-port-head', honest: 'call-port', limitS: 5, open: tcp(callPort), first: same(HALF_HEAD) },
    {
      ...plain,
      id: 'call-port-body',
      honest: 'call-port',
      limitS: 5,
      open: tcp(callPort),
      first: same(halfBody('/v1/act', 1000, token)),
    },
    { ...plain, id: 'http-body', honest: 'http', limitS: 30, open: tcp(http), first: same(halfBody(events, 1_000_000)) },
    {
      ...plain,
      id: 'https-body',
      honest: 'https',
      limitS: 30,
      open: tls(https),
      opened: 'secureConnect',
      first: same(halfBody(events, 1_000_000)),
    },
    {
      ...plain,
      id: 'mqtt-publish',
      honest: 'mqtt',
      limitS: 60,
      open: tcp(mqtt),
      first: (at) => halfPublish(agents[at % agents.length] ?? { id: '', password: '' }),
      drip: ZERO,
    },
  ];
  return kinds.map(({ limitS, ...kind }) => ({ ...kind, limitMs: limitS * 1000 }));
}
