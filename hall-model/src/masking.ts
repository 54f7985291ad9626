/** Personal data: masked before anything is stored, checked once more in front of every public sink. */
import { eventSchemas, type EventData, type EventType } from '@hall/contracts';

const graphemes = new Intl.Segmenter('zh', { granularity: 'grapheme' });
const firstGrapheme = (text: string): string => {
  for (const { segment } of graphemes.segment(text)) return segment;
  return '';
};
const MASKED = '***';
/** Longest visible cluster, UTF-16 units; a longer one is no character of a name. */
const MAX_VISIBLE = 8;

/**
 * A name as it may be stored and shown: its first character and two stars, so that neither the rest nor its length can
 * be read. A name of one character, or one that does not begin with a letter, is three stars. Idempotent.
 */
export function maskName(name: string): string {
  const trimmed = name.trim();
  const first = firstGrapheme(trimmed);
  const visible = /^[\p{L}\p{Nd}]/u.test(first) && first.length <= MAX_VISIBLE && first.length < trimmed.length;
  return visible ? `${first}**` : MASKED;
}

const NAME_FIELDS: ReadonlySet<string> = new Set(['name', 'applicant']);
const fieldsOf = new Map(
  Object.entries(eventSchemas).map(([type, schema]) => [type, Object.keys((schema as { properties: object }).properties)]),
);

/** Of schema-valid event data: only the fields of the schema, names masked. What is not named here is never stored. */
export function minimise<T extends EventType>(type: T, data: EventData<T>): EventData<T> {
  const kept: Record<string, unknown> = {};
  for (const field of fieldsOf.get(type) ?? []) {
    const value = (data as Record<string, unknown>)[field];
    if (value === undefined) continue;
    kept[field] = NAME_FIELDS.has(field) && typeof value === 'string' ? maskName(value) : value;
  }
  return kept as EventData<T>;
}

export type TextFault = 'control' | 'bidi' | 'zero_width' | 'surrogate' | 'private_use' | 'unassigned';

const faults: ReadonlyArray<readonly [TextFault, RegExp]> = [
  ['control', /[\p{Cc}\u2028\u2029]/u],
  ['bidi', /[\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]/u],
  // Invisible fillers and format characters, the tag block included.
  ['zero_width', /[\u034f\u115f\u1160\u17b4\u17b5\u3164\uffa0\p{Cf}]/u],
  ['surrogate', /\p{Cs}/u],
  ['private_use', /\p{Co}/u],
  ['unassigned', /\p{Cn}/u],
];
const PLAIN = /^[\x20-\x7e]*$/;

/** Why a text from outside may not be stored or shown, or undefined where it may: nothing in it is invisible or ambiguous. */
export function textFault(text: string): TextFault | undefined {
  if (PLAIN.test(text)) return undefined;
  return faults.find(([, pattern]) => pattern.test(text))?.[0];
}

export type Leak = 'id_number' | 'mobile' | 'bank_card';

const ID_WEIGHTS = [7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2];
const ID_FORM = /^[1-9]\d{5}(?:18|19|20)\d{2}(?:0[1-9]|1[0-2])(?:0[1-9]|[12]\d|3[01])\d{3}[\dX]$/;

/** GB 11643-1999: ISO 7064 MOD 11-2 check character. */
function isIdNumber(text: string): boolean {
  if (!ID_FORM.test(text)) return false;
  const sum = ID_WEIGHTS.reduce((total, weight, at) => total + weight * Number(text[at]), 0);
  return '10X98765432'[sum % 11] === text[17];
}

/** ISO/IEC 7812-1 Annex B. */
function passesLuhn(digits: string): boolean {
  let sum = 0;
  for (let at = digits.length - 1, second = false; at >= 0; at -= 1, second = !second) {
    const digit = Number(digits[at]) * (second ? 2 : 1);
    sum += digit > 9 ? digit - 9 : digit;
  }
  return sum % 10 === 0;
}

const MOBILE = /(?<!\d)(?:(?:\+|00)?86[ -]?)?1[3-9]\d(?:\d{8}|([ -])\d{4}\1\d{4})(?!\d)/;
const CARD = /(?<!\d)[3-69]\d{3}(?:\d{11,15}|([ -])\d{4}\1\d{4}\1\d{3,4}(?:\1\d{1,3})?)(?!\d)/g;
/** Every form of the three holds one. */
const FOUR_DIGITS = /\d{4}/;
const ID_SPACED = /(\d{6})[ -](\d{8})[ -](\d{3}[\dX])/g;

/**
 * The last look before anything public: an identity number with a valid check digit, a mobile number, or a bank card
 * number that passes Luhn, full-width digits and the usual groupings included. Undefined where there is none.
 */
export function findLeak(text: string): Leak | undefined {
  const normal = text.normalize('NFKC');
  if (!FOUR_DIGITS.test(normal)) return undefined;
  const plain = normal.toUpperCase();
  const joined = plain.replace(ID_SPACED, '$1$2$3');
  for (const [run] of joined.matchAll(/\d{17,}X?/g)) {
    for (let at = 0; at + 18 <= run.length; at += 1) if (isIdNumber(run.slice(at, at + 18))) return 'id_number';
  }
  if (MOBILE.test(plain)) return 'mobile';
  for (const [card] of plain.matchAll(CARD)) if (passesLuhn(card.replace(/[ -]/g, ''))) return 'bank_card';
  return undefined;
}
