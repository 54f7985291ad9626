import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { encodeRequest, parseRequest } from './commands.ts';
import type { DynamicArea } from './dynamic-area.ts';
import { encodeFrame, scan, toScreen } from './frame.ts';
import { type Charset, composeText, encodeText, GETA_MARK, parseText, shownText, type TextPart } from './text.ts';

const area: Omit<DynamicArea, 'text'> = {
  id: 0,
  x: { px: 0 },
  yPx: 0,
  width: { px: 64 },
  heightPx: 16,
  lineSpacePx: 0,
  runMode: 2,
  timeoutS: 30,
  horizontal: 'left',
  vertical: 'top',
  lines: 1,
  lineBreak: 1,
  displayMode: 2,
  exitMode: 0,
  speed: 0,
  stayHalfS: 8,
};

/** Sends text as a driver does and reads it as a card does. */
function throughTheWire(text: Uint8Array): Uint8Array {
  const data = encodeRequest({ kind: 'dynamic_areas', processMode: 0, remove: [], areas: [{ ...area, text }] });
  const { found, rest } = scan(encodeFrame(toScreen(1, data)));
  const [only] = found;
  if (rest.length > 0 || found.length !== 1 || !only || !('frame' in only)) throw new Error('not exactly one frame');
  const parsed = parseRequest(only.frame.data);
  if (!parsed.ok || parsed.request.kind !== 'dynamic_areas' || parsed.request.areas.length !== 1) throw new Error('refused');
  return parsed.request.areas[0]?.text ?? new Uint8Array();
}

/** Every two-byte character of a range of lead bytes, by the platform's own decoder. */
function charsOf(firstLead: number, lastLead: number, firstTrail: number): string[] {
  const decoder = new TextDecoder('gbk');
  const chars: string[] = [];
  for (let lead = firstLead; lead <= lastLead; lead += 1) {
    for (let trail = firstTrail; trail <= 0xfe; trail += 1) {
      const char = decoder.decode(Uint8Array.of(lead, trail));
      if (char.length === 1 && !/[\p{Co}\ufffd]/u.test(char)) chars.push(char);
    }
  }
  return chars;
}

describe('encodeText', () => {
  test('all 6,763 hanzi of GB2312 are drawn by either font', () => {
    const hanzi = charsOf(0xb0, 0xf7, 0xa1).join('');
    expect(hanzi).toHaveLength(6763);
    for (const charset of ['gb2312', 'gbk'] as const) {
      expect(encodeText(hanzi, charset)).toMatchObject({ shown: hanzi, replaced: [] });
    }
  });

  test('GB2312 has 682 symbols, and nothing of what GBK added among them', () => {
    const symbols = charsOf(0xa1, 0xa9, 0xa1).filter((char) => encodeText(char, 'gb2312').replaced.length === 0);
    expect(symbols).toHaveLength(682);
    expect(encodeText('ⅰ①℡', 'gb2312').shown).toBe(`${GETA_MARK}①${GETA_MARK}`);
  });

  test.each<[Charset, string, string]>([
    ['gb2312', '镕', '〓'],
    ['gbk', '镕', '镕'],
    ['gbk', '乗', '〓'], // 81 5C: its second byte could start an escape
    ['gbk', '𠮷', '〓'],
    ['gbk', '䶮', '〓'],
    ['gbk', '㐂', '〓'],
    ['gbk', '€', '〓'],
    ['gbk', '\ue000', '〓'],
    ['gbk', '\ud800', '〓'],
    ['gb2312', 'é', 'é'],
    ['gb2312', 'ё', 'ё'],
    ['gb2312', '?', '?'],
    ['gb2312', '😀', '〓'],
    ['gb2312', '\\C1', '＼C1'],
    ['gb2312', 'a\tb\r\nc', 'a b  c'],
    ['gb2312', 'a\u0000\u001b\u007f\u0085b', 'ab'],
    ['gb2312', '\u202eA\u200b1\ufeff', 'A1'],
    ['gb2312', '一\ufe0f', '一'],
  ])('%s shows %j as %j', (charset, text, shown) => {
    const encoded = encodeText(text, charset);
    expect(encoded.shown).toBe(shown);
    expect(encoded.replaced.map(({ char }) => char).join('').length > 0).toBe(text !== shown);
    expect(shownText(parseText(encoded.bytes))).toBe(shown);
  });

  test('every replacement is reported in order', () => {
    expect(encodeText('朱镕基\n😀', 'gb2312').replaced).toEqual([
      { char: '镕', by: '〓' },
      { char: '\n', by: ' ' },
      { char: '😀', by: '〓' },
    ]);
  });

  test('no code point of Unicode brings a control byte, a backslash or half a character', () => {
    const bad: string[] = [];
    for (let codePoint = 0; codePoint <= 0x2ffff; codePoint += 1) {
      const { bytes } = encodeText(String.fromCodePoint(codePoint), 'gbk');
      const [first = 0x20, second] = bytes;
      const isSingle = second === undefined && first >= 0x20 && first < 0x7f && first !== 0x5c;
      const isPair = bytes.length === 2 && first > 0x80 && (second ?? 0) >= 0x40 && second !== 0x5c;
      if (!isSingle && !isPair) bad.push(codePoint.toString(16));
    }
    expect(bad).toEqual([]);
  });
});

describe('text that means harm', () => {
  test.each([
    'A001\u005a\u00a5',
    '\\FO999\\C2\\n\\DH',
    'Z'.repeat(400),
    '[[[[ZZZZ',
    '￥“”‘’（）——……',
    '\u0000\u0001\u0002\u0003',
    "'; DROP TABLE area; --",
    '<script>alert(1)</script>',
    '%s%n%x',
    '‮txt.exe',
    'Ω≈ç√∫˜µ≤≥÷',
    '田中さんにあげて下さい',
    '🏳️‍🌈👩‍👩‍👧‍👦',
    'ﷺ',
    'Z̮̞̠͙͔ͅḀ̗̞͈̻̗Ḷ͙͎̯̹̞͓G̻O̭̗̮',
    '乗乗C1乗n',
  ])('%j is one frame with exactly the text that is reported', (text) => {
    for (const charset of ['gb2312', 'gbk'] as const) {
      const { bytes, shown } = encodeText(text, charset);
      expect(throughTheWire(bytes)).toEqual(bytes);
      expect(parseText(bytes)).toEqual(shown === '' ? [] : [{ text: shown }]);
    }
  });

  test('every byte value a text could hide is taken as text', () => {
    for (let value = 0; value <= 0xff; value += 1) {
      const { bytes, shown } = encodeText(`A${String.fromCharCode(value)}1`, 'gbk');
      expect(shownText(parseText(throughTheWire(bytes)))).toBe(shown);
    }
  });

  test('100,000 random texts are 100,000 frames with exactly the text that is reported', () => {
    // Drawn from all of Unicode, with what the protocol and the card listen to made common.
    const spice = ['\\', 'Z', '[', '\u00a5', '\u00a6', '\n', 'C1', 'FO000', 'DH', '乗', '〓', '\u0000', '𠮷'];
    let state = 20_261_123;
    const random = (below: number): number => {
      state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
      return Math.floor((state / 4_294_967_296) * below);
    };
    const kinds = [
      () => spice[random(spice.length)] ?? '',
      () => String.fromCodePoint(0x20 + random(0x5f)),
      () => String.fromCodePoint(0x4e00 + random(0x51a6)),
      () => String.fromCharCode(random(0x10000)),
    ];
    let wrong = 0;
    for (let round = 0; round < 100_000; round += 1) {
      const text = Array.from({ length: random(9) }, () => (kinds[random(kinds.length)] ?? kinds[1])?.() ?? '').join('');
      const { bytes, shown } = encodeText(text, round % 2 === 0 ? 'gb2312' : 'gbk');
      if (shownText(parseText(throughTheWire(bytes))) !== shown) wrong += 1;
    }
    expect(wrong).toBe(0);
  });
});

const part: fc.Arbitrary<TextPart> = fc.oneof(
  fc.string({ unit: 'binary', minLength: 1, maxLength: 6 }).map((text) => ({ text })),
  fc.constantFrom('red' as const, 'green' as const, 'yellow' as const).map((colour) => ({ colour })),
  fc.constant({ newLine: true as const }),
  fc.constantFrom('hour' as const, 'minute' as const, 'second' as const).map((clock) => ({ clock })),
  fc.integer({ min: 0, max: 999 }).map((chineseFont) => ({ chineseFont })),
  fc.integer({ min: 0, max: 999 }).map((asciiFont) => ({ asciiFont })),
);

describe('composeText', () => {
  test('a card reads the parts that were written, digits after an escape included', () => {
    fc.assert(
      fc.property(fc.array(part, { maxLength: 8 }), (parts) => {
        const { bytes, shown } = composeText(parts, 'gbk');
        const read = parseText(bytes);
        expect(shownText(read)).toBe(shown);
        expect(read.filter((one) => !('text' in one))).toEqual(parts.filter((one) => !('text' in one)));
      }),
    );
  });

  test('is the text of vector BXK-13', () => {
    const parts: TextPart[] = [
      { text: '北京时间' },
      { newLine: true },
      { clock: 'hour' },
      { text: ':' },
      { clock: 'minute' },
      { text: ':' },
      { clock: 'second' },
    ];
    const { bytes, shown } = composeText(parts, 'gb2312');
    expect(new TextDecoder('gbk').decode(bytes)).toBe('北京时间\\n\\DH:\\DM:\\DS');
    expect(shown).toBe('北京时间\nHH:MM:SS');
    expect(parseText(bytes)).toEqual(parts);
  });

  test('a font number without three digits is the caller’s mistake', () => {
    expect(() => composeText([{ chineseFont: 1000 }], 'gbk')).toThrow(RangeError);
  });
});

test('what a card cannot read it shows as 〓 or passes over', () => {
  const read = (...bytes: number[]) => shownText(parseText(Uint8Array.from(bytes)));
  expect(read(0xb1)).toBe('〓');
  expect(read(0xff, 0xff, 0x41)).toBe('〓A');
  expect(read(0x41, 0x07, 0x42)).toBe('AB');
  expect(read(0x5c, 0x51)).toBe('\\Q');
});
