import fc from 'fast-check';
import { expect, onTestFinished, test } from 'vitest';
import { openDatabase } from '../store/database.ts';
import { outboxAcknowledge, outboxAppend, outboxRead, type NewRecord } from './sql.ts';

function setup() {
  const db = openDatabase(':memory:', () => {});
  onTestFinished(() => void db.close());
  return db;
}
const record = (type: NewRecord['type']): NewRecord => ({ type, at: 1, device: 'strip-1', data: { some: 'thing' } });
const roomy = { softRows: 1000, hardRows: 2000 };

test('records get consecutive seqs and are read in order after a given one', () => {
  const db = setup();
  outboxAppend(db, { records: [record('agent.started'), record('device.link')], limits: roomy });
  expect(outboxAppend(db, { records: [record('screen.confirmed')], limits: roomy })).toEqual({ tail: 1, head: 3, count: 3 });
  expect(outboxRead(db, { after: 1, limit: 10 }).map(({ seq, type }) => [seq, type])).toEqual([
    [2, 'device.link'],
    [3, 'screen.confirmed'],
  ]);
});

test('an acknowledgement deletes everything up to it, and seqs are never used twice', () => {
  const db = setup();
  outboxAppend(db, { records: [record('device.link'), record('device.link')], limits: roomy });
  expect(outboxAcknowledge(db, { seq: 2 })).toEqual({ tail: 0, head: 2, count: 0 });
  expect(outboxAppend(db, { records: [record('device.link')], limits: roomy })).toEqual({ tail: 3, head: 3, count: 1 });
});

test('a server that knows more than this store moves the seqs on, so that new records are not taken for old ones', () => {
  const db = setup();
  expect(outboxAcknowledge(db, { seq: 40 }).head).toBe(40);
  expect(outboxAppend(db, { records: [record('device.link')], limits: roomy }).tail).toBe(41);
});

test('when it is full the oldest confirmations give way to one gap that says how many, and links stay', () => {
  const db = setup();
  const limits = { softRows: 20, hardRows: 40 };
  const links = [record('device.link'), record('device.link')];
  outboxAppend(db, { records: [...links, ...Array.from({ length: 19 }, () => record('screen.confirmed'))], limits });
  const kept = outboxRead(db, { after: 0, limit: 100 });
  expect(kept.slice(0, 4).map(({ seq, type, data }) => [seq, type, data])).toEqual([
    [1, 'device.link', { some: 'thing' }],
    [2, 'device.link', { some: 'thing' }],
    [4, 'outbox.gap', { from: 3, to: 4, dropped: 2 }],
    [5, 'screen.confirmed', { some: 'thing' }],
  ]);
});

test('whatever is appended: the rows stay bounded, every seq is there or inside a gap, and links go only above the hard limit', () => {
  const types = fc.array(fc.constantFrom<NewRecord['type']>('screen.confirmed', 'device.link'), { maxLength: 40 });
  fc.assert(
    fc.property(fc.array(types, { maxLength: 8 }), (batches) => {
      const db = openDatabase(':memory:', () => {});
      const limits = { softRows: 20, hardRows: 40 };
      let links = 0;
      let written = 0;
      for (const batch of batches) {
        if (batch.length === 0) continue;
        outboxAppend(db, { records: batch.map(record), limits });
        links += batch.filter((type) => type === 'device.link').length;
        written += batch.length;
      }
      const kept = outboxRead(db, { after: 0, limit: 1000 });
      let next = 1;
      for (const { seq, type, data } of kept) {
        expect(type === 'outbox.gap' ? data['from'] : seq).toBe(next);
        next = seq + 1;
      }
      expect(next - 1).toBe(written);
      if (written <= limits.hardRows) expect(kept.filter(({ type }) => type === 'device.link').length).toBe(links);
      db.close();
    }),
    { numRuns: 60 },
  );
});

test('a long time without a server does not fill the disk', () => {
  const db = setup();
  const limits = { softRows: 100, hardRows: 200 };
  for (let round = 0; round < 200; round += 1) {
    const { count } = outboxAppend(db, {
      records: [record('screen.confirmed'), record('device.link'), record('screen.confirmed')],
      limits,
    });
    expect(count).toBeLessThanOrEqual(limits.hardRows + 3);
  }
});
