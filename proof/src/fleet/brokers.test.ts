import { existsSync } from 'node:fs';
import { expect, test } from 'vitest';
import { sameOnEveryBroker } from './brokers.ts';

test.each(Object.keys(sameOnEveryBroker))('%s, which no broker changes, is a whole-system test', (name) => {
  expect(existsSync(new URL(`../../../e2e/${name}.test.ts`, import.meta.url))).toBe(true);
});
