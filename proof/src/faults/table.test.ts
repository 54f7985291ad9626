import { existsSync, readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { fleet } from '../fleet/index.ts';
import { hall } from '../hall/index.ts';
import { faultTable } from './table.ts';

const root = new URL('../../../', import.meta.url);
const promised = { hall, fleet };

test('the table has each fault once, in order', () => {
  const ids = faultTable.map(({ id }) => id);
  expect(ids).toEqual([...new Set(ids)].toSorted());
});

describe.each(faultTable)('$id $en', ({ zh, outcome, shownBy, later }) => {
  test('says in both languages what must come of it, and is shown by something unless it cannot happen yet', () => {
    for (const text of [zh, outcome.zh]) expect(text).toMatch(/\p{Script=Han}/u);
    expect(outcome.en).toMatch(/[a-z]/);
    expect(shownBy.length > 0 || later !== undefined).toBe(true);
  });

  test('what is named exists', () => {
    const missing = shownBy.filter((shown) => {
      if ('promise' in shown) return !promised[shown.area].some(({ id }) => id === shown.promise);
      const file = new URL(shown.file, root);
      return !existsSync(file) || !readFileSync(file, 'utf8').includes(shown.title);
    });
    expect(missing).toEqual([]);
  });
});
