import { channelKinds } from '@hall/contracts';
import { describe, expect, it } from 'vitest';
import { mergeNotices } from '../live/merge.ts';
import { channelOf, fieldsOfLines, linesOf } from './channel-fields.ts';
import { unseen } from './seen.ts';

describe('channels', () => {
  it('store only what their kind makes use of', () => {
    const entry = { id: 'a', kind: 'wecom', name: '群', url: 'https://x/', host: 'mail', secrets: { password: 'x' } } as const;
    expect(channelOf(entry)).toEqual({
      channel: { id: 'a', kind: 'wecom', name: '群', enabled: true, language: 'zh', perMinute: 20, url: 'https://x/' },
      secrets: {},
    });
    expect(channelOf({ ...entry, kind: 'email' })).toMatchObject({ channel: { host: 'mail' }, secrets: { password: 'x' } });
  });
  it.each(channelKinds)('of kind %s take an empty form', (kind) => {
    expect(channelOf({ kind }).channel.kind).toBe(kind);
  });
  it('write the fields of a gateway as lines and read them back', () => {
    const fields = { mobile: '{phone}', content: '{text}=ok' };
    expect(fieldsOfLines(linesOf(fields))).toEqual(fields);
    expect(fieldsOfLines('=x\nnothing\n a = b ')).toEqual({ a: 'b' });
  });
});

describe('notices on the console', () => {
  const row = (seq: number) =>
    ({ seq, at: 0, what: 'raised', alarm: 'k', priority: 1, title: { zh: '', en: '' }, firstStep: { zh: '', en: '' } }) as const;
  it('stay newest first, each once', () => {
    expect(mergeNotices([row(2), row(1)], [row(3), row(2)]).map(({ seq }) => seq)).toEqual([3, 2, 1]);
  });
  it('count what was not looked at, also when the store counts anew', () => {
    expect(unseen([row(3), row(2), row(1)], 1)).toBe(2);
    expect(unseen([row(3)], 3)).toBe(0);
    expect(unseen([row(2), row(1)], 90)).toBe(2);
    expect(unseen([], 90)).toBe(0);
  });
});
