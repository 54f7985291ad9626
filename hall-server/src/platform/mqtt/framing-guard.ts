/**
 * Reads nothing but the fixed header of each MQTT packet (MQTT 3.1.1 §2.2): type and remaining length. It stands in front of the
 * broker, which would buffer whatever length a stranger declares.
 */
import { MAX_PACKET_BYTES } from '@hall/contracts';

/** Largest CONNECT, bytes: ids, credential and last will; nothing is authenticated yet. */
export const MAX_CONNECT_BYTES = 8 * 1024;

/** Type 1 and flags 0; other flags are malformed (§3.1.1), and so is the first byte of a TLS greeting. */
const CONNECT = 0x10;
const MORE = 0x80;
const MAX_LENGTH_BYTES = 4;

export type FramingFault = 'first_packet_not_connect' | 'packet_too_large' | 'length_malformed';

/** Follows one byte stream. */
export interface FramingGuard {
  /** Takes the next bytes; answers the fault at the first byte that proves it. */
  take(chunk: Uint8Array): FramingFault | undefined;
  /** Bytes received of a packet that is not complete yet: what the broker has to keep. */
  readonly heldBytes: number;
  /** How many packets have begun to come. */
  readonly begun: number;
  /** Whether the first packet, CONNECT, has come whole. */
  readonly connectTaken: boolean;
}

export function framingGuard(): FramingGuard {
  let first = true;
  let connectTaken = false;
  let begun = 0;
  /** Bytes of the current packet's body still to come; -1 while its length is being read. */
  let body = 0;
  let length = 0;
  let lengthBytes = 0;
  const take = (chunk: Uint8Array): FramingFault | undefined => {
    let at = 0;
    while (at < chunk.length) {
      if (body > 0) {
        const step = Math.min(body, chunk.length - at);
        body -= step;
        at += step;
        connectTaken ||= body === 0;
        continue;
      }
      const byte = chunk[at] as number;
      at += 1;
      if (body === 0) {
        if (first && byte !== CONNECT) return 'first_packet_not_connect';
        begun += 1;
        body = -1;
        length = 0;
        lengthBytes = 0;
        continue;
      }
      length += (byte & ~MORE) * 128 ** lengthBytes;
      lengthBytes += 1;
      if (length > (first ? MAX_CONNECT_BYTES : MAX_PACKET_BYTES)) return 'packet_too_large';
      if (byte & MORE) {
        if (lengthBytes === MAX_LENGTH_BYTES) return 'length_malformed';
        continue;
      }
      body = length;
      first = false;
      connectTaken ||= body === 0;
    }
    return undefined;
  };
  return {
    take,
    get heldBytes() {
      if (body === 0) return 0;
      return 1 + lengthBytes + (body < 0 ? 0 : length - body);
    },
    get begun() {
      return begun;
    },
    get connectTaken() {
      return connectTaken;
    },
  };
}
