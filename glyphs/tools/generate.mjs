/**
 * Draws the 16-px table in `glyphs/src/data/` from UnifontEX. Run by hand: `node glyphs/tools/generate.mjs`.
 * Covers ASCII and everything GBK (code page 936) can write; private-use characters are left out.
 */
import { readFileSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { createCanvas, GlobalFonts } from '@napi-rs/canvas';

const SIZE = 16;
const HAN_FIRST = 0x4e00;
const HAN_LAST = 0x9fa5;
/** Column and row of the cell a glyph is drawn into; the room around it shows ink that leaves its box. */
const MARGIN = 16;

const require = createRequire(import.meta.url);
const font = readFileSync(require.resolve('@fontsource/unifontex/files/unifontex-latin-400-normal.woff2'));
if (!GlobalFonts.register(font, 'source')) throw new Error('the font could not be read');

const canvas = createCanvas(SIZE + 2 * MARGIN, SIZE + 2 * MARGIN);
const context = canvas.getContext('2d');
context.font = `${SIZE}px source`;
context.textBaseline = 'alphabetic';
// Unifont draws on a 16-px grid whose baseline is 14 px below its top.
const BASELINE = 14;

/** The 16 rows of a character, bit 15 leftmost, and how wide the font makes it. */
function draw(char) {
  context.fillStyle = '#000';
  context.fillRect(0, 0, canvas.width, canvas.height);
  context.fillStyle = '#fff';
  context.fillText(char, MARGIN, MARGIN + BASELINE);
  const { data } = context.getImageData(0, 0, canvas.width, canvas.height);
  const rows = [];
  let outside = 0;
  for (let y = 0; y < canvas.height; y += 1) {
    let row = 0;
    for (let x = 0; x < canvas.width; x += 1) {
      const grey = data[(y * canvas.width + x) * 4];
      if (grey !== 0 && grey !== 255) throw new Error(`${char}: not crisp at ${x},${y}`);
      if (grey === 0) continue;
      const inside = x >= MARGIN && x < MARGIN + SIZE && y >= MARGIN && y < MARGIN + SIZE;
      if (inside) row |= 0x8000 >> (x - MARGIN);
      else outside += 1;
    }
    if (y >= MARGIN && y < MARGIN + SIZE) rows.push(row);
  }
  return { rows, outside, advance: context.measureText(char).width };
}

function gbkSymbols() {
  const decoder = new TextDecoder('gbk');
  const found = new Set();
  for (let lead = 0x81; lead <= 0xfe; lead += 1) {
    for (let trail = 0x40; trail <= 0xfe; trail += 1) {
      const text = decoder.decode(Uint8Array.of(lead, trail));
      const codePoint = text.codePointAt(0);
      if (text.length !== 1 || codePoint === 0xfffd || (codePoint >= 0xe000 && codePoint <= 0xf8ff)) continue;
      if (codePoint >= HAN_FIRST && codePoint <= HAN_LAST) continue;
      if (codePoint < 0x80) continue;
      found.add(codePoint);
    }
  }
  return [...found].toSorted((a, b) => a - b);
}

const bytes = (rows) => {
  const out = Buffer.alloc(rows.length * 2);
  rows.forEach((row, at) => out.writeUInt16BE(row, at * 2));
  return out;
};

const ascii = [];
for (let codePoint = 0x20; codePoint <= 0x7e; codePoint += 1) {
  const { rows, advance } = draw(String.fromCodePoint(codePoint));
  if (advance !== 8) throw new Error(`${codePoint}: width ${advance}`);
  ascii.push(...rows);
}

const han = [];
const missing = draw('\u{10ffff}').rows.join();
const absent = [];
for (let codePoint = HAN_FIRST; codePoint <= HAN_LAST; codePoint += 1) {
  const { rows, outside } = draw(String.fromCodePoint(codePoint));
  if (outside > 0) throw new Error(`${codePoint.toString(16)}: ${outside} px outside the cell`);
  if (rows.join() === missing) throw new Error(`${codePoint.toString(16)} is missing`);
  han.push(...rows);
}

const symbols = [];
const codePoints = [];
for (const codePoint of gbkSymbols()) {
  const { rows, advance, outside } = draw(String.fromCodePoint(codePoint));
  if (rows.join() === missing || outside > 0) {
    absent.push(`U+${codePoint.toString(16)}`);
    continue;
  }
  codePoints.push(codePoint);
  // Two bytes are two columns on a card: narrow symbols stand in the middle of a full-width cell.
  symbols.push(...(advance === 8 ? rows.map((row) => row >> 4) : rows));
}

const file = (name, text) => writeFileSync(new URL(`../src/data/${name}`, import.meta.url), text);
const base64 = (rows) => bytes(rows).toString('base64');
file('ascii-16.ts', `export const ascii16: string = '${base64(ascii)}';\n`);
file('han-16.ts', `export const han16: string = '${base64(han)}';\n`);
file(
  'symbols-16.ts',
  `export const symbolCodePoints: string = '${String.fromCodePoint(...codePoints)}';\nexport const symbols16: string = '${base64(symbols)}';\n`,
);
console.log({ ascii: ascii.length / 16, han: han.length / 16, symbols: codePoints.length, absent });
