import { createHash } from 'node:crypto';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { sha256 } from './sha256.ts';

// NIST CSRC "Examples with Intermediate Values", SHA-256, and the empty message.
test.each([
  ['', 'e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855'],
  ['abc', 'ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad'],
  [
    'abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq',
    '248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1',
  ],
])('the published digest of %j', (message, digest) => {
  expect(sha256(message)).toBe(digest);
});

test('agrees with the platform for any text, around every block boundary', () => {
  const reference = (text: string) => createHash('sha256').update(text, 'utf8').digest('hex');
  for (let length = 0; length < 200; length += 1) expect(sha256('x'.repeat(length))).toBe(reference('x'.repeat(length)));
  fc.assert(fc.property(fc.string({ unit: 'binary', maxLength: 300 }), (text) => sha256(text) === reference(text)));
});
