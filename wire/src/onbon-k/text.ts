/**
 * Text on its way to a card. A card draws the bytes of its font's charset and obeys backslash sequences inside them, so text
 * from outside never carries a control byte, a backslash, or a byte that could be taken for one (threat: a name that injects
 * an escape or ends the frame).
 */
import iconv from 'iconv-lite';
import { concat } from '../bytes.ts';

/**
 * Fonts a card can have: GB2312 as delivered, GBK with the larger font loaded. assumed: a GBK font draws code page 936, without
 * the 80 characters that later tables added.
 */
export type Charset = 'gb2312' | 'gbk';

/** What stands in for a character the card cannot draw. In the first row of GB2312, so every card has it. */
export const GETA_MARK = '〓';

export interface Replacement {
  readonly char: string;
  /** What is shown instead; empty where the character has no shape of its own. */
  readonly by: string;
}
export interface EncodedText {
  readonly bytes: Uint8Array;
  /** The text as the card will show it, escapes left out. */
  readonly shown: string;
  /** Every character that was not shown as it came, in order. */
  readonly replaced: readonly Replacement[];
}

export const textColours = { red: 1, green: 2, yellow: 3 } as const;
export type TextColour = keyof typeof textColours;
/** A live field the card fills from its own clock. */
export type ClockField = 'hour' | 'minute' | 'second';

/** What the text of an area is made of. */
export type TextPart =
  | { readonly text: string }
  | { readonly colour: TextColour }
  | { readonly newLine: true }
  | { readonly clock: ClockField }
  /** Number of the Chinese font, 0–999. */
  | { readonly chineseFont: number }
  /** Number of the ASCII font, 0–999. */
  | { readonly asciiFont: number };

const CODE_PAGE = 'cp936';
const BACKSLASH = 0x5c;
const clockEscapes = { hour: 'H', minute: 'M', second: 'S' } as const satisfies Record<ClockField, string>;

/** Rows and cells of GB2312 (GB/T 2312-1980): lead byte → first and last trail byte of each run. */
const symbolRuns: Readonly<Record<number, ReadonlyArray<readonly [number, number]>>> = {
  0xa1: [[0xa1, 0xfe]],
  0xa2: [
    [0xb1, 0xe2],
    [0xe5, 0xee],
    [0xf1, 0xfc],
  ],
  0xa3: [[0xa1, 0xfe]],
  0xa4: [[0xa1, 0xf3]],
  0xa5: [[0xa1, 0xf6]],
  0xa6: [
    [0xa1, 0xb8],
    [0xc1, 0xd8],
  ],
  0xa7: [
    [0xa1, 0xc1],
    [0xd1, 0xf1],
  ],
  0xa8: [
    [0xa1, 0xba],
    [0xc5, 0xe9],
  ],
  0xa9: [[0xa4, 0xef]],
};

function inGb2312(lead: number, trail: number): boolean {
  if (lead >= 0xb0 && lead <= 0xf7) return trail >= 0xa1 && trail <= (lead === 0xd7 ? 0xf9 : 0xfe);
  return (symbolRuns[lead] ?? []).some(([first, last]) => trail >= first && trail <= last);
}

/** Format characters and variation selectors: they change how neighbours look and have no shape of their own. */
const shapeless = /^[\p{Cc}\p{Cf}\u{fe00}-\u{fe0f}\u{e0100}-\u{e01ef}]$/u;

type Encoded = Uint8Array | Replacement;
/** What has been encoded once; there are no more characters than Unicode has. */
const encodedChars = { gb2312: new Map<string, Encoded>(), gbk: new Map<string, Encoded>() } satisfies Record<Charset, unknown>;

function encodedChar(char: string, charset: Charset): Encoded {
  const known = encodedChars[charset].get(char);
  if (known) return known;
  const made = encodeChar(char, charset);
  encodedChars[charset].set(char, made);
  return made;
}

/** The bytes of one character, or what to show instead. */
function encodeChar(char: string, charset: Charset): Encoded {
  if (char === '\n' || char === '\r' || char === '\t') return { char, by: ' ' };
  if (shapeless.test(char)) return { char, by: '' };
  // The introducer of the card's escapes has no escape of its own: its full-width twin says the same to a reader.
  if (char === '\\') return { char, by: '＼' };
  if (char < '\u0080') return Uint8Array.of(char.charCodeAt(0));
  const [first = 0, second] = iconv.encode(char, CODE_PAGE);
  if (second === undefined || /\p{Co}/u.test(char)) return { char, by: GETA_MARK };
  // assumed: firmware may look for escapes byte by byte; a GBK trail byte of 5C would start one. GB2312 has none.
  const drawn = charset === 'gb2312' ? inGb2312(first, second) : second !== BACKSLASH;
  return drawn ? Uint8Array.of(first, second) : { char, by: GETA_MARK };
}

/**
 * Text as bytes of the card's charset. Characters the card cannot draw become 〓, white-space controls a blank, other controls
 * nothing, the backslash its full-width twin; each is reported. The bytes hold no control byte and no 5C.
 */
export function encodeText(text: string, charset: Charset): EncodedText {
  const bytes: number[] = [];
  const replaced: Replacement[] = [];
  let shown = '';
  for (const char of text) {
    const own = encodedChar(char, charset);
    if (own instanceof Uint8Array) {
      bytes.push(...own);
      shown += char;
    } else {
      replaced.push(own);
      bytes.push(...iconv.encode(own.by, CODE_PAGE));
      shown += own.by;
    }
  }
  return { bytes: Uint8Array.from(bytes), shown, replaced };
}

const ascii = (text: string): Uint8Array => Uint8Array.from(text, (char) => char.charCodeAt(0));

function font(letter: 'O' | 'E', number: number): Uint8Array {
  if (!Number.isInteger(number) || number < 0 || number > 999) throw new RangeError(`font ${number} is not within 0 to 999`);
  return ascii(`\\F${letter}${String(number).padStart(3, '0')}`);
}

/**
 * The text of an area from its parts; only here do backslashes come about. `shown` has `\n` for new lines and `HH`, `MM`, `SS`
 * for clock fields. Throws `RangeError` for a font number that has no three digits.
 */
export function composeText(parts: readonly TextPart[], charset: Charset): EncodedText {
  const encoded = parts.map((part): EncodedText => {
    const escapeOf = (bytes: Uint8Array, shown = ''): EncodedText => ({ bytes, shown, replaced: [] });
    if ('text' in part) return encodeText(part.text, charset);
    if ('colour' in part) return escapeOf(ascii(`\\C${textColours[part.colour]}`));
    if ('newLine' in part) return escapeOf(ascii('\\n'), '\n');
    if ('clock' in part) return escapeOf(ascii(`\\D${clockEscapes[part.clock]}`), clockEscapes[part.clock].repeat(2));
    if ('chineseFont' in part) return escapeOf(font('O', part.chineseFont));
    return escapeOf(font('E', part.asciiFont));
  });
  return {
    bytes: concat(...encoded.map(({ bytes }) => bytes)),
    shown: encoded.map(({ shown }) => shown).join(''),
    replaced: encoded.flatMap(({ replaced }) => replaced),
  };
}

const escapes: ReadonlyArray<readonly [RegExp, (match: RegExpExecArray) => TextPart | undefined]> = [
  [/^\\n/, () => ({ newLine: true })],
  [/^\\C([1-3])/, ([, number]) => ({ colour: number === '1' ? 'red' : number === '2' ? 'green' : 'yellow' })],
  [/^\\D([HMS])/, ([, letter]) => ({ clock: letter === 'H' ? 'hour' : letter === 'M' ? 'minute' : 'second' })],
  [/^\\FO([0-9]{3})/, ([, number]) => ({ chineseFont: Number(number) })],
  [/^\\FE([0-9]{3})/, ([, number]) => ({ asciiFont: Number(number) })],
];
const ESCAPE_LOOK_BYTES = 6;

/**
 * What a card makes of the text of an area, two-byte characters taken whole. Bytes that are no character of GBK become 〓, a
 * backslash that starts no known escape stays a backslash, control bytes are passed over.
 */
export function parseText(bytes: Uint8Array): TextPart[] {
  const parts: TextPart[] = [];
  let text = '';
  const flush = (): void => {
    if (text !== '') parts.push({ text });
    text = '';
  };
  let at = 0;
  while (at < bytes.length) {
    const byte = bytes[at] ?? 0;
    if (byte >= 0x80) {
      const pair = iconv.decode(bytes.subarray(at, at + 2), CODE_PAGE);
      const isOne = at + 1 < bytes.length && pair.length === 1 && pair !== '\ufffd' && !/\p{Co}/u.test(pair);
      text += isOne ? pair : GETA_MARK;
      at += 2;
      continue;
    }
    const escape = byte === BACKSLASH ? escapeAt(bytes, at) : undefined;
    if (escape) {
      flush();
      parts.push(escape.part);
      at += escape.length;
      continue;
    }
    if (byte >= 0x20 && byte !== 0x7f) text += String.fromCharCode(byte);
    at += 1;
  }
  flush();
  return parts;
}

function escapeAt(bytes: Uint8Array, at: number): { part: TextPart; length: number } | undefined {
  const ahead = String.fromCharCode(...bytes.subarray(at, at + ESCAPE_LOOK_BYTES));
  for (const [pattern, read] of escapes) {
    const match = pattern.exec(ahead);
    const part = match && read(match);
    if (part) return { part, length: match[0].length };
  }
  return undefined;
}

/** The text a reader sees, `\n` between lines; clock fields as `HH`, `MM`, `SS`. */
export const shownText = (parts: readonly TextPart[]): string =>
  parts
    .map((part) => {
      if ('text' in part) return part.text;
      if ('newLine' in part) return '\n';
      return 'clock' in part ? clockEscapes[part.clock].repeat(2) : '';
    })
    .join('');
