import { describe, expect, test } from 'vitest';
import { fromHex } from '../index.ts';
import { addresses, describeFrame, encodeReply, type Frame, scan, toScreen } from './index.ts';
import vectors from './vectors.json' with { type: 'json' };

const frameOf = (hex: string): Frame => {
  const [first] = scan(fromHex(hex)).found;
  if (!first || !('frame' in first)) throw new Error('not a frame');
  return first.frame;
};

describe('describeFrame', () => {
  test.each([
    ['BXK-01', '联机测试', 'Ping'],
    ['BXK-05', '校时 2013-01-25 11:17:26', 'Set the clock to 2013-01-25 11:17:26'],
    ['BXK-06', '删除全部动态区', 'delete all areas'],
    ['BXK-08', '控制卡应答：成功', 'The card acknowledges'],
    ['BXK-10', '显示 #1「TEMPER:21℃」', 'show #1「TEMPER:21℃」'],
    ['BXK-14', '写闪存文件 P001', 'Write the flash file P001'],
    ['BXK-16', '无效请求：命令不存在', 'A request no card takes: unknown command'],
    [
      'BXK-28',
      '清空动态区；删除动态区 0,1；显示 #0「请A001号到3号窗口」',
      'clear all areas; delete areas 0,1; show #0「请A001号到3号窗口」',
    ],
    ['BXK-30', '控制卡拒绝：校验错误', 'The card refuses: wrong checksum'],
  ])('%s: %s', (id, zh, en) => {
    const hex = vectors.find((vector) => vector.id === id)?.bytes ?? '';
    expect(describeFrame(frameOf(hex))).toMatchObject({ zh, en });
  });

  test('names the ends and what the sentence was made from', () => {
    const hex = vectors.find(({ id }) => id === 'BXK-28')?.bytes ?? '';
    expect(describeFrame(frameOf(hex)).fields).toMatchObject({
      from: '0x8000',
      to: '0xFFFE',
      kind: 'dynamic_areas',
      processMode: 1,
      'area 0': '请A001号到3号窗口',
    });
  });

  test('an answer that is no answer is said to be unreadable', () => {
    expect(describeFrame(toScreen(addresses.computer, Uint8Array.of(1)))).toMatchObject({ en: 'An answer that cannot be read' });
  });

  test('a refusal with a number no document names shows the number', () => {
    const data = encodeReply({ kind: 'nack', error: 99 });
    expect(describeFrame(toScreen(addresses.computer, data)).zh).toBe('控制卡拒绝：错误 99');
  });
});
