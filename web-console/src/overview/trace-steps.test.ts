import type { Trace } from '@hall/contracts';
import { describe, expect, it } from 'vitest';
import { zh } from '../i18n/zh.ts';
import { afterText, traceSteps, traceTotalMs } from './trace-steps.ts';

const trace: Trace = {
  event: 'e1',
  type: 'ticket.called',
  sourceTime: 1000,
  receivedAt: 2000,
  committedAt: 2001.25,
  publishedAt: 2001.5,
  field: 'window/w12',
  liveSeq: 9,
  screens: [
    { device: 'strip-12', level: 'acknowledged', decidedAt: 2002, sentAt: 2003, confirmedAt: 2012 },
    { device: 'board', level: 'sent', decidedAt: 2002.5, sentAt: 2003.5, confirmedAt: null },
  ],
};

const nameOf = (device: string) => (device === 'strip-12' ? '12 号窗口屏' : undefined);

describe('the trace of a call', () => {
  it('tells the steps in the order of time and what is awaited last', () => {
    expect(traceSteps(trace, zh, nameOf).map((step) => step.text)).toEqual([
      '平台发生',
      '服务器收到',
      '写入数据库',
      '发布给代理',
      '12 号窗口屏：决定画面',
      'board：决定画面',
      '12 号窗口屏：发给设备',
      'board：发给设备',
      '12 号窗口屏：已应答',
      'board：等待应答',
    ]);
  });

  it('counts from the receipt', () => {
    expect(traceSteps(trace, zh, nameOf).map((step) => afterText(step, zh))[2]).toBe('+1.3 毫秒');
  });

  it('has a total only when every screen has answered', () => {
    expect(traceTotalMs(trace)).toBeUndefined();
    expect(traceTotalMs({ ...trace, screens: trace.screens.slice(0, 1) })).toBe(12);
    expect(traceTotalMs({ ...trace, screens: [] })).toBeUndefined();
  });
});
