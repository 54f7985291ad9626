import { randomBytes, scryptSync } from 'node:crypto';
import { expect, test } from 'vitest';
import { credentialCheck, hashCredential, newCredential } from './credentials.ts';

const bytes = (text: string) => new TextEncoder().encode(text);
/** As earlier releases wrote them. */
const slowHash = (password: string): string => {
  const salt = randomBytes(16);
  const hash = scryptSync(password, salt, 32, { N: 4096, r: 8, p: 1 });
  return `scrypt$4096$${salt.toString('base64')}$${hash.toString('base64')}`;
};

test('a credential is 256 random bits that need no quoting', () => {
  const made = Array.from({ length: 100 }, newCredential);
  expect(new Set(made).size).toBe(100);
  for (const one of made) expect(one).toMatch(/^[A-Za-z0-9_-]{43}$/);
});

test('the hash holds neither the credential nor anything that two hashes share', async () => {
  const credential = newCredential();
  const [one, two] = await Promise.all([hashCredential(credential), hashCredential(credential)]);
  expect(one).toMatch(/^sha256\$[A-Za-z0-9+/=]{24}\$[A-Za-z0-9+/=]{44}$/);
  expect(one).not.toContain(credential);
  expect(one.split('$').slice(1)).not.toEqual(two.split('$').slice(1));
});

test.each([
  ['of today', hashCredential],
  ['of an earlier release', async (password: string) => slowHash(password)],
])('only the credential behind a hash %s is right, the first time and when it is remembered', async (_, made) => {
  const check = credentialCheck();
  const credential = newCredential();
  const hash = await made(credential);
  for (let turn = 0; turn < 2; turn += 1) {
    expect(await check(bytes(credential), hash)).toBe(true);
    expect(await check(bytes(`${credential}x`), hash)).toBe(false);
    expect(await check(bytes(''), hash)).toBe(false);
  }
});

test('what was right under one hash is not right under another', async () => {
  const check = credentialCheck();
  const credential = newCredential();
  expect(await check(bytes(credential), await hashCredential(credential))).toBe(true);
  expect(await check(bytes(credential), await hashCredential(newCredential()))).toBe(false);
});

test.each(['', 'plain', 'argon2$x$y$z', 'sha256', 'sha256$$', 'sha256$AAAA$AAAA'])(
  'a stored %j lets nobody in',
  async (stored) => {
    expect(await credentialCheck()(bytes('x'), stored)).toBe(false);
  },
);

test('a password longer than any credential is not even looked at', async () => {
  const long = 'x'.repeat(257);
  expect(await credentialCheck()(bytes(long), await hashCredential(long))).toBe(false);
});

test('a crowd of guesses is answered, also beyond what is kept waiting, and the right one still gets in afterwards', async () => {
  const check = credentialCheck({ queued: 20 });
  const credential = newCredential();
  const hash = slowHash(credential);
  const guesses = Array.from({ length: 60 }, (_, at) => check(bytes(`guess-${at}`), hash));
  expect(await check(bytes(credential), hash)).toBe(false);
  expect(new Set(await Promise.all(guesses))).toEqual(new Set([false]));
  expect(await check(bytes(credential), hash)).toBe(true);
});
