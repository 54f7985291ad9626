import type { EventData } from '@hall/contracts';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { findLeak, maskName, minimise, textFault } from './masking.ts';

const segmenter = new Intl.Segmenter('zh', { granularity: 'grapheme' });
const graphemesOf = (text: string) => [...segmenter.segment(text)].map(({ segment }) => segment);

describe('a masked name', () => {
  test.each([
    ['张三', '张**'],
    ['张晓明', '张**'],
    ['欧阳娜娜', '欧**'],
    ['阿卜杜拉·买买提', '阿**'],
    ['阿依古丽・艾力', '阿**'],
    ['John Smith', 'J**'],
    ['Ürün', 'Ü**'],
    ['U\u0308run', 'U\u0308**'],
    ['𠮷田', '𠮷**'],
    ['䶮国强', '䶮**'],
    ['  李四  ', '李**'],
    ['张', '***'],
    ['J', '***'],
    ['𠮷', '***'],
    ['', '***'],
    ['   ', '***'],
    ['***', '***'],
    ['张**', '张**'],
    ['·张三', '***'],
    ['👩‍👩‍👧‍👦家', '***'],
    [`张${'\u0301'.repeat(40)}三`, '***'],
    ['\u0600张三', '***'],
    ['\ud842', '***'],
  ])('%j is %s', (name, masked) => {
    expect(maskName(name)).toBe(masked);
  });

  const arbName = fc.oneof(
    fc.string({ unit: 'grapheme', maxLength: 12 }),
    fc.string({ unit: 'binary', maxLength: 12 }),
    fc.string({
      unit: fc.constantFrom('张', '欧', '𠮷', '·', 'é', 'e\u0301', '*', ' ', '\u200d', 'हि', '\u0600', '각'),
      maxLength: 8,
    }),
  );

  test('shows at most one character, has three cells, and is never the name', () => {
    fc.assert(
      fc.property(arbName, (name) => {
        const cells = graphemesOf(maskName(name));
        expect(cells).toHaveLength(3);
        expect(cells.slice(1)).toEqual(['*', '*']);
        expect(maskName(name) !== name || name.endsWith('**')).toBe(true);
        expect(cells[0] === '*' || graphemesOf(name.trim()).length > 1).toBe(true);
      }),
      { numRuns: 2000 },
    );
  });

  test('does not tell names of one first character apart, and masks no further', () => {
    fc.assert(
      fc.property(arbName, arbName, (a, b) => {
        expect(maskName(maskName(a))).toBe(maskName(a));
        expect(maskName(`张x${a}`)).toBe(maskName(`张y${b}`));
      }),
      { numRuns: 2000 },
    );
  });
});

describe('minimised data', () => {
  test('holds the fields of the schema and nothing else', () => {
    const data = { ticket: 'A001', service: 'tax', name: '张晓明', phone: '13812345678', idCard: 'x' };
    expect(minimise('ticket.issued', data)).toEqual({ ticket: 'A001', service: 'tax', name: '张**' });
  });

  test('masks the applicant of a case', () => {
    const data = { case: 'C1', applicant: '欧阳静', address: '某路 1 号' } as EventData<'case.received'>;
    expect(minimise('case.received', data)).toEqual({ case: 'C1', applicant: '欧**' });
  });

  test('keeps false, zero and empty lists', () => {
    expect(minimise('ticket.ended', { ticket: 'A1', ratingAsked: false })).toEqual({ ticket: 'A1', ratingAsked: false });
    expect(minimise('window.services_set', { window: 'w1', services: [] })).toEqual({ window: 'w1', services: [] });
    expect(minimise('feed.heartbeat', { anything: 1 } as never)).toEqual({});
  });
});

describe('text from outside', () => {
  test.each([
    ['营业执照 A-12 (新)', undefined],
    ['阿卜杜拉·买买提', undefined],
    ['𠮷野家', undefined],
    ['e\u0301', undefined],
    ['葛\u{e0100}', undefined],
    ['a\u0000', 'control'],
    ['a\nb', 'control'],
    ['a\u0085', 'control'],
    ['a\u2028b', 'control'],
    ['a\u202eb', 'bidi'],
    ['a\u2066b', 'bidi'],
    ['\u200f张', 'bidi'],
    ['张\u200b三', 'zero_width'],
    ['张\u200d三', 'zero_width'],
    ['\ufeff张', 'zero_width'],
    ['a\u00adb', 'zero_width'],
    ['a\u2060b', 'zero_width'],
    ['\u3164', 'zero_width'],
    ['\u{e0041}', 'zero_width'],
    ['\ud842', 'surrogate'],
    ['张\udfb7', 'surrogate'],
    ['\ue000', 'private_use'],
    ['\u{f0000}', 'private_use'],
    ['\uffff', 'unassigned'],
    ['\u0378', 'unassigned'],
  ])('%j: %s', (text, fault) => {
    expect(textFault(text)).toBe(fault);
  });
});

const WEIGHTS = [7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2];
const arbId = fc
  .tuple(
    fc.constantFrom('110105', '330106', '440300', '659004'),
    fc.date({ min: new Date('1930-01-01'), max: new Date('2025-12-31'), noInvalidDate: true }),
    fc.integer({ min: 0, max: 999 }),
  )
  .map(([region, born, serial]) => {
    const front = `${region}${born.toISOString().slice(0, 10).replaceAll('-', '')}${String(serial).padStart(3, '0')}`;
    const sum = WEIGHTS.reduce((total, weight, at) => total + weight * Number(front[at]), 0);
    return front + '10X98765432'.charAt(sum % 11);
  });
const arbMobile = fc
  .tuple(fc.integer({ min: 3, max: 9 }), fc.integer({ min: 0, max: 999_999_999 }))
  .map(([second, rest]) => `1${second}${String(rest).padStart(9, '0')}`);
const arbCard = fc
  .tuple(fc.constantFrom('622848', '621700', '436742', '520082'), fc.integer({ min: 9, max: 12 }), fc.nat())
  .map(([head, length, seed]) => {
    const body = head + String(seed % 10 ** length).padStart(length, '0');
    const sum = body
      .split('')
      .toReversed()
      .reduce((total, digit, at) => {
        const value = Number(digit) * (at % 2 === 0 ? 2 : 1);
        return total + (value > 9 ? value - 9 : value);
      }, 0);
    return body + String((10 - (sum % 10)) % 10);
  });
const arbAround = fc.tuple(
  fc.constantFrom('', '张** ', '电话:', '请 A012 到 3 号窗口 '),
  fc.constantFrom('', '。', ' 谢谢', '(内部)'),
);
const wide = (text: string) => text.replace(/\d/g, (digit) => String.fromCodePoint(0xff10 + Number(digit)));

describe('the last look', () => {
  test.each([
    ['请 A012 到 3 号窗口', undefined],
    ['09:00-12:00 13:30-17:00', undefined],
    ['1 2 3 4 5 6 7 8 9 10 11 12 13', undefined],
    ['A001 A002 A003 A004 A005', undefined],
    ['办件编码 113301062026112300017', undefined],
    ['0571-88888888', undefined],
    ['12345', undefined],
    ['12812345678', undefined],
    ['138123456789', undefined],
    ['913812345678', undefined],
    ['11010519491231002X', 'id_number'],
    ['11010519491231002x', 'id_number'],
    ['110105194912310021', undefined],
    ['号码110105 19491231 002X收', 'id_number'],
    ['13812345678', 'mobile'],
    ['+86 138-1234-5678', 'mobile'],
    ['008613812345678', 'mobile'],
    ['138 1234 5678', 'mobile'],
    ['4111 1111 1111 1111', 'bank_card'],
    ['4111111111111112', undefined],
  ] as const)('%j: %s', (text, leak) => {
    expect(findLeak(text)).toBe(leak);
  });

  test('finds every identity number, mobile number and card in a text', () => {
    fc.assert(
      fc.property(arbId, arbMobile, arbCard, arbAround, fc.boolean(), (id, mobile, card, [before, after], full) => {
        const inText = (secret: string) => `${before}${full ? wide(secret) : secret}${after}`;
        expect(findLeak(inText(id))).toBe('id_number');
        expect(findLeak(inText(mobile))).toBe('mobile');
        expect(findLeak(inText(card))).toMatch(/bank_card|id_number/);
      }),
      { numRuns: 1000 },
    );
  });

  test('finds nothing in ticket numbers, windows and times', () => {
    const arbWord = fc.oneof(
      fc.stringMatching(/^[A-Z]{0,3}[0-9]{1,5}$/),
      fc.constantFrom('请', '到', '号窗口', '等候', '09:30', '张**'),
    );
    fc.assert(
      fc.property(fc.array(arbWord, { maxLength: 30 }), (words) => {
        expect(findLeak(words.join('，'))).toBeUndefined();
      }),
    );
  });
});
