import { describe, expect, test } from 'vitest';
import { GETA_MARK, GLYPH_HEIGHT_PX, glyph16, hasGlyph, textWidthPx } from './index.ts';

const of = (char: string) => glyph16(char.codePointAt(0) ?? 0);
const ink = (row: number) => row.toString(2).padStart(16, '0').replaceAll('0', '.').replaceAll('1', '#');
const picture = (char: string) => Array.from(of(char)?.rows ?? [], ink);

/** Every two-byte character between two rows of the GB2312 table, by the platform's own decoder. */
function gb2312(firstLead: number, lastLead: number): string[] {
  const decoder = new TextDecoder('gbk');
  const chars: string[] = [];
  for (let lead = firstLead; lead <= lastLead; lead += 1) {
    for (let trail = 0xa1; trail <= 0xfe; trail += 1) {
      const char = decoder.decode(Uint8Array.of(lead, trail));
      if (char.length === 1 && !/[\ue000-\uf8ff\ufffd]/.test(char)) chars.push(char);
    }
  }
  return chars;
}

describe('glyph16', () => {
  test('一 is one horizontal bar', () => {
    const inked = picture('一').filter((row) => row.includes('#'));
    expect(inked).toHaveLength(1);
    expect(inked[0]).toMatch(/^\.{0,2}#{12,16}\.{0,2}$/);
  });

  test('丨 is one vertical bar, A is symmetric and 8 px wide', () => {
    expect(new Set(picture('丨').filter((row) => row.includes('#')))).toEqual(new Set(['.......#........']));
    for (const row of of('A')?.rows ?? []) expect(row & 0xff).toBe(0);
    const rows = Array.from(of('A')?.rows ?? [], (row) => (row >> 8).toString(2).padStart(8, '0'));
    for (const row of rows) expect(Array.from(row).toReversed().join('')).toBe(row);
  });

  test('口 is a box with nothing inside', () => {
    const rows = picture('口').filter((row) => row.includes('#'));
    expect(rows[0]).toContain('##########');
    expect(rows[3]?.replaceAll('.', '')).toBe('##');
  });

  test('has all 6,763 hanzi of GB2312, each with ink and each different', () => {
    const hanzi = gb2312(0xb0, 0xf7);
    expect(hanzi).toHaveLength(6763);
    const shapes = new Set<string>();
    for (const char of hanzi) {
      const glyph = of(char);
      expect([char, glyph?.widthPx]).toEqual([char, 16]);
      expect(glyph?.rows).toHaveLength(GLYPH_HEIGHT_PX);
      const shape = glyph?.rows.join() ?? '';
      expect(shape).not.toMatch(/^0(,0)*$/);
      shapes.add(shape);
    }
    expect(shapes.size).toBe(6763);
  });

  test('has the symbols of GB2312 and the 〓 that replaces what a card cannot draw', () => {
    const symbols = gb2312(0xa1, 0xa9);
    expect(symbols.length).toBeGreaterThan(680);
    expect(symbols.filter((char) => of(char)?.widthPx !== 16)).toEqual([]);
    expect(hasGlyph(GETA_MARK)).toBe(true);
  });

  test.each([0x00, 0x0a, 0x1f, 0x7f, 0x80, 0x9f, 0xd800, 0xe000, 0x20bb7, 0x10ffff, -1, Number.NaN])(
    'has nothing for %i',
    (codePoint) => {
      expect(glyph16(codePoint)).toBeUndefined();
      expect(hasGlyph(codePoint)).toBe(false);
    },
  );

  test('the space is empty', () => {
    expect(of(' ')?.rows.every((row) => row === 0)).toBe(true);
    expect(of('　')).toMatchObject({ widthPx: 16 });
  });
});

test.each([
  ['', 0],
  ['A001', 32],
  ['请A001到3号窗口', 16 * 5 + 8 * 5],
  ['·', 16],
  ['𠮷', 16],
])('textWidthPx(%j) is %i', (text, widthPx) => {
  expect(textWidthPx(text)).toBe(widthPx);
});
