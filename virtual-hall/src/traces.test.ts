import type { LiveField } from '@hall/contracts';
import type { PlatformEvent } from '@hall/simulators';
import { describe, expect, test } from 'vitest';
import { createTraces, type CallTrace, type SeenFrame } from './traces.ts';

const called: PlatformEvent = {
  specversion: '1.0',
  id: 'e1',
  source: '/city/queue',
  type: 'ticket.called',
  subject: '2026-11-23/A001',
  time: '2026-11-23T02:20:00.000Z',
  sequence: '2',
  datacontenttype: 'application/json',
  data: { ticket: 'A001', window: 'w01', callNumber: 1 },
};
const field: LiveField = {
  key: 'window/w01',
  seq: 9,
  sourceTime: 0,
  cause: 'e1',
  value: { kind: 'window', window: 'w01', state: 'serving', ticket: 'A001', department: 'tax', services: [] },
};
const frame = (machineMs: number, direction: 'in' | 'out', zh = '显示 #1「A001」', kind = 'dynamic_areas'): SeenFrame => ({
  machineMs,
  direction,
  hex: 'a5',
  describe: { zh, en: zh, fields: { kind } },
});

describe('the trace of a call', () => {
  test('gathers every stage in milliseconds from the event', () => {
    const seen: CallTrace[] = [];
    const traces = createTraces((trace) => seen.push(trace));
    traces.sent(called, 1000);
    traces.liveField(field, 'hall/1/main/agent/agent-a/live', 300, 1003);
    traces.delivered({ event: called, sentMs: 1000, acceptedMs: 1004, outcome: 'accepted', attempts: 1 });
    traces.frame('strip-w01', 'w01', frame(1005, 'in'));
    traces.frame('strip-w01', 'w01', frame(1006, 'out', '控制卡应答：成功', 'ack'));
    expect(traces.get('e1')).toMatchObject({
      window: 'w01',
      ticket: 'A001',
      acceptedMs: 4,
      outcome: 'accepted',
      mqtt: { atMs: 3, topic: 'hall/1/main/agent/agent-a/live' },
      frames: [{ strip: 'strip-w01', atMs: 5, ackMs: 6 }],
    });
    expect(seen).toHaveLength(5);
    expect(traces.newest(1)[0]?.id).toBe('e1');
  });

  test('upkeep and older texts are not taken for the call', () => {
    const traces = createTraces(() => {});
    traces.sent(called, 1000);
    traces.frame('strip-w01', 'w01', frame(1001, 'in', '联机测试', 'ping'));
    traces.frame('strip-w01', 'w01', frame(1002, 'in', '显示 #1「A000」'));
    traces.frame('strip-w01', 'w01', frame(99_000, 'in'));
    traces.liveField({ ...field, cause: 'e0' }, 't', 1, 1003);
    expect(traces.get('e1')).toMatchObject({ frames: [] });
    expect(traces.get('e1')?.mqtt).toBeUndefined();
  });

  test('keeps only the newest', () => {
    const traces = createTraces(() => {}, 2);
    for (const id of ['a', 'b', 'c']) traces.sent({ ...called, id }, 0);
    expect(traces.newest(5).map(({ id }) => id)).toEqual(['c', 'b']);
  });
});
