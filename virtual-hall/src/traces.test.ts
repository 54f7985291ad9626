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
const frame = (machineMs: number, direction: 'in' | 'out', zh = 'A001', kind = 'dynamic_areas'): SeenFrame => ({
  machineMs,
  direction,
  hex: 'a5',
  describe: { zh, en: zh, fields: { kind, ...(kind === 'dynamic_areas' ? { 'area 5': zh } : {}) } },
});
/** A frame that sends these areas again or anew. */
const areas = (machineMs: number, texts: Readonly<Record<number, string>>, fields: SeenFrame['describe']['fields'] = {}) => {
  const named = Object.fromEntries(Object.entries(texts).map(([id, text]) => [`area ${id}`, text]));
  const zh = `显示 ${Object.values(texts).join('，')}`;
  const describe = { zh, en: zh, fields: { kind: 'dynamic_areas', processMode: 0, remove: '', ...named, ...fields } };
  return { machineMs, direction: 'in', hex: 'a5', describe } satisfies SeenFrame;
};
const recalled: PlatformEvent = { ...called, id: 'e2', type: 'ticket.recalled', data: { ...called.data, callNumber: 2 } };

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
    traces.frame('strip-w01', 'w01', frame(1002, 'in', 'A000'));
    traces.frame('strip-w01', 'w01', frame(99_000, 'in'));
    traces.liveField({ ...field, cause: 'e0' }, 't', 1, 1003);
    expect(traces.get('e1')).toMatchObject({ frames: [] });
    expect(traces.get('e1')?.mqtt).toBeUndefined();
  });

  test('a recall that draws nothing new has no frame of its own, however soon the next refresh comes', () => {
    const traces = createTraces(() => {});
    traces.sent(called, 1000);
    traces.frame('strip-w01', 'w01', areas(1005, { 3: '●办理中', 5: 'A001' }));
    traces.sent(recalled, 60_000);
    traces.frame('strip-w01', 'w01', areas(60_120, { 3: '●办理中', 5: 'A001' }));
    traces.frame('strip-w01', 'w01', frame(60_121, 'out', '控制卡应答：成功', 'ack'));
    expect(traces.get('e1')).toMatchObject({ frames: [{ atMs: 5 }] });
    expect(traces.get('e2')?.frames).toEqual([]);
  });

  test('another part of the strip that changes after a recall is not its picture either', () => {
    const traces = createTraces(() => {});
    traces.sent(called, 1000);
    traces.frame('strip-w01', 'w01', areas(1005, { 3: '●呼叫中', 5: 'A001' }));
    traces.sent(recalled, 60_000);
    traces.frame('strip-w01', 'w01', areas(60_120, { 3: '●办理中', 5: 'A001' }));
    expect(traces.get('e2')?.frames).toEqual([]);
  });

  test.each([
    ['was gone from the strip', areas(30_000, { 0: '请以窗口叫号为准' }, { remove: '3,5' })],
    ['was cleared with all areas', areas(30_000, { 0: '请以窗口叫号为准' }, { processMode: 1 })],
    ['was cleared with the screen', { ...areas(30_000, {}), describe: { zh: '清屏', en: '', fields: { kind: 'clear' } } }],
    ['was replaced', areas(30_000, { 5: '设备故障' })],
  ])('a recall brings back a ticket that %s, with its own latency', (_, before) => {
    const traces = createTraces(() => {});
    traces.sent(called, 1000);
    traces.frame('strip-w01', 'w01', areas(1005, { 3: '●办理中', 5: 'A001' }));
    traces.frame('strip-w01', 'w01', before);
    traces.sent(recalled, 60_000);
    traces.frame('strip-w01', 'w01', areas(60_007, { 3: '●办理中', 5: 'A001' }));
    expect(traces.get('e2')).toMatchObject({ frames: [{ atMs: 7 }] });
  });

  test('a refresh between a pause and its frame is not taken for the pause', () => {
    const traces = createTraces(() => {});
    traces.frame('strip-w01', 'w01', areas(900, { 3: '○开放' }));
    traces.sent({ ...called, id: 'e3', type: 'window.paused', data: { window: 'w01' } }, 1000);
    traces.frame('strip-w01', 'w01', areas(1002, { 3: '○开放' }));
    traces.frame('strip-w01', 'w01', areas(1009, { 3: '▲暂停' }));
    expect(traces.get('e3')).toMatchObject({ frames: [{ atMs: 9 }] });
  });

  test('keeps only the newest', () => {
    const traces = createTraces(() => {}, 2);
    for (const id of ['a', 'b', 'c']) traces.sent({ ...called, id }, 0);
    expect(traces.newest(5).map(({ id }) => id)).toEqual(['c', 'b']);
  });
});
