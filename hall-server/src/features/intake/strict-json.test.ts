import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { MAX_DEPTH, decodeUtf8, strictElements, strictValue } from './strict-json.ts';

const nested = (depth: number) => '['.repeat(depth) + ']'.repeat(depth);

describe('strictValue', () => {
  test.each([
    ['{"a":1,"b":{"a":2},"c":[{"a":1},{"a":2}]}', undefined],
    ['{"a":1,"a":2}', 'BODY_DUPLICATE_KEY'],
    ['{"a":1,"\\u0061":2}', 'BODY_DUPLICATE_KEY'],
    ['{"x":[{"k":"}","k":"\\""}]}', 'BODY_DUPLICATE_KEY'],
    ['{"a":"a","b":"a"}', undefined],
    ['{"a\\\\":1,"a\\"":2}', undefined],
    [nested(MAX_DEPTH), undefined],
    [nested(MAX_DEPTH + 1), 'BODY_TOO_DEEP'],
  ])('%s → %s', (text, code) => {
    expect(strictValue(text).fault?.code).toBe(code);
  });

  test.each(['', '{', '{"a":1,}', '{a:1}', 'NaN', '01', '"\u0001"', '[1] 2', "{'a':1}"])('refuses %j', (text) => {
    expect(() => strictValue(text)).toThrow(expect.objectContaining({ code: 'BODY_NOT_JSON' }));
  });

  test('finds no fault in anything JSON.stringify writes, and the value is the same', () => {
    fc.assert(
      fc.property(fc.jsonValue({ maxDepth: 5 }), (value) => {
        const text = JSON.stringify(value, null, 1);
        expect(strictValue(text)).toEqual({ value: JSON.parse(text), text });
      }),
    );
  });
});

describe('strictElements', () => {
  test('a fault stays with its element', () => {
    const found = strictElements(' [ {"a":1,"a":2} , {"b":1}, 7 ,"x", [[ ]] ] ') ?? [];
    expect(found.map(({ text, fault }) => [text, fault?.code])).toEqual([
      ['{"a":1,"a":2}', 'BODY_DUPLICATE_KEY'],
      ['{"b":1}', undefined],
      ['7', undefined],
      ['"x"', undefined],
      ['[[ ]]', undefined],
    ]);
  });

  test('cuts any array into texts that parse to its elements', () => {
    fc.assert(
      fc.property(fc.array(fc.jsonValue({ maxDepth: 3 })), fc.constantFrom(undefined, 1), (values, indent) => {
        const text = JSON.stringify(values, null, indent);
        const found = strictElements(text) ?? [];
        expect(found.map((element) => JSON.parse(element.text) as unknown)).toEqual(JSON.parse(text));
        expect(found.map(({ value }) => value)).toEqual(JSON.parse(text));
        expect(found.every(({ fault }) => fault === undefined)).toBe(true);
      }),
    );
  });

  test('anything but an array is not a batch', () => {
    expect(strictElements('{}')).toBeUndefined();
  });
});

test.each([[[0xff]], [[0xc0, 0x80]], [[0xed, 0xa0, 0x80]], [[0xe4, 0xb8]]])('bytes %j are not UTF-8', (bytes) => {
  expect(() => decodeUtf8(Uint8Array.from(bytes))).toThrow(expect.objectContaining({ code: 'BODY_NOT_UTF8' }));
});
