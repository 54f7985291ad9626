import fc from 'fast-check';
import { expect, test } from 'vitest';
import { crc16Arc, fromHex, sum16, toHex } from './index.ts';

const ascii = (text: string) => new TextEncoder().encode(text);

test.each([
  ['', 0x0000],
  ['123456789', 0xbb3d],
  ['A', 0x30c0],
])('CRC-16/ARC of %j is %i', (text, crc) => {
  expect(crc16Arc(ascii(text))).toBe(crc);
});

test('CRC-16/ARC is what bit-by-bit division gives', () => {
  const slow = (bytes: Uint8Array) => {
    let crc = 0;
    for (const byte of bytes) {
      crc ^= byte;
      for (let bit = 0; bit < 8; bit += 1) crc = crc & 1 ? (crc >> 1) ^ 0xa001 : crc >> 1;
    }
    return crc;
  };
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 64 }), (bytes) => {
      expect(crc16Arc(bytes)).toBe(slow(bytes));
    }),
  );
});

test('sum16 wraps at 65,536', () => {
  expect(sum16(new Uint8Array(258).fill(0xff))).toBe((258 * 255) % 65_536);
});

test('hex goes both ways and refuses anything else', () => {
  fc.assert(
    fc.property(fc.uint8Array(), (bytes) => {
      expect(fromHex(toHex(bytes))).toEqual(bytes);
    }),
  );
  expect(() => fromHex('A5 5')).toThrow(SyntaxError);
  expect(() => fromHex('zz')).toThrow(SyntaxError);
});
