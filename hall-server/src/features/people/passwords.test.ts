import { expect, test } from 'vitest';
import { createPasswords, generatePassword, refuseWeak } from './passwords.ts';

test.each([
  'short1A!x',
  'password123',
  'P@ssw0rd123',
  'Passw0rd!!',
  'admin123456',
  'Administrator1',
  'qwertyuiop',
  '1234567890',
  '98765432101234',
  'aaaaaaaaaaaa',
  '1qaz2wsx3edc',
  'woaini1314520',
  'iloveyou2026',
  'abcabcabcabc',
  'liwei-2026-xyz',
  'zhengwu2026!',
])('%s is refused as weak', (password) => {
  expect(() => refuseWeak(password, 'liwei')).toThrow(expect.objectContaining({ code: 'PASSWORD_WEAK' }));
});

test.each(['Lotus-Bridge-Rain-88', 'correct horse battery', '晨光照在旧城墙的砖上', 'x9$Kp2vL!qRt', 'kq7-mfd-2wz-tt9'])(
  '%s is accepted',
  (password) => {
    expect(() => refuseWeak(password, 'liwei')).not.toThrow();
  },
);

test('a generated password is never weak and never the same', () => {
  const made = Array.from({ length: 200 }, generatePassword);
  for (const password of made) {
    expect(password).toMatch(/^([a-z2-9]{4}-){3}[a-z2-9]{4}$/);
    expect(() => refuseWeak(password, 'liwei')).not.toThrow();
  }
  expect(new Set(made).size).toBe(200);
});

test('a hash is argon2id with 19 MiB and two passes, and matches only its password in any Unicode form', async () => {
  const passwords = createPasswords();
  const hash = await passwords.hash('caf\u00e9 au lait 1');
  expect(hash).toMatch(/^\$argon2id\$v=19\$m=19456,t=2,p=1\$/);
  await expect(passwords.matches('cafe\u0301 au lait 1', hash)).resolves.toBe(true);
  await expect(passwords.matches('cafe au lait 1', hash)).resolves.toBe(false);
  await expect(passwords.matches('nobody has this password', undefined)).resolves.toBe(false);
});

test('too many sign-ins at once are refused instead of filling the memory', async () => {
  const passwords = createPasswords();
  const hash = await passwords.hash('some password');
  const results = await Promise.allSettled(Array.from({ length: 60 }, () => passwords.matches('x', hash)));
  const refusals = results.filter(({ status }) => status === 'rejected') as PromiseRejectedResult[];
  expect(refusals.length).toBe(60 - 3 - 48);
  expect(refusals[0]?.reason).toMatchObject({ code: 'OVERLOADED' });
  await expect(passwords.matches('some password', hash)).resolves.toBe(true);
});
