/** Short codes that people compare: eight letters that stand for a whole fingerprint. */
import { scrypt } from 'node:crypto';

/** Crockford's base 32: no I, L, O, U. */
const LETTERS = '0123456789ABCDEFGHJKMNPQRSTVWXYZ';
/**
 * Eight letters are 40 bits, few enough to be searched. So each try is made dear, 4 MiB and some milliseconds: a second key with
 * the code of a given one would take about 2^40 of them, and the code is good for minutes.
 */
const COST = { N: 4096, r: 8, p: 1 };
const BYTES = 5;

/** The code of a SHA-256 fingerprint in hexadecimal, such as `7K4M-QX2P`. Equal on every machine. */
export const shortCode = (fingerprint: string): Promise<string> =>
  new Promise((resolve, reject) => {
    scrypt(fingerprint, 'hall short code', BYTES, COST, (error, derived) => {
      if (error) return reject(error);
      let bits = BigInt(`0x${derived.toString('hex')}`);
      let letters = '';
      for (let at = 0; at < 8; at += 1) {
        letters = (LETTERS[Number(bits & 31n)] as string) + letters;
        bits >>= 5n;
      }
      resolve(`${letters.slice(0, 4)}-${letters.slice(4)}`);
    });
  });
