/** What a visitor sees on a card's screen, pixel by pixel. Pure. */
import type { Picture } from '@hall/contracts';
import { GETA_MARK, GLYPH_HEIGHT_PX, glyph16, type Glyph } from '@hall/glyphs';
import { onbonK } from '@hall/wire';
import type { CardArea } from './areas.ts';

export interface Screen {
  readonly widthPx: number;
  readonly heightPx: number;
  /** 1: red only, colour escapes change nothing. 2: red, green and both together. */
  readonly colours: 1 | 2;
  /** Heights of the fonts in the card by number, px; what is not named is 16. */
  readonly fonts?: Readonly<Record<number, 16 | 32>>;
}

/** Hour, minute and second of the card's own clock. */
export type TimeOfDay = Readonly<Record<onbonK.ClockField, number>>;

interface Cell {
  readonly glyph: Glyph;
  readonly colour: number;
  /** 2 doubles every pixel of the glyph: a 32-px font. */
  readonly scale: 1 | 2;
}
interface Box {
  readonly xPx: number;
  readonly yPx: number;
  readonly widthPx: number;
  readonly heightPx: number;
}
interface Layout {
  readonly parts: readonly onbonK.TextPart[];
  readonly horizontal: onbonK.DynamicArea['horizontal'];
  readonly vertical: onbonK.DynamicArea['vertical'];
  readonly lineSpacePx: number;
  /** `\n` starts a new line. */
  readonly several: boolean;
  /** The end of the area starts a new line. */
  readonly wrap: boolean;
}

const SINGLE_LINE = 1;
const BREAK_AUTOMATICALLY = 2;

/** A dark screen. */
export const darkPicture = ({ widthPx, heightPx }: Screen): Picture => ({
  widthPx,
  heightPx,
  pixels: new Uint8Array(widthPx * heightPx),
});

/**
 * The areas, or the stored programme while there are none. assumed: areas hide the whole programme, not only what they cover.
 * A text longer than its area shows its beginning: pages and scrolling are not drawn. A 32-px font is the 16-px one doubled.
 */
export function drawScreen(screen: Screen, areas: Iterable<CardArea>, storedText: string, time: TimeOfDay): Picture {
  const picture = darkPicture(screen);
  let drawn = 0;
  for (const area of areas) {
    drawn += 1;
    drawText(screen, picture, area, layoutOf(area), time);
  }
  if (drawn === 0) {
    const whole = { xPx: 0, yPx: 0, widthPx: screen.widthPx, heightPx: screen.heightPx };
    const layout = { horizontal: 'centre', vertical: 'centre', lineSpacePx: 0, several: true, wrap: true } as const;
    drawText(screen, picture, whole, { ...layout, parts: [{ text: storedText }] }, time);
  }
  return picture;
}

const layoutOf = ({ parts, sent }: CardArea): Layout => ({
  parts,
  horizontal: sent.horizontal,
  vertical: sent.vertical,
  lineSpacePx: sent.lineSpacePx,
  several: sent.lines !== SINGLE_LINE,
  wrap: sent.lines !== SINGLE_LINE && sent.lineBreak === BREAK_AUTOMATICALLY,
});

function drawText(screen: Screen, picture: Picture, box: Box, layout: Layout, time: TimeOfDay): void {
  for (let y = 0; y < box.heightPx; y += 1) {
    const start = (box.yPx + y) * screen.widthPx + box.xPx;
    picture.pixels.fill(0, start, start + box.widthPx);
  }
  const lines = linesOf(layout, box.widthPx, screen, time);
  const heights = lines.map(heightOf);
  const textHeightPx = heights.reduce((sum, heightPx) => sum + heightPx + layout.lineSpacePx, -layout.lineSpacePx);
  let yPx = aligned(layout.vertical, box.heightPx, textHeightPx);
  for (const [at, line] of lines.entries()) {
    const heightPx = heights[at] ?? 0;
    let xPx = aligned(layout.horizontal, box.widthPx, widthOf(line));
    for (const cell of line) {
      // Characters of different fonts stand on one line.
      drawGlyph(picture, box, xPx, yPx + heightPx - GLYPH_HEIGHT_PX * cell.scale, cell);
      xPx += cell.glyph.widthPx * cell.scale;
    }
    yPx += heightPx + layout.lineSpacePx;
  }
}

const widthOf = (line: readonly Cell[]): number => line.reduce((sum, { glyph, scale }) => sum + glyph.widthPx * scale, 0);
const heightOf = (line: readonly Cell[]): number => GLYPH_HEIGHT_PX * Math.max(1, ...line.map(({ scale }) => scale));

/** Where content starts; content larger than its room starts at the beginning, so its first part is seen. */
function aligned(where: Layout['horizontal'] | Layout['vertical'], roomPx: number, contentPx: number): number {
  const freePx = roomPx - contentPx;
  if (freePx <= 0 || where === 'left' || where === 'top') return 0;
  return where === 'centre' ? Math.floor(freePx / 2) : freePx;
}

function linesOf({ parts, several, wrap }: Layout, widthPx: number, { colours, fonts }: Screen, time: TimeOfDay): Cell[][] {
  const scaleOf = (font: number): 1 | 2 => (fonts?.[font] === 32 ? 2 : 1);
  let [chinese, ascii] = [scaleOf(0), scaleOf(0)];
  let line: Cell[] = [];
  const lines = [line];
  const breakLine = (): void => {
    line = [];
    lines.push(line);
  };
  let colour: number = onbonK.textColours.red;
  for (const part of parts) {
    if ('newLine' in part && several) breakLine();
    if ('colour' in part && colours === 2) colour = onbonK.textColours[part.colour];
    if ('chineseFont' in part) chinese = scaleOf(part.chineseFont);
    if ('asciiFont' in part) ascii = scaleOf(part.asciiFont);
    const text = 'text' in part ? part.text : 'clock' in part ? String(time[part.clock]).padStart(2, '0') : '';
    for (const char of text) {
      const glyph = glyph16(char.codePointAt(0) ?? 0) ?? glyph16(GETA_MARK);
      if (!glyph) continue;
      const scale = char < '\u0080' ? ascii : chinese;
      if (wrap && line.length > 0 && widthOf(line) + glyph.widthPx * scale > widthPx) breakLine();
      line.push({ glyph, colour, scale });
    }
  }
  return lines;
}

function drawGlyph(picture: Picture, box: Box, xPx: number, yPx: number, { glyph, colour, scale }: Cell): void {
  const rows = Math.min(GLYPH_HEIGHT_PX * scale, box.heightPx - yPx);
  const columns = Math.min(glyph.widthPx * scale, box.widthPx - xPx);
  for (let row = 0; row < rows; row += 1) {
    const bits = glyph.rows[Math.floor(row / scale)] ?? 0;
    const start = (box.yPx + yPx + row) * picture.widthPx + box.xPx + xPx;
    for (let column = 0; column < columns; column += 1) {
      if (bits & (0x8000 >> Math.floor(column / scale))) picture.pixels[start + column] = colour;
    }
  }
}
