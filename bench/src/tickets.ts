/** Ticket numbers that tell which call a frame belongs to. */

/** Without Z, whose code is a frame mark of the Onbon protocol and would be escaped. */
const LETTERS = 'ABCDEFGHIJKLMNOPQRSTUVWXY';
const PER_LETTER = 100_000;
const TICKET = /([A-Y])(\d{5})/g;

/** Calls one run can tell apart. */
export const MOST_CALLS = LETTERS.length * PER_LETTER;

/** The ticket of a call: one letter and five digits. */
export const ticketOf = (call: number): string =>
  LETTERS.charAt(Math.floor(call / PER_LETTER)) + String(call % PER_LETTER).padStart(5, '0');

/** The newest call whose ticket stands in the bytes; -1 where there is none. */
export function callIn(bytes: Uint8Array): number {
  const text = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('latin1');
  let newest = -1;
  for (const [, letter = '', digits] of text.matchAll(TICKET)) {
    newest = Math.max(newest, LETTERS.indexOf(letter) * PER_LETTER + Number(digits));
  }
  return newest;
}
