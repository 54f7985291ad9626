import { expect, test } from 'vitest';
import { packages, readText, sharedTools } from './architecture/repository.ts';

const argued = new Set([...readText('docs/dependencies.md').matchAll(/`([^`]+)`/g)].map(([, name = '']) => name));
const declared = new Set([...sharedTools(), ...packages().flatMap((owner) => [...owner.declared, ...owner.declaredForTests])]);
const foreign = [...declared].filter((name) => !name.startsWith('@hall/'));

test('every dependency has its line of reason', () => {
  expect(foreign.length).toBeGreaterThan(20);
  expect(foreign.filter((name) => !argued.has(name))).toEqual([]);
});

test('no line argues for a dependency that is gone', () => {
  const rows = readText('docs/dependencies.md').matchAll(/^\| (`[^|]+)\|/gm);
  const named = [...rows].flatMap(([, cell = '']) => [...cell.matchAll(/`([^`]+)`/g)].map(([, name = '']) => name));
  expect(named.filter((name) => !declared.has(name))).toEqual([]);
});
