import { describe, expect, it } from 'vitest';
import { fileText } from './file-text.ts';

describe('the text of a CSV file', () => {
  it('is read as UTF-8, without its mark', () => {
    expect(fileText(new TextEncoder().encode('\ufeffid,zh\ntax,税务局'))).toBe('id,zh\ntax,税务局');
  });

  it('is read as GBK where it is not UTF-8', () => {
    expect(fileText(Uint8Array.of(0xcb, 0xb0, 0xce, 0xf1, 0xbe, 0xd6))).toBe('税务局');
  });
});
