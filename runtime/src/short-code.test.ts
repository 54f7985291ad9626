import fc from 'fast-check';
import { expect, test } from 'vitest';
import { shortCode } from './short-code.ts';

test('is two groups of four without letters that are read as others, equal for equal fingerprints only', async () => {
  await fc.assert(
    fc.asyncProperty(fc.stringMatching(/^[0-9a-f]{64}$/), fc.stringMatching(/^[0-9a-f]{64}$/), async (one, other) => {
      const code = await shortCode(one);
      expect(code).toMatch(/^[0-9A-HJKMNP-TV-Z]{4}-[0-9A-HJKMNP-TV-Z]{4}$/);
      expect(await shortCode(one)).toBe(code);
      expect((await shortCode(other)) === code).toBe(one === other);
    }),
    { numRuns: 20 },
  );
});

test('never changes from release to release: agent and server may be of different ones', async () => {
  expect(await shortCode('00'.repeat(32))).toBe('63WM-W0CY');
});
