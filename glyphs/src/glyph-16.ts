/** Looks up 16-px bitmaps. Pure data, no file access: the same code runs in Node and in the browser. */
import { ascii16 } from './data/ascii-16.ts';
import { han16 } from './data/han-16.ts';
import { symbolCodePoints, symbols16 } from './data/symbols-16.ts';

/** Height of every glyph, px. */
export const GLYPH_HEIGHT_PX = 16;
/** 〓, drawn by a card in place of a character it does not have. */
export const GETA_MARK = 0x3013;

/** One bitmap. Bit 15 of a row is its leftmost pixel, also when the glyph is 8 px wide. */
export interface Glyph {
  readonly widthPx: 8 | 16;
  /** 16 rows from the top. */
  readonly rows: Uint16Array;
}

interface Table {
  readonly widthPx: 8 | 16;
  readonly rows: Uint16Array;
  /** Position of the glyph in the table. */
  readonly at: (codePoint: number) => number | undefined;
}

const within =
  (first: number, last: number) =>
  (codePoint: number): number | undefined =>
    codePoint >= first && codePoint <= last ? codePoint - first : undefined;

/** Big-endian 16-bit rows, as the generator wrote them. */
function decode(base64: string): Uint16Array {
  const text = atob(base64);
  const rows = new Uint16Array(text.length / 2);
  for (let at = 0; at < rows.length; at += 1) rows[at] = (text.charCodeAt(at * 2) << 8) | text.charCodeAt(at * 2 + 1);
  return rows;
}

function symbolTable(): Table {
  const places = new Map(Array.from(symbolCodePoints, (char, at) => [char.codePointAt(0) ?? 0, at]));
  return { widthPx: 16, rows: decode(symbols16), at: (codePoint) => places.get(codePoint) };
}

/** Decoded on first use: a page that draws nothing pays nothing. */
let tables: readonly Table[] | undefined;
const allTables = (): readonly Table[] =>
  (tables ??= [
    { widthPx: 8, rows: decode(ascii16), at: within(0x20, 0x7e) },
    { widthPx: 16, rows: decode(han16), at: within(0x4e00, 0x9fa5) },
    symbolTable(),
  ]);

/**
 * The bitmap of a character: ASCII 8 px wide, everything else of GBK (code page 936) 16 px wide, because that is how
 * two-byte characters stand on a card. Undefined for characters outside GBK and for control characters.
 */
export function glyph16(codePoint: number): Glyph | undefined {
  for (const { widthPx, rows, at } of allTables()) {
    const place = at(codePoint);
    if (place !== undefined) {
      const start = place * GLYPH_HEIGHT_PX;
      return { widthPx, rows: rows.subarray(start, start + GLYPH_HEIGHT_PX) };
    }
  }
  return undefined;
}

/** Whether `glyph16` has this character. */
export const hasGlyph = (codePoint: number): boolean => allTables().some(({ at }) => at(codePoint) !== undefined);

/** Width of one line of text, px. A character without a glyph counts as the 16-px 〓 that stands in for it. */
export function textWidthPx(text: string): number {
  let widthPx = 0;
  for (const char of text) {
    const codePoint = char.codePointAt(0) ?? 0;
    widthPx += codePoint >= 0x20 && codePoint <= 0x7e ? 8 : 16;
  }
  return widthPx;
}
