import { createHash } from 'node:crypto';
import { systemClock } from '@hall/contracts';
import { expect, test } from 'vitest';
import { openInMemory, type Database } from '../../platform/store/database.ts';
import { verifyChain } from './store.ts';
import { appendAudit } from './writes.ts';

/** A chain of `rows`; what protects rows from SQL is taken away, as somebody with the file would do. */
function chainOf(rows: number): Database {
  const db = openInMemory();
  db.transaction(() => {
    for (let row = 1; row <= rows; row += 1) {
      appendAudit(db, {
        at: 1_000 + row,
        person: 'wang',
        action: 'people.change',
        object: `p${row}`,
        outcome: 'done',
        details: { row },
      });
    }
  })();
  return db;
}
const unprotect = (db: Database) => db.exec('DROP TRIGGER audit_not_changed; DROP TRIGGER audit_not_deleted');

test('an empty chain and a long one are whole', () => {
  expect(verifyChain(openInMemory())).toEqual({ whole: true, rows: 0 });
  expect(verifyChain(chainOf(50))).toEqual({ whole: true, rows: 50 });
});

test('each hash is the SHA-256 of the one before and the row', () => {
  const db = chainOf(2);
  const hashes = db.prepare<[], { hash: Buffer }>('SELECT hash FROM audit ORDER BY seq').all();
  const of = (previous: Buffer, row: unknown[]) =>
    createHash('sha256').update(previous).update(JSON.stringify(row)).digest('hex');
  const first = of(Buffer.alloc(32), [1, 1001, 'wang', 'people.change', 'p1', 'done', '{"row":1}']);
  expect(hashes[0]?.hash.toString('hex')).toBe(first);
  expect(hashes[1]?.hash.toString('hex')).toBe(
    of(Buffer.from(first, 'hex'), [2, 1002, 'wang', 'people.change', 'p2', 'done', '{"row":2}']),
  );
});

test('rows can be neither changed nor deleted with SQL', () => {
  const db = chainOf(3);
  expect(() => db.exec(`UPDATE audit SET person = 'li' WHERE seq = 2`)).toThrow(/never changed/);
  expect(() => db.exec('DELETE FROM audit WHERE seq = 2')).toThrow(/never deleted/);
  expect(() => db.exec('INSERT OR REPLACE INTO audit SELECT * FROM audit WHERE seq = 2')).toThrow(/never replaced/);
});

const ROWS = 40;
test.each(Array.from({ length: ROWS }, (_, at) => at + 1))('every kind of tampering with row %i is found at that row', (seq) => {
  const tamperings = [
    `UPDATE audit SET at = at + 1 WHERE seq = ${seq}`,
    `UPDATE audit SET person = 'li' WHERE seq = ${seq}`,
    `UPDATE audit SET action = 'people.create' WHERE seq = ${seq}`,
    `UPDATE audit SET object = 'other' WHERE seq = ${seq}`,
    `UPDATE audit SET outcome = 'PERMISSION_DENIED' WHERE seq = ${seq}`,
    `UPDATE audit SET details = '{"row":0}' WHERE seq = ${seq}`,
    `UPDATE audit SET hash = zeroblob(32) WHERE seq = ${seq}`,
    `DELETE FROM audit WHERE seq = ${seq}`,
  ];
  for (const sql of tamperings) {
    const db = chainOf(ROWS);
    unprotect(db);
    db.exec(sql);
    expect({ sql, ...verifyChain(db) }).toEqual({ sql, whole: false, broken: seq });
  }
});

test('rows that changed places, a row pushed in, an added tail and a cut tail are found', () => {
  const swap =
    'UPDATE audit SET seq = -1 WHERE seq = 5; UPDATE audit SET seq = 5 WHERE seq = 6; UPDATE audit SET seq = 6 WHERE seq = -1';
  const tail = `INSERT INTO audit SELECT 41, at, person, action, object, outcome, details, hash FROM audit WHERE seq = 40`;
  for (const [sql, broken] of [
    [swap, 5],
    [tail, 41],
    ['DELETE FROM audit WHERE seq > 30', 31],
    ['DELETE FROM audit', 1],
    ['DELETE FROM audit_head', 1],
  ] as const) {
    const db = chainOf(ROWS);
    unprotect(db);
    db.exec(sql);
    expect({ sql, ...verifyChain(db) }).toEqual({ sql, whole: false, broken });
  }
});

test('a rewritten last row with a fitting hash is still betrayed by the head', () => {
  const db = chainOf(3);
  unprotect(db);
  const { hash } = db.prepare<[], { hash: Buffer }>('SELECT hash FROM audit WHERE seq = 2').get() ?? { hash: Buffer.alloc(0) };
  const forged = createHash('sha256')
    .update(hash)
    .update(JSON.stringify([3, 1003, 'li', 'people.change', 'p3', 'done', '{"row":3}']))
    .digest();
  db.prepare(`UPDATE audit SET person = 'li', hash = ? WHERE seq = 3`).run(forged);
  expect(verifyChain(db)).toEqual({ whole: false, broken: 3 });
});

test('100,000 rows verify in less than five seconds', () => {
  const db = chainOf(100_000);
  const { machine } = systemClock();
  const start = machine.nowMs();
  expect(verifyChain(db)).toEqual({ whole: true, rows: 100_000 });
  expect(machine.nowMs() - start).toBeLessThan(5_000);
});
