/** Reads from one direction of an MQTT 3.1.1 connection what carries a payload: PUBLISH, and the last will in a CONNECT. Looks only. */
import { MAX_PACKET_BYTES } from '@hall/contracts';

export type PayloadPacket =
  | { readonly kind: 'publish'; readonly topic: string; readonly payload: Uint8Array }
  /** `will` is absent where the client leaves none. */
  | {
      readonly kind: 'connect';
      readonly client: string;
      readonly will?: { readonly topic: string; readonly payload: Uint8Array };
    }
  /** A PUBLISH of more than a broker of ours takes; its payload is not kept. */
  | { readonly kind: 'oversize'; readonly topic: string }
  /** Nothing after this can be understood: another protocol, another version of it, or no MQTT at all. */
  | { readonly kind: 'unreadable' };

const CONNECT = 1;
const PUBLISH = 3;
/** MQTT 3.1.1 §3.1.2.2. */
const LEVEL = 4;
const LONGEST_LENGTH_BYTES = 4;

const utf8 = new TextDecoder();

/** The remaining length at `at`: 7 bits a byte, least first, the eighth says that more follow. MQTT 3.1.1 §2.2.3. */
function remainingLength(bytes: Uint8Array, at: number): { readonly value: number; readonly size: number } | 'more' | 'bad' {
  let value = 0;
  for (let size = 0; size < LONGEST_LENGTH_BYTES; size += 1) {
    const byte = bytes[at + size];
    if (byte === undefined) return 'more';
    value += (byte & 0x7f) * 128 ** size;
    if (byte < 0x80) return { value, size: size + 1 };
  }
  return 'bad';
}

/** The bytes after a length of two bytes, and where they end; undefined if they are not all there. */
function field(body: Uint8Array, at: number): { readonly bytes: Uint8Array; readonly end: number } | undefined {
  const [high, low] = [body[at], body[at + 1]];
  if (high === undefined || low === undefined) return undefined;
  const end = at + 2 + high * 256 + low;
  return end > body.length ? undefined : { bytes: body.slice(at + 2, end), end };
}

/** MQTT 3.1.1 §3.1: name and level of the protocol, flags, keep-alive, client id, then the will if its flag is set. */
function readConnect(body: Uint8Array): PayloadPacket {
  const name = field(body, 0);
  if (!name || utf8.decode(name.bytes) !== 'MQTT' || body[name.end] !== LEVEL) return { kind: 'unreadable' };
  const flags = body[name.end + 1] ?? 0;
  const id = field(body, name.end + 4);
  if (!id) return { kind: 'unreadable' };
  const client = utf8.decode(id.bytes);
  if ((flags & 0b100) === 0) return { kind: 'connect', client };
  const topic = field(body, id.end);
  const payload = topic && field(body, topic.end);
  if (!topic || !payload) return { kind: 'unreadable' };
  return { kind: 'connect', client, will: { topic: utf8.decode(topic.bytes), payload: payload.bytes } };
}

/** MQTT 3.1.1 §3.3: topic, a packet id where QoS is not 0, then the payload. */
function readPublish(flags: number, body: Uint8Array): PayloadPacket {
  const topic = field(body, 0);
  const start = (topic?.end ?? 0) + ((flags & 0b0110) === 0 ? 0 : 2);
  if (!topic || start > body.length) return { kind: 'unreadable' };
  return { kind: 'publish', topic: utf8.decode(topic.bytes), payload: body.slice(start) };
}

/**
 * Takes the bytes of one direction in any pieces; answers the packets that are complete with them. `opens`: this is the direction of
 * the client, which begins with CONNECT (MQTT 3.1.1 §3.1).
 */
export function createPacketReader({ opens = false } = {}): (bytes: Uint8Array) => PayloadPacket[] {
  let rest: Uint8Array = new Uint8Array();
  /** Bytes to come that belong to an oversize packet. */
  let skip = 0;
  let begun = !opens;
  let lost = false;

  /** The packet at the start of `all`, and how long it is; undefined while bytes are missing. */
  function next(all: Uint8Array): { readonly packet: PayloadPacket | undefined; readonly length: number } | undefined {
    const [first] = all;
    const length = first === undefined ? 'more' : remainingLength(all, 1);
    const unbegun = first !== undefined && !begun && first >> 4 !== CONNECT;
    if (length === 'bad' || unbegun) return { packet: { kind: 'unreadable' }, length: all.length };
    if (first === undefined || typeof length === 'string') return undefined;
    const start = 1 + length.size;
    const end = start + length.value;
    const type = first >> 4;
    if (end > MAX_PACKET_BYTES) {
      const topic = field(all, start);
      if (!topic) return undefined;
      const packet: PayloadPacket =
        type === PUBLISH ? { kind: 'oversize', topic: utf8.decode(topic.bytes) } : { kind: 'unreadable' };
      return { packet, length: end };
    }
    if (end > all.length) return undefined;
    const body = all.subarray(start, end);
    if (type === PUBLISH) return { packet: readPublish(first & 0x0f, body), length: end };
    return { packet: type === CONNECT ? readConnect(body) : undefined, length: end };
  }

  return (bytes) => {
    const packets: PayloadPacket[] = [];
    const fresh = bytes.subarray(Math.min(skip, bytes.length));
    skip -= bytes.length - fresh.length;
    let all = new Uint8Array(rest.length + fresh.length);
    all.set(rest);
    all.set(fresh, rest.length);
    while (!lost) {
      const found = next(all);
      if (!found) break;
      begun = true;
      if (found.packet) packets.push(found.packet);
      lost = found.packet?.kind === 'unreadable';
      skip = Math.max(0, found.length - all.length);
      all = all.subarray(found.length);
    }
    rest = lost ? new Uint8Array() : all.slice();
    return packets;
  };
}
