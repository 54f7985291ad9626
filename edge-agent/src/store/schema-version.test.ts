import { expect, test } from 'vitest';
import { steps } from './database.ts';
import { SCHEMA_VERSION } from './schema-version.ts';

test('the version that updates are judged by is that of the newest step', () => {
  expect(SCHEMA_VERSION).toBe(Math.max(...steps.map(({ version }) => version)));
});
