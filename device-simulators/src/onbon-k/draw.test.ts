import { describe, expect, test } from 'vitest';
import type { Picture } from '@hall/contracts';
import { glyph16, hasGlyph } from '@hall/glyphs';
import { onbonK } from '@hall/wire';
import { applyAreas, type CardArea } from './areas.ts';
import { drawScreen, type Screen } from './draw.ts';
import { sampleArea } from './sample-area.ts';

const screen: Screen = { widthPx: 64, heightPx: 32, colours: 2 };
const time = { hour: 9, minute: 5, second: 59 };

function placed(...sent: onbonK.DynamicArea[]): CardArea[] {
  const limits = { ...screen, maxAreas: 4, unmarkedUnitPx: 1, charset: 'gbk' } as const;
  const areas = applyAreas(new Map(), { kind: 'dynamic_areas', processMode: 0, remove: [], areas: sent }, limits, 0);
  if (typeof areas === 'string') throw new Error(areas);
  return [...areas.values()];
}
const draw = (sent: onbonK.DynamicArea[], on: Screen = screen) => drawScreen(on, placed(...sent), '空', time);

/** A picture with texts put where they are expected, by the glyph table alone. */
function expected(
  ...texts: Array<{ text: string; x: number; y: number; colour?: number; right?: number; bottom?: number }>
): Picture {
  const pixels = new Uint8Array(screen.widthPx * screen.heightPx);
  for (const { text, x, y, colour = 1, right = screen.widthPx, bottom = screen.heightPx } of texts) {
    let left = x;
    for (const char of text) {
      const glyph = glyph16(char.codePointAt(0) ?? 0);
      for (let row = 0; row < 16; row += 1) {
        for (let column = 0; column < (glyph?.widthPx ?? 0); column += 1) {
          const [px, py] = [left + column, y + row];
          const ink = ((glyph?.rows[row] ?? 0) >> (15 - column)) & 1;
          if (ink && px < right && py < bottom) pixels[py * screen.widthPx + px] = colour;
        }
      }
      left += glyph?.widthPx ?? 0;
    }
  }
  return { widthPx: screen.widthPx, heightPx: screen.heightPx, pixels };
}

describe('drawScreen', () => {
  test('text starts at the top left of its area, in red', () => {
    expect(draw([sampleArea(0, { text: 'A001' })])).toEqual(expected({ text: 'A001', x: 0, y: 0 }));
    expect(draw([sampleArea(0, { text: '请', x: { px: 8 }, width: { px: 40 }, yPx: 16 })])).toEqual(
      expected({ text: '请', x: 8, y: 16 }),
    );
  });

  test.each([
    ['left', 'top', 0, 0],
    ['centre', 'centre', 16, 8],
    ['right', 'bottom', 32, 16],
    ['right', 'top', 32, 0],
  ] as const)('%s and %s', (horizontal, vertical, x, y) => {
    expect(draw([sampleArea(0, { text: 'A001', heightPx: 32, horizontal, vertical })])).toEqual(expected({ text: 'A001', x, y }));
  });

  test('colour escapes change what follows; a one-colour card stays red', () => {
    const parts: onbonK.TextPart[] = [{ text: 'A' }, { colour: 'green' }, { text: 'B' }, { colour: 'yellow' }, { text: 'C' }];
    expect(draw([sampleArea(0, { parts })])).toEqual(
      expected({ text: 'A', x: 0, y: 0 }, { text: 'B', x: 8, y: 0, colour: 2 }, { text: 'C', x: 16, y: 0, colour: 3 }),
    );
    expect(draw([sampleArea(0, { parts })], { ...screen, colours: 1 })).toEqual(expected({ text: 'ABC', x: 0, y: 0 }));
  });

  test('a 32-px font doubles every pixel, per script, and stands on one line with a 16-px one', () => {
    const fonts = { 3: 32 } as const;
    const parts: onbonK.TextPart[] = [{ asciiFont: 3 }, { text: 'A' }, { chineseFont: 1 }, { text: '号' }];
    const { pixels } = draw([sampleArea(0, { parts, heightPx: 32 })], { ...screen, fonts });
    const a = glyph16(0x41);
    const doubled = expected({ text: '号', x: 16, y: 16 }).pixels;
    for (let y = 0; y < 32; y += 1) {
      for (let x = 0; x < 16; x += 1) doubled[y * 64 + x] = ((a?.rows[y >> 1] ?? 0) >> (15 - (x >> 1))) & 1;
    }
    expect(pixels).toEqual(doubled);
  });

  test('a font escape takes no room', () => {
    expect(draw([sampleArea(0, { parts: [{ chineseFont: 1 }, { asciiFont: 2 }, { text: 'A' }] })])).toEqual(
      expected({ text: 'A', x: 0, y: 0 }),
    );
  });

  test('the card puts its own clock into clock fields', () => {
    const parts: onbonK.TextPart[] = [{ clock: 'hour' }, { text: ':' }, { clock: 'minute' }, { text: ':' }, { clock: 'second' }];
    expect(draw([sampleArea(0, { parts })])).toEqual(expected({ text: '09:05:59', x: 0, y: 0 }));
  });

  test('\\n starts a line where several are allowed, and nothing in a single line', () => {
    const parts: onbonK.TextPart[] = [{ text: 'A' }, { newLine: true }, { text: 'B' }];
    expect(draw([sampleArea(0, { parts, heightPx: 32, lines: 2 })])).toEqual(
      expected({ text: 'A', x: 0, y: 0 }, { text: 'B', x: 0, y: 16 }),
    );
    expect(draw([sampleArea(0, { parts, heightPx: 32, lines: 1 })])).toEqual(expected({ text: 'AB', x: 0, y: 0 }));
  });

  test('the end of the area starts a line only where the area says so', () => {
    const long = { text: '一二三四五', heightPx: 32, lines: 2 };
    expect(draw([sampleArea(0, { ...long, lineBreak: 2 })])).toEqual(
      expected({ text: '一二三四', x: 0, y: 0 }, { text: '五', x: 0, y: 16 }),
    );
    expect(draw([sampleArea(0, { ...long, lineBreak: 1 })])).toEqual(expected({ text: '一二三四', x: 0, y: 0 }));
  });

  test('text is cut at the edges of its area', () => {
    const small = sampleArea(0, { text: '窗口', x: { px: 4 }, yPx: 4, width: { px: 20 }, heightPx: 10 });
    expect(draw([small])).toEqual(expected({ text: '窗口', x: 4, y: 4, right: 24, bottom: 14 }));
  });

  test('text too long for its area shows its beginning, whatever its alignment', () => {
    expect(draw([sampleArea(0, { text: '一二三四五', horizontal: 'right' })])).toEqual(
      expected({ text: '一二三四', x: 0, y: 0 }),
    );
  });

  test('a later area covers an earlier one', () => {
    expect(draw([sampleArea(0, { text: '一一一一' }), sampleArea(1, { text: ' ' })])).toEqual(expected());
  });

  test('without areas the stored programme stands in the middle', () => {
    expect(draw([])).toEqual(expected({ text: '空', x: 24, y: 8 }));
    expect(drawScreen(screen, [], '请以窗口叫号为准', time)).toEqual(
      expected({ text: '请以窗口', x: 0, y: 0 }, { text: '叫号为准', x: 0, y: 16 }),
    );
  });
});

test('every character a card’s font has can be drawn', () => {
  const missing: string[] = [];
  for (let codePoint = 0x20; codePoint <= 0xffff; codePoint += 1) {
    const { replaced } = onbonK.encodeText(String.fromCodePoint(codePoint), 'gbk');
    if (replaced.length === 0 && !hasGlyph(codePoint)) missing.push(codePoint.toString(16));
  }
  expect(missing).toEqual([]);
});
