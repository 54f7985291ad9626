import { eventSchemas, type EventRow, type Overview } from '@hall/contracts';
import { describe, expect, it } from 'vitest';
import { dictionaries, type Language } from '../i18n/language.tsx';
import { hallNames } from '../live/hall-names.ts';
import { sampleWindow } from '../overview/sample-window.ts';
import { gistOf, type Reader } from './gist.ts';

const row = (data: EventRow['data'], type = 'ticket.ended', subject = ''): EventRow => ({
  seq: 1,
  id: 'e',
  source: 's',
  type,
  subject,
  time: 0,
  receivedAt: 0,
  flag: null,
  data,
});
const overview = { windows: [sampleWindow()], queues: [{ service: 'passport', zh: '护照', waiting: 0, next: [] }] };
const reader = (language: Language): Reader => {
  const words = dictionaries[language];
  return { language, words, names: hallNames(overview as unknown as Overview, [], language, words) };
};
const zh = reader('zh');
const en = reader('en');

describe('the gist of an event', () => {
  it('names ticket and window of a call, and which call it is from the second on', () => {
    const call = row({ ticket: 'A032', window: 'w12', callNumber: 1 }, 'ticket.called');
    expect(gistOf(call, zh)).toBe('A032 → 12 号窗口');
    expect(gistOf(call, en)).toBe('A032 → window 12');
    const again = row({ ticket: 'A032', window: 'w12', callNumber: 3 }, 'ticket.recalled');
    expect(gistOf(again, zh)).toBe('A032 → 12 号窗口 · 第 3 次呼叫');
    expect(gistOf(again, en)).toBe('A032 → window 12 · call 3');
  });

  it('says which device has lost its link and why, without the code', () => {
    const lost = row({ link: 'offline', code: 'DEVICE_OFFLINE' }, 'device.link', 'strip-12');
    expect(gistOf(lost, zh)).toBe('12 号窗口屏 · 离线 · 设备未连接');
    expect(gistOf(lost, en)).toBe('strip of window 12 · Offline · The device is not connected');
    expect(gistOf(row({ link: 'offline', code: 'A_NEWER_CODE' }, 'device.link'), zh)).toBe('离线 · A_NEWER_CODE');
  });

  it('leaves out the window, which has a column of its own', () => {
    expect(gistOf(row({ ticket: 'A001', window: 'w12' }), zh)).toBe('A001');
  });

  it('speaks the language of the reader', () => {
    const ended = row({ ticket: 'A001', service: 'invoice', outcome: 'done' });
    expect(gistOf(ended, zh)).toBe('A001 · 发票领用 · 办成');
    expect(gistOf(ended, en)).toBe('A001 · Invoices · done');
  });

  it.each([
    [{ ticket: 'A1', grade: 5, channel: 'device' }, 'A1 · 5 分 · 评价器', 'A1 · grade 5 of 5 · rating device'],
    [{ ticket: 'A1', placesBack: 3 }, 'A1 · 顺延 3 位', 'A1 · 3 places back'],
    [{ ticket: 'A1', by: 'visitor' }, 'A1 · 群众', 'A1 · visitor'],
    [{ ticket: 'A1', toWindow: 'w12', toService: 'passport' }, 'A1 · 12 号窗口 · 护照', 'A1 · Window 12 · 护照'],
    [{ window: 'w12', services: ['invoice', 'passport'] }, '发票领用、护照', 'Invoices, 护照'],
    [{ window: 'w12', staff: 'p0012', department: 'tax' }, '税务局', 'Tax'],
    [{ version: '0.1.0' }, '版本 0.1.0', 'version 0.1.0'],
    [{ ver: 3, by: 'command line' }, '版本 3 · 命令行', 'version 3 · command line'],
    [{ dropped: 12, from: 1, to: 2 }, '丢失 12 条', '12 lost'],
  ])('says %j in words', (data, chinese, english) => {
    expect(gistOf(row(data), zh)).toBe(chinese);
    expect(gistOf(row(data), en)).toBe(english);
  });

  it('has a word for every closed word of every event', () => {
    const unsaid = Object.values(eventSchemas).flatMap(({ properties }) =>
      Object.entries(properties as Record<string, { anyOf?: ReadonlyArray<{ const?: unknown }> }>).flatMap(
        ([key, { anyOf = [] }]) =>
          anyOf
            .map((literal) => literal.const)
            .filter((word) => typeof word === 'string')
            .filter((word) => !/\p{Script=Han}/u.test(gistOf(row({ [key]: word }), zh))),
      ),
    );
    expect(unsaid.filter((word) => word !== 'wechat')).toEqual([]);
  });

  it('hides digests, moments and whatever is not a word', () => {
    expect(gistOf(row({ hash: 'ab'.repeat(32), at: 1_795_400_000_000, text: ['A001'], level: 'acknowledged' }), zh)).toBe(
      '已应答',
    );
  });

  it('does not take a ticket for a property of objects', () => {
    expect(gistOf(row({ ticket: 'constructor' }), zh)).toBe('constructor');
  });
});
