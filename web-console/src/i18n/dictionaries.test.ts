import { describe, expect, it } from 'vitest';
import { eventTypes } from '@hall/contracts';
import { en } from './en.ts';
import { zh } from './zh.ts';

/** All leaves of a dictionary as [path, value]; functions are called with sample arguments. */
function leaves(value: unknown, path = ''): [string, string][] {
  if (typeof value === 'string') return [[path, value]];
  if (typeof value === 'function') return [[path, String((value as (...a: unknown[]) => unknown)(7, 8))]];
  return Object.entries(value as object).flatMap(([key, inner]) => leaves(inner, path ? `${path}/${key}` : key));
}

describe('dictionaries', () => {
  it('hold the same words', () => {
    expect(leaves(en).map(([path]) => path)).toEqual(leaves(zh).map(([path]) => path));
  });

  it.each([...leaves(zh), ...leaves(en)])('has a text for %s', (_, text) => {
    expect(text.trim()).not.toBe('');
    expect(text).not.toContain('undefined');
  });

  it('writes no Chinese in English sentences', () => {
    const chinese = leaves(en).filter(([path, text]) => /\p{Script=Han}/u.test(text) && path !== 'shell/language');
    expect(chinese).toEqual([]);
  });

  it('names every event type in both languages', () => {
    for (const words of [zh, en]) expect(eventTypes.filter((type) => !words.eventType[type])).toEqual([]);
  });
});
