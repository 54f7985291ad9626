/** What the data of a frame from a card says. Onbon K protocol; see SOURCES.md. */
import { concat } from '../bytes.ts';
import { cardErrors } from './errors.ts';
import { type CardStatus, encodeStatus, parseStatus } from './status.ts';

/** Group, command, error, two reserved bytes. */
const PREFIX_BYTES = 5;

/** What a card answers. `error` of a refusal is a number; `cardErrorOf` has the words. */
export type Reply =
  | { readonly kind: 'ack' }
  | { readonly kind: 'nack'; readonly error: number }
  | { readonly kind: 'status'; readonly status: CardStatus }
  /** An answer no document describes; never an acknowledgement. */
  | {
      readonly kind: 'unknown';
      readonly group: number;
      readonly command: number;
      readonly error: number;
      readonly payload: Uint8Array;
    };

/** The data of an answer: group, command, error, two reserved bytes, payload. */
export function encodeReply(reply: Exclude<Reply, { kind: 'unknown' }>): Uint8Array {
  switch (reply.kind) {
    case 'ack':
      return Uint8Array.of(0xa0, 0x00, cardErrors.none.number, 0, 0);
    case 'nack':
      return Uint8Array.of(0xa0, 0x01, reply.error, 0, 0);
    case 'status':
      // assumed: a status answer names the command it answers.
      return concat(Uint8Array.of(0xa1, 0x02, cardErrors.none.number, 0, 0), encodeStatus(reply.status));
  }
}

/** Reads an answer. An A0 00 whose error is not 0 is a refusal. Undefined when it is too short to be an answer. */
export function parseReply(data: Uint8Array): Reply | undefined {
  const [group = 0, command = 0, error = 0] = data;
  if (data.length < PREFIX_BYTES) return undefined;
  const payload = data.slice(PREFIX_BYTES);
  if (group === 0xa0 && command === 0x00 && error === 0) return { kind: 'ack' };
  if (group === 0xa0 && command <= 0x01) return { kind: 'nack', error };
  const status = group === 0xa1 && command === 0x02 && error === 0 ? parseStatus(payload) : undefined;
  return status ? { kind: 'status', status } : { kind: 'unknown', group, command, error, payload };
}
