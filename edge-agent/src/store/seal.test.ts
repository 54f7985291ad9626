import fc from 'fast-check';
import { expect, test } from 'vitest';
import { seal, unseal, type Place } from './seal.ts';

const places = fc.array(fc.oneof(fc.string(), fc.integer(), fc.constant(null)), { maxLength: 5 });
const texts = fc.string({ unit: 'binary' });

test('a sealed text comes back for its own place, and for no other', () => {
  fc.assert(
    fc.property(texts, places, places, (text, place, other) => {
      const sealed = seal(text, place);
      expect(unseal(sealed, place)).toBe(text);
      const isSame = JSON.stringify(other) === JSON.stringify(place);
      expect(unseal(sealed, other)).toBe(isSame ? text : undefined);
    }),
  );
});

test('a text with any one character changed is not believed', () => {
  const place: Place = ['live', 'window/3/ticket'];
  fc.assert(
    fc.property(texts, fc.nat(), fc.string({ minLength: 1, maxLength: 1 }), (text, at, by) => {
      const sealed = seal(text, place);
      const where = at % sealed.length;
      const changed = sealed.slice(0, where) + by + sealed.slice(where + 1);
      expect(unseal(changed, place)).toBe(changed === sealed ? text : undefined);
    }),
  );
});

test('what is too short to hold a checksum is not believed', () => {
  expect(unseal('', ['value', 'install'])).toBeUndefined();
  expect(unseal('0123', ['value', 'install'])).toBeUndefined();
});
