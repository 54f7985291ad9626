import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import Database from 'better-sqlite3';
import fc from 'fast-check';
import { expect, onTestFinished, test } from 'vitest';
import { openDatabase, steps } from '../store/database.ts';
import { outboxAcknowledge, outboxAppend, outboxRead, outboxRenumber, outboxSpan, type NewRecord } from './sql.ts';

function setup() {
  const db = openDatabase(':memory:', () => {});
  onTestFinished(() => void db.close());
  return db;
}
const record = (type: NewRecord['type']): NewRecord => ({ type, at: 1, device: 'strip-1', data: { some: 'thing' } });
const roomy = { softRows: 1000, softBytes: 1e9, hardRows: 2000, hardBytes: 1e9 };

test('records get consecutive seqs and are read in order after a given one', () => {
  const db = setup();
  outboxAppend(db, { records: [record('agent.started'), record('device.link')], limits: roomy });
  expect(outboxAppend(db, { records: [record('screen.confirmed')], limits: roomy })).toEqual({
    tail: 1,
    head: 3,
    count: 3,
    oldestAt: 1,
    bytes: 3 * (60 + 16 + '{"some":"thing"}'.length),
  });
  expect(outboxRead(db, { after: 1, limit: 10 }).map(({ seq, type }) => [seq, type])).toEqual([
    [2, 'device.link'],
    [3, 'screen.confirmed'],
  ]);
});

test('an acknowledgement deletes everything up to it, and seqs are never used twice', () => {
  const db = setup();
  outboxAppend(db, { records: [record('device.link'), record('device.link')], limits: roomy });
  expect(outboxAcknowledge(db, { seq: 2 })).toEqual({ tail: 0, head: 2, count: 0, bytes: 0, oldestAt: 0 });
  expect(outboxAppend(db, { records: [record('device.link')], limits: roomy })).toMatchObject({ tail: 3, head: 3, count: 1 });
});

test('a server that knows more than this store moves the seqs on, so that new records are not taken for old ones', () => {
  const db = setup();
  expect(outboxAcknowledge(db, { seq: 40 }).head).toBe(40);
  expect(outboxAppend(db, { records: [record('device.link')], limits: roomy }).tail).toBe(41);
});

const small = { ...roomy, softRows: 20, hardRows: 40 };

test('when it is full the oldest confirmations give way to one gap that says how many, and links stay', () => {
  const db = setup();
  const links = [record('device.link'), record('device.link')];
  outboxAppend(db, { records: [...links, ...Array.from({ length: 19 }, () => record('screen.confirmed'))], limits: small });
  const gap = { dropped: 3, from: 1, to: 1, types: { 'screen.confirmed': 3 } };
  expect(
    outboxRead(db, { after: 0, limit: 4 }).map(({ seq, type, data }) => [seq, type, type === 'outbox.gap' ? data : undefined]),
  ).toEqual([
    [1, 'device.link', undefined],
    [2, 'device.link', undefined],
    [5, 'outbox.gap', gap],
    [6, 'screen.confirmed', undefined],
  ]);
});

test('what was sent already makes no room: the server may have it', () => {
  const db = setup();
  const records = Array.from({ length: 25 }, () => record('screen.confirmed'));
  outboxAppend(db, { records, limits: small, sent: 10 });
  expect(outboxRead(db, { after: 0, limit: 10 }).map(({ seq }) => seq)).toEqual([1, 2, 3, 4, 5, 6, 7, 8, 9, 10]);
});

test('bytes count as well as rows', () => {
  const db = setup();
  const limits = { ...roomy, softBytes: 3000, hardBytes: 6000 };
  for (let round = 0; round < 50; round += 1) {
    const records = [{ ...record('screen.confirmed'), data: { text: 'x'.repeat(500) } }, record('device.link')];
    expect(outboxAppend(db, { records, limits }).bytes).toBeLessThan(6500);
  }
  expect(outboxRead(db, { after: 0, limit: 1000 }).filter(({ type }) => type === 'device.link').length).toBeGreaterThan(10);
});

test('the size that triggers keep is the size there is, also for a file of an older agent', () => {
  const folder = mkdtempSync(path.join(tmpdir(), 'hall-outbox-'));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  const file = path.join(folder, 'agent.sqlite');
  const old = new Database(file);
  for (const { version, sql } of steps) if (version <= 3) old.exec(sql);
  const put = old.prepare('INSERT INTO outbox (seq, type, at, device, data) VALUES (?, ?, 1, ?, ?)');
  const data = JSON.stringify({ some: 'thing' });
  put.run(1, 'device.link', 'strip-1', data);
  put.run(2, 'screen.confirmed', null, data);
  old.exec("INSERT INTO value VALUES ('outbox.head', '2'); PRAGMA user_version = 3");
  old.close();
  const bytes = 2 * (60 + 16 + data.length);
  const db = openDatabase(file, () => {});
  onTestFinished(() => void db.close());
  expect(outboxSpan(db)).toMatchObject({ count: 2, head: 2, bytes });
  expect(outboxRead(db, { after: 0, limit: 10 })).toEqual([
    { seq: 1, type: 'device.link', at: 1, device: 'strip-1', data: { some: 'thing' } },
    { seq: 2, type: 'screen.confirmed', at: 1, data: { some: 'thing' } },
  ]);
  outboxAcknowledge(db, { seq: 1 });
  const counted = db.prepare('SELECT count(*) AS count, sum(length(data) + 60) AS bytes FROM outbox').get();
  expect(outboxSpan(db)).toMatchObject(counted as object);
});

const batchesOf = fc.array(
  fc.array(fc.constantFrom<NewRecord['type']>('screen.confirmed', 'device.link', 'text.replaced'), {
    minLength: 1,
    maxLength: 40,
  }),
  { maxLength: 8 },
);

test('whatever is appended: nothing goes uncounted, and kinds go in the order of the table', () => {
  fc.assert(
    fc.property(batchesOf, (batches) => {
      const db = openDatabase(':memory:', () => {});
      for (const batch of batches) outboxAppend(db, { records: batch.map(record), limits: small });
      const written = batches.flat();
      const kept = outboxRead(db, { after: 0, limit: 1000 });
      const gaps = kept.filter(({ type }) => type === 'outbox.gap').map(({ data }) => data as unknown as Gap);
      const dropped = (type: string) => gaps.reduce((sum, { types }) => sum + (types[type] ?? 0), 0);
      const count = (list: readonly { type: string }[], type: string) => list.filter((one) => one.type === type).length;
      for (const type of ['screen.confirmed', 'device.link', 'text.replaced']) {
        expect(count(kept, type) + dropped(type)).toBe(
          count(
            written.map((one) => ({ type: one })),
            type,
          ),
        );
      }
      expect(gaps.reduce((sum, gap) => sum + gap.dropped, 0)).toBe(written.length - kept.length + gaps.length);
      expect(kept.length).toBeLessThanOrEqual(small.hardRows);
      // Until the hard limit is reached only confirmations go.
      expect(written.length > small.hardRows || dropped('device.link') + dropped('text.replaced') === 0).toBe(true);
      db.close();
    }),
    { numRuns: 60 },
  );
});
interface Gap {
  readonly dropped: number;
  readonly types: Readonly<Record<string, number>>;
}

/** Appending, and sending to a server that takes only unbroken seqs; a kill forgets what was sent but not acknowledged. */
const deeds = fc.array(
  fc.oneof(
    fc.record({ do: fc.constant('append' as const), n: fc.integer({ min: 1, max: 30 }) }),
    fc.record({ do: fc.constant('send' as const), n: fc.integer({ min: 1, max: 15 }), acknowledged: fc.boolean() }),
    fc.record({ do: fc.constant('kill' as const) }),
  ),
  { maxLength: 40 },
);

test('through full outboxes, lost acknowledgements and kills the server gets each device in order, once, and every gap', () => {
  fc.assert(
    fc.property(deeds, (list) => {
      const db = openDatabase(':memory:', () => {});
      const taken: Array<{ type: string; n: number }> = [];
      let made = 0;
      let serverAck = 0;
      let [acked, sent] = [0, 0];
      const send = (n: number, acknowledged: boolean) => {
        const waiting = outboxRead(db, { after: acked, limit: n });
        if ((waiting[0]?.seq ?? acked + 1) > acked + 1) {
          outboxRenumber(db, { after: acked });
          sent = acked;
          return;
        }
        for (const { seq, type, data } of waiting) {
          sent = Math.max(sent, seq);
          if (seq !== serverAck + 1) continue;
          serverAck = seq;
          taken.push({ type, n: Number(type === 'outbox.gap' ? data['dropped'] : data['n']) });
        }
        if (!acknowledged) return;
        acked = serverAck;
        outboxAcknowledge(db, { seq: acked });
      };
      for (const deed of list) {
        if (deed.do === 'append') {
          const records = Array.from({ length: deed.n }, () => ({ ...record('screen.confirmed'), data: { n: (made += 1) } }));
          outboxAppend(db, { records, limits: small, sent });
        } else if (deed.do === 'send') send(deed.n, deed.acknowledged);
        else {
          // The next session begins with what the server says it has.
          [acked, sent] = [serverAck, serverAck];
          outboxAcknowledge(db, { seq: acked });
        }
      }
      acked = serverAck;
      outboxAcknowledge(db, { seq: acked });
      for (let round = 0; round < 300 && outboxSpan(db).count > 0; round += 1) send(7, true);
      const numbers = taken.filter(({ type }) => type !== 'outbox.gap').map(({ n }) => n);
      expect(numbers).toEqual([...new Set(numbers)].toSorted((one, other) => one - other));
      const dropped = taken.filter(({ type }) => type === 'outbox.gap').reduce((sum, { n }) => sum + n, 0);
      expect(numbers.length + dropped).toBe(made);
      db.close();
    }),
    { numRuns: 200 },
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
  const limits = { ...roomy, softRows: 100, hardRows: 200 };
  for (let round = 0; round < 300; round += 1) {
    const { count } = outboxAppend(db, {
      records: [record('screen.confirmed'), record('device.link'), record('screen.confirmed')],
      limits,
    });
    expect(count).toBeLessThanOrEqual(limits.hardRows + 3);
  }
});
