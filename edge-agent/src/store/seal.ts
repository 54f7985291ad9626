/**
 * Checksums of what is kept as text. SQLite notices a damaged page, but not a byte that another byte took the place of: such a text
 * would be believed and shown. So each stands behind the first 16 hex characters of the SHA-256 of itself and of its place (table,
 * key and the other columns of its row): a changed text, and a row in the place of another, are both known. Pure.
 */
import { createHash } from 'node:crypto';

/** Characters of the checksum before the text. */
export const SEAL_CHARACTERS = 16;

/** Table, key and all else of the row that must be as it was written. */
export type Place = readonly (string | number | null)[];

const checksum = (text: string, place: Place): string =>
  createHash('sha256').update(JSON.stringify(place)).update(text).digest('hex').slice(0, SEAL_CHARACTERS);

export const seal = (text: string, place: Place): string => checksum(text, place) + text;

/** The text, if it is the one that was sealed for this place. */
export function unseal(sealed: string, place: Place): string | undefined {
  const text = sealed.slice(SEAL_CHARACTERS);
  return sealed.startsWith(checksum(text, place)) ? text : undefined;
}
