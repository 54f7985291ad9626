import type { EventRow } from '@hall/contracts';
import { describe, expect, it } from 'vitest';
import { en } from '../i18n/en.ts';
import { zh } from '../i18n/zh.ts';
import { gistOf } from './gist.ts';

const row = (data: EventRow['data']): EventRow => ({
  seq: 1,
  id: 'e',
  source: 's',
  type: 'ticket.ended',
  subject: '',
  time: 0,
  receivedAt: 0,
  flag: null,
  data,
});
const names = new Map([['invoice', '发票领用']]);

describe('the gist of an event', () => {
  it('leaves out the window, which has a column of its own', () => {
    expect(gistOf(row({ ticket: 'A001', window: 'w01' }), zh, names)).toBe('A001');
  });

  it('speaks the language of the reader', () => {
    const ended = row({ ticket: 'A001', service: 'invoice', outcome: 'done' });
    expect(gistOf(ended, zh, names)).toBe('A001 · 发票领用 · 办成');
    expect(gistOf(ended, en, new Map())).toBe('A001 · invoice · done');
  });

  it('hides digests, moments and whatever is not a word', () => {
    expect(gistOf(row({ hash: 'ab'.repeat(32), at: 1_795_400_000_000, text: ['A001'], level: 'acknowledged' }), zh, names)).toBe(
      '已应答',
    );
  });

  it('does not take a ticket for a property of objects', () => {
    expect(gistOf(row({ ticket: 'constructor' }), zh, names)).toBe('constructor');
  });
});
