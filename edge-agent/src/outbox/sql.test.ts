import fc from 'fast-check';
import { expect, onTestFinished, test } from 'vitest';
import { openDatabase } from '../store/database.ts';
import { outboxAcknowledge, outboxAppend, outboxRead, outboxRenumber, type NewRecord } from './sql.ts';

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

const small = { softRows: 20, hardRows: 40 };

test('when it is full the oldest confirmations give way to one gap that says how many, and links stay', () => {
  const db = setup();
  const links = [record('device.link'), record('device.link')];
  outboxAppend(db, { records: [...links, ...Array.from({ length: 19 }, () => record('screen.confirmed'))], limits: small });
  const gap = { dropped: 2, from: 1, to: 1 };
  expect(
    outboxRead(db, { after: 0, limit: 4 }).map(({ seq, type, data }) => [seq, type, type === 'outbox.gap' ? data : undefined]),
  ).toEqual([
    [1, 'device.link', undefined],
    [2, 'device.link', undefined],
    [3, 'outbox.gap', gap],
    [5, 'screen.confirmed', undefined],
  ]);
});

const batchesOf = fc.array(
  fc.array(fc.constantFrom<NewRecord['type']>('screen.confirmed', 'device.link'), { minLength: 1, maxLength: 40 }),
  { maxLength: 8 },
);

test('whatever is appended: nothing goes without being counted, and links go only above the hard limit', () => {
  fc.assert(
    fc.property(batchesOf, (batches) => {
      const db = openDatabase(':memory:', () => {});
      for (const batch of batches) outboxAppend(db, { records: batch.map(record), limits: small });
      const written = batches.flat();
      const kept = outboxRead(db, { after: 0, limit: 1000 });
      const dropped = kept.reduce((sum, { type, data }) => sum + (type === 'outbox.gap' ? Number(data['dropped']) : 0), 0);
      expect(kept.filter(({ type }) => type !== 'outbox.gap').length + dropped).toBe(written.length);
      const linksKept = kept.filter(({ type }) => type === 'device.link').length;
      const links = written.filter((type) => type === 'device.link').length;
      expect(written.length > small.hardRows || linksKept === links).toBe(true);
      db.close();
    }),
    { numRuns: 60 },
  );
});

test('what is left gets consecutive seqs again, after what the server has, in the same order', () => {
  fc.assert(
    fc.property(batchesOf, fc.integer({ min: 0, max: 30 }), (batches, ack) => {
      const db = openDatabase(':memory:', () => {});
      for (const batch of batches) outboxAppend(db, { records: batch.map(record), limits: small });
      outboxAcknowledge(db, { seq: ack });
      const before = outboxRead(db, { after: 0, limit: 1000 });
      const { head, count } = outboxRenumber(db, { after: ack });
      const after = outboxRead(db, { after: 0, limit: 1000 });
      expect(after.map(({ seq }) => seq)).toEqual(before.map((_, at) => ack + 1 + at));
      expect(after.map(({ type, data }) => [type, data])).toEqual(before.map(({ type, data }) => [type, data]));
      expect(head).toBe(ack + count);
      db.close();
    }),
    { numRuns: 60 },
  );
});

test('a long time without a server does not fill the disk', () => {
  const db = setup();
  const limits = { softRows: 100, hardRows: 200 };
  for (let round = 0; round < 300; round += 1) {
    const { count } = outboxAppend(db, {
      records: [record('screen.confirmed'), record('device.link'), record('screen.confirmed')],
      limits,
    });
    expect(count).toBeLessThanOrEqual(limits.hardRows + 3);
  }
});
