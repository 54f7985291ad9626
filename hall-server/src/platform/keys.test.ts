import { mkdtempSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { expect, onTestFinished, test } from 'vitest';
import { openKeys, seal, unseal } from './keys.ts';

function folder(): string {
  const path = mkdtempSync(join(tmpdir(), 'hall-keys-'));
  onTestFinished(() => rmSync(path, { recursive: true }));
  return path;
}
const DAY_MS = 86_400_000;
const MONDAY = Date.UTC(2026, 10, 23, 2);

test('what is sealed opens with the same key and label only', () => {
  const key = Buffer.alloc(32, 1);
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 200 }), fc.nat(), (text, at) => {
      const sealed = seal(key, 'a', text);
      expect(unseal(key, 'a', sealed)).toEqual(Buffer.from(text));
      expect(() => unseal(key, 'b', sealed)).toThrow(/authenticate|Unsupported/);
      sealed[at % sealed.length] = (sealed[at % sealed.length] ?? 0) ^ 1;
      expect(() => unseal(key, 'a', sealed)).toThrow(/authenticate|Unsupported/);
    }),
    { numRuns: 50 },
  );
});

test('the master key is made once and readable by its owner only', () => {
  const path = folder();
  const { master } = openKeys(path);
  expect(openKeys(path).master).toEqual(master);
  expect(statSync(join(path, 'keys', 'master.key')).mode & 0o777).toBe(0o600);
});

test('destroying the key of a day destroys what was stored that day, and no other', () => {
  const path = folder();
  const keys = openKeys(path);
  const [first, second] = [MONDAY, MONDAY + DAY_MS].map((at) => keys.sealPersonal(at, '张**'));
  expect(keys.destroyBefore(MONDAY + DAY_MS)).toBe(1);
  expect(keys.unsealPersonal(MONDAY, first as Buffer)).toBeUndefined();
  expect(keys.unsealPersonal(MONDAY + DAY_MS, second as Buffer)).toBe('张**');
  expect(openKeys(path).unsealPersonal(MONDAY, first as Buffer)).toBeUndefined();
});

test('whoever seals for a new day holds no key of a day before that another one destroys', () => {
  const path = folder();
  const keys = openKeys(path);
  const [first] = [MONDAY, MONDAY + DAY_MS].map((at) => keys.sealPersonal(at, '张**'));
  expect(openKeys(path).destroyBefore(MONDAY + DAY_MS)).toBe(1);
  expect(keys.unsealPersonal(MONDAY, first as Buffer)).toBeUndefined();
});
