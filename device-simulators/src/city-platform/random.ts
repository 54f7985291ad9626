/** Seeded randomness: the same seed gives the same day on every machine. */
export interface Random {
  /** Uniform in [0, 1). */
  next(): number;
  /** Whole number, both ends included. */
  between(from: number, to: number): number;
  /** True with this probability. */
  chance(probability: number): boolean;
  pick<T>(from: readonly T[]): T;
  /** Log-normal with the given mean; `spread` is the standard deviation of the logarithm. */
  around(mean: number, spread: number): number;
}

/** A generator (sfc32) seeded by a text; streams of different texts are independent. */
export function createRandom(seed: string): Random {
  let a = 0x9e3779b9;
  let b = 0x243f6a88;
  let c = 0xb7e15162;
  let counter = 1;
  const next = (): number => {
    const sum = (((a + b) | 0) + counter) | 0;
    counter = (counter + 1) | 0;
    a = b ^ (b >>> 9);
    b = (c + (c << 3)) | 0;
    c = (c << 21) | (c >>> 11);
    c = (c + sum) | 0;
    return (sum >>> 0) / 4294967296;
  };
  for (const char of seed) {
    a = (a ^ (char.codePointAt(0) ?? 0)) | 0;
    next();
  }
  for (let turn = 0; turn < 12; turn += 1) next();
  /** Two uniforms make one normal (Box and Muller). */
  const normal = () => Math.sqrt(-2 * Math.log(1 - next())) * Math.cos(2 * Math.PI * next());
  return {
    next,
    between: (from, to) => from + Math.floor(next() * (to - from + 1)),
    chance: (probability) => next() < probability,
    pick: (from) => {
      const picked = from[Math.floor(next() * from.length)];
      if (picked === undefined) throw new RangeError('nothing to pick from');
      return picked;
    },
    around: (mean, spread) => mean * Math.exp(normal() * spread - (spread * spread) / 2),
  };
}
