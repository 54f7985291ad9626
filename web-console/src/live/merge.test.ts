import type { EventRow, Overview } from '@hall/contracts';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { sampleStrip, sampleWindow } from '../overview/sample-window.ts';
import { mergeById, mergeEvents, mergeOverview, needsOverview } from './merge.ts';

const overview = (change: Partial<Overview> = {}): Overview => ({
  hall: { id: 'h', zh: '大厅', hallMs: 1, speed: 1, zone: 'Asia/Shanghai', phase: 'open', nextChangeAt: null, simulation: true },
  feed: { fresh: true, lastEventAt: 1, lagMs: 1, accepted: 1, duplicate: 0, quarantined: 0, flagged: 0, gaps: 0 },
  windows: [sampleWindow(), sampleWindow({ id: 'w13', number: '13' })],
  queues: [
    { service: 'a', zh: '甲', waiting: 2, next: ['A1'] },
    { service: 'b', zh: '乙', waiting: 0, next: [] },
  ],
  agents: 1,
  agentsOnline: 1,
  screens: 3,
  screensConfirmed: 3,
  ...change,
});
const event = (seq: number): EventRow => ({
  seq,
  id: `e${seq}`,
  source: 's',
  type: 'ticket.called',
  subject: 'x',
  time: seq,
  receivedAt: seq,
  flag: null,
  data: {},
});

describe('rows', () => {
  it('are replaced in their places; new ones come last', () => {
    const rows = [
      { id: 'a', n: 1 },
      { id: 'b', n: 1 },
    ];
    expect(
      mergeById(rows, [
        { id: 'c', n: 2 },
        { id: 'a', n: 2 },
      ]),
    ).toEqual([
      { id: 'a', n: 2 },
      { id: 'b', n: 1 },
      { id: 'c', n: 2 },
    ]);
  });

  it('end the same however the messages were cut', () => {
    const row = fc.record({ id: fc.constantFrom('a', 'b', 'c', 'd'), n: fc.nat() });
    fc.assert(
      fc.property(fc.array(row), fc.array(row), (first, second) => {
        const byId = (rows: readonly { id: string; n: number }[]) => Object.fromEntries(rows.map((r) => [r.id, r.n]));
        expect(byId(mergeById(mergeById([], first), second))).toEqual(byId(mergeById([], [...first, ...second])));
      }),
    );
  });
});

describe('overview', () => {
  it('takes windows, queues, feed and hall of a message and leaves the rest', () => {
    const before = overview();
    const after = mergeOverview(before, {
      windows: [sampleWindow({ ticket: 'A013' })],
      queues: [{ service: 'b', zh: '乙', waiting: 5, next: ['B1'] }],
    });
    expect(after.windows.map((window) => window.ticket)).toEqual(['A013', 'A012']);
    expect(after.queues.map((queue) => queue.waiting)).toEqual([2, 5]);
    expect(after.feed).toBe(before.feed);
  });

  it('counts a strip that lost its confirmation, and got it back', () => {
    const lost = mergeOverview(overview(), { windows: [sampleWindow({ strips: [sampleStrip({ level: 'sent' })] })] });
    expect(lost.screensConfirmed).toBe(2);
    expect(mergeOverview(lost, { windows: [sampleWindow()] }).screensConfirmed).toBe(3);
  });

  it('asks for the whole when a window is new or agents changed', () => {
    expect(needsOverview(overview(), { windows: [sampleWindow({ id: 'w99' })] })).toBe(true);
    expect(needsOverview(overview(), { agents: [] })).toBe(true);
    expect(needsOverview(overview(), { windows: [sampleWindow()] })).toBe(false);
  });
});

describe('events', () => {
  it('come newest first, each once, and no more than asked', () => {
    const rows = mergeEvents([event(3), event(1)], [event(2), event(3), event(4)], 3);
    expect(rows.map(({ seq }) => seq)).toEqual([4, 3, 2]);
  });
});
