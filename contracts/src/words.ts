import { Type, type TUnsafe } from 'typebox';

/** A closed set of words as a schema whose static type is the union of exactly those words. */
export const oneOf = <const T extends readonly string[]>(words: T): TUnsafe<T[number]> =>
  Type.Unsafe<T[number]>(Type.Union(words.map((word) => Type.Literal(word))));
