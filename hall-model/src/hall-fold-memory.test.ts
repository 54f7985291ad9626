import type { HallEvent } from '@hall/contracts';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { HallFold, MAX_TICKETS } from './hall-fold.ts';
import { SAMPLE_SOURCE, sampleEvent, sampleHall } from './sample-hall.ts';

const START = Date.UTC(2026, 10, 23, 1);
const MOST = 20;

type Word = 'issued' | 'called' | 'recalled' | 'ended';
const event = (word: Word, subject: string, sequence: number, atMs: number, window = 'w1'): HallEvent => {
  const place = word === 'issued' ? { service: 'licence' } : word === 'ended' ? {} : { window };
  return sampleEvent(`ticket.${word}`, subject, sequence, START + atMs, { ticket: subject.toUpperCase(), ...place } as never);
};
const pictureOf = (fold: HallFold) => ({
  windows: sampleHall.windows.map(({ id }) => fold.windowLive(id)),
  queues: sampleHall.services.map(({ id }) => fold.queueLive(id)),
});
const ticketsOf = (fold: HallFold) => [...fold.keys()].filter((key) => key.startsWith('ticket ')).length;
const windowOf = (at: number): string => `w${(at % 3) + 1}`;

test('tickets beyond the bound are forgotten without a trace on any screen', () => {
  const life = fc.array(fc.record({ issued: fc.boolean(), recalled: fc.boolean(), ended: fc.boolean() }), {
    minLength: 30,
    maxLength: 120,
  });
  fc.assert(
    fc.property(life, (lives) => {
      const bounded = new HallFold(sampleHall, MOST);
      const all = new HallFold(sampleHall);
      let atMs = 0;
      for (const [at, { issued, recalled, ended }] of lives.entries()) {
        const words: Word[] = [...(issued ? ['issued' as const] : []), 'called'];
        if (recalled) words.push('recalled');
        if (ended) words.push('ended');
        for (const [n, word] of words.entries()) {
          atMs += 1000;
          const given = event(word, `t${at}`, n + 1, atMs, windowOf(at));
          bounded.apply(given);
          all.apply(given);
          expect(pictureOf(bounded)).toEqual(pictureOf(all));
        }
      }
      expect(ticketsOf(all)).toBe(lives.length);
      expect(ticketsOf(bounded)).toBeLessThanOrEqual(MOST + 1);
    }),
    { numRuns: 50 },
  );
});

test('a ticket that waits, and the one a window shows, are never forgotten', () => {
  const fold = new HallFold(sampleHall, MOST);
  fold.apply(event('called', 'shown', 1, 0, 'w3'));
  for (let at = 0; at < 3 * MOST; at += 1) fold.apply(event('issued', `waits${at}`, 1, at + 1));
  for (let at = 0; at < 3 * MOST; at += 1) fold.apply(event('called', `t${at}`, 1, 1000 + at));
  expect(fold.windowLive('w3')).toMatchObject({ state: 'serving', ticket: 'SHOWN' });
  expect(fold.queueLive('licence')?.waiting).toBe(3 * MOST);
  expect(ticketsOf(fold)).toBeLessThanOrEqual(3 * MOST + 1 + MOST);
});

test('what comes late about a forgotten ticket is late, and changes no screen', () => {
  const fold = new HallFold(sampleHall, MOST);
  for (let at = 0; at < 3 * MOST; at += 1) {
    fold.apply(event('called', `t${at}`, 1, at * 1000));
    fold.apply(event('ended', `t${at}`, 3, at * 1000 + 500));
  }
  expect(fold.ticket(SAMPLE_SOURCE, 't0')).toBeUndefined();
  const before = pictureOf(fold);
  expect(fold.apply(event('recalled', 't0', 2, 200))).toEqual({ flag: 'late', windows: [], services: [], entities: [] });
  expect(pictureOf(fold)).toEqual(before);
});

test('a fold restored after it has forgotten goes on as the one that wrote the rows', () => {
  const fold = new HallFold(sampleHall, MOST);
  const rows = new Map<string, string>();
  const apply = (given: HallEvent) => {
    for (const key of fold.apply(given).entities) {
      const row = fold.exportRow(key);
      if (row === undefined) rows.delete(key);
      else rows.set(key, row);
    }
  };
  for (let at = 0; at < 2 * MOST; at += 1) apply(event('called', `t${at}`, 1, at * 1000, windowOf(at)));
  const restored = new HallFold(sampleHall, MOST);
  restored.restore(rows);
  expect(new Set(restored.keys())).toEqual(new Set(fold.keys()));
  for (let at = 2 * MOST; at < 4 * MOST; at += 1) {
    const given = event('called', `t${at}`, 1, at * 1000, windowOf(at));
    expect(restored.apply(given)).toEqual(fold.apply(given));
  }
  const late = event('ended', 't0', 2, 500);
  expect([restored.apply(late).flag, fold.apply(late).flag]).toEqual(['late', 'late']);
  expect(pictureOf(restored)).toEqual(pictureOf(fold));
});

test('the bound leaves room for several of the busiest days', () => {
  expect(MAX_TICKETS).toBeGreaterThanOrEqual(2 * 10_000);
});
