import type { LiveField, Reported } from '@hall/contracts';
import { expect, test } from 'vitest';
import { createTraces } from './traces.ts';

const field = (seq: number, cause: string | undefined, key = 'window/w1'): LiveField => ({
  key,
  seq,
  sourceTime: 1000,
  ...(cause !== undefined && { cause }),
  value: { kind: 'window', window: 'w1', state: 'open', department: 'd', services: [] },
});
const report = (fields: Record<string, number>, more: Partial<NonNullable<Reported['screen']>> = {}): Reported => ({
  epoch: 'e',
  seq: 1,
  at: 0,
  link: 'online',
  since: 0,
  screen: { hash: 'h', text: [], freshness: 'live', level: 'acknowledged', decidedAt: 1030, fields, ...more },
  counters: {},
});

test('the way of a call: committed, published, told to each screen, confirmed', () => {
  const traces = createTraces();
  traces.committed([field(7, 'e1')], 1010);
  traces.published([field(7, 'e1')], 1020);
  traces.reported('strip-1', report({ 'window/w1': 7 }, { level: 'sent', sentAt: 1031 }));
  traces.reported('strip-1', report({ 'window/w1': 7 }, { sentAt: 1031, confirmedAt: 1040 }));
  traces.reported('strip-2', report({ 'window/w1': 8 }, { sentAt: 1032, confirmedAt: 1050 }));
  expect(traces.of('e1')).toEqual({
    committedAt: 1010,
    publishedAt: 1020,
    field: 'window/w1',
    liveSeq: 7,
    screens: [
      { device: 'strip-1', level: 'acknowledged', decidedAt: 1030, sentAt: 1031, confirmedAt: 1040 },
      { device: 'strip-2', level: 'acknowledged', decidedAt: 1030, sentAt: 1032, confirmedAt: 1050 },
    ],
  });
  expect(traces.of('e2')).toBeUndefined();
});

test('a screen that still shows what was before, or another field, says nothing about the call', () => {
  const traces = createTraces();
  traces.committed([field(7, 'e1')], 1010);
  traces.reported('strip-1', report({ 'window/w1': 6 }, { confirmedAt: 1040 }));
  traces.reported('strip-2', report({ 'window/w2': 9 }, { confirmedAt: 1040 }));
  const { screen: _, ...blind } = report({});
  traces.reported('strip-3', blind);
  expect(traces.of('e1')?.screens).toEqual([]);
});

test('the first confirmation counts: what the screen does again later changes nothing', () => {
  const traces = createTraces();
  traces.committed([field(7, 'e1')], 1010);
  traces.reported('strip-1', report({ 'window/w1': 7 }, { sentAt: 1031, confirmedAt: 1040 }));
  traces.reported('strip-1', report({ 'window/w1': 7 }, { decidedAt: 9000, sentAt: 9001, confirmedAt: 9002 }));
  expect(traces.of('e1')?.screens).toMatchObject([{ decidedAt: 1030, confirmedAt: 1040 }]);
});

test('publishing again, or a newer value of the same cause, does not move the first time', () => {
  const traces = createTraces();
  traces.committed([field(7, 'e1')], 1010);
  traces.published([field(9, 'e1')], 1015);
  expect(traces.of('e1')?.publishedAt).toBeNull();
  traces.published([field(7, 'e1')], 1020);
  traces.published([field(7, 'e1')], 1090);
  expect(traces.of('e1')?.publishedAt).toBe(1020);
});

test('of an event that changes a window and a queue the window is followed; without a cause nothing is', () => {
  const traces = createTraces();
  traces.committed([field(7, 'e1'), field(8, 'e1', 'queue/s1')], 1010);
  expect(traces.of('e1')).toMatchObject({ field: 'window/w1', liveSeq: 7 });
  traces.committed([field(9, 'e2', 'queue/s1')], 1010);
  expect(traces.of('e2')).toMatchObject({ field: 'queue/s1' });
  traces.committed([field(10, undefined)], 1010);
});

test('what is remembered is bounded: the oldest events go first, and a field follows its newest changes only', () => {
  const traces = createTraces();
  for (let at = 1; at <= 5001; at += 1) traces.committed([field(at, `e${at}`)], at);
  expect([traces.of('e1'), traces.of('e2')?.committedAt]).toEqual([undefined, 2]);
  traces.reported('strip-1', report({ 'window/w1': 5001 }, { confirmedAt: 9000 }));
  const confirmed = Array.from({ length: 5000 }, (_, at) => `e${at + 2}`).filter((id) => traces.of(id)?.screens.length === 1);
  expect(confirmed).toEqual(Array.from({ length: 16 }, (_, at) => `e${4986 + at}`));
});

test('a latency stays with its picture: a change that draws the same one was confirmed before it came', () => {
  const traces = createTraces();
  expect(traces.latencyOf('strip-1')).toBeUndefined();
  traces.committed([field(7, 'e1')], 1010);
  traces.reported('strip-1', report({ 'window/w1': 7 }, { sentAt: 1031, confirmedAt: 1040 }));
  expect(traces.latencyOf('strip-1')).toBe(30);
  traces.committed([field(8, 'e2')], 5000);
  traces.reported('strip-1', report({ 'window/w1': 8 }, { sentAt: 1031, confirmedAt: 1040 }));
  expect(traces.latencyOf('strip-1')).toBe(30);
});
