/** Reads the MQTT messages that pass by on a connection. Looks only; never changes a byte. MQTT 3.1.1 §2.2 and §3.3. */

export interface PassingMessage {
  readonly topic: string;
  readonly payload: Uint8Array;
}

const PUBLISH = 3;
const LONGEST_LENGTH_BYTES = 4;

/** The remaining length at `at`: 7 bits a byte, least first, the eighth says that more follow. */
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

function readPublish(flags: number, body: Uint8Array): PassingMessage | undefined {
  const length = ((body[0] ?? 0) << 8) | (body[1] ?? 0);
  const hasPacketId = (flags & 0b0110) !== 0;
  const start = 2 + length + (hasPacketId ? 2 : 0);
  if (start > body.length) return undefined;
  return { topic: new TextDecoder().decode(body.subarray(2, 2 + length)), payload: body.subarray(start) };
}

/** Takes the bytes of one direction in any pieces; answers the messages that are complete with them. */
export function createMqttTap(): (bytes: Uint8Array) => PassingMessage[] {
  let rest: Uint8Array = new Uint8Array();
  let lost = false;
  return (bytes) => {
    if (lost) return [];
    const all = new Uint8Array(rest.length + bytes.length);
    all.set(rest);
    all.set(bytes, rest.length);
    const messages: PassingMessage[] = [];
    let at = 0;
    for (;;) {
      const first = all[at];
      const length = first === undefined ? 'more' : remainingLength(all, at + 1);
      if (length === 'bad') lost = true;
      if (first === undefined || typeof length === 'string') break;
      const start = at + 1 + length.size;
      if (start + length.value > all.length) break;
      const message = first >> 4 === PUBLISH ? readPublish(first & 0x0f, all.subarray(start, start + length.value)) : undefined;
      if (message) messages.push(message);
      at = start + length.value;
    }
    rest = all.slice(at);
    return messages;
  };
}
