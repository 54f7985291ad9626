import { copyFileSync, existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { isDeepStrictEqual } from 'node:util';
import type { EdgeRecord } from '@hall/contracts';
import { seeded } from '@hall/simulators';
import { pino } from 'pino';
import { expect, onTestFinished, test } from 'vitest';
import { commandBegin, commandTake } from '../commands/sql.ts';
import { islandRemember, saveIsland, saveWaiting } from '../island/sql.ts';
import { outboxAcknowledge, outboxAppend, outboxRead, outboxRenumber, outboxSpan } from '../outbox/sql.ts';
import { saveOverrides } from '../screens/overrides-sql.ts';
import { remember, saveDesired, saveLive, saveTables } from '../twin/sql.ts';
import { openDatabase, type Db } from './database.ts';
import { openStore } from './store.ts';

const limits = { softRows: 1_000_000, softBytes: 1e9, hardRows: 1_000_000, hardBytes: 1e9 };
const RECORDS = 150;

function folder(): string {
  const made = mkdtempSync(path.join(tmpdir(), 'hall-damage-'));
  onTestFinished(() => rmSync(made, { recursive: true, force: true }));
  return made;
}

const many = <T>(count: number, make: (n: number) => T): T[] => Array.from({ length: count }, (_, n) => make(n + 1));

/** A file with something of everything. The store does not look into what it keeps, so short made-up bodies will do. */
function fill(file: string): void {
  const db = openDatabase(file, () => {});
  remember(db);
  saveTables(db, { version: { gen: 'g', ver: 3 }, tables: { texts: many(20, (n) => `窗口${n}暂停服务`) } } as never);
  for (const n of many(25, (n) => n)) {
    saveDesired(db, {
      version: { gen: 'g', ver: n },
      device: { id: `strip-${n}`, agent: 'a', driver: 'onbon-k', settings: { host: `192.168.1.${n}`, port: 5005 } },
      plan: { regions: [{ id: 'r', layers: [{ text: `${n}号窗口` }] }] },
    } as never);
  }
  const fields = many(150, (n) => ({ key: `window/${n}/ticket`, seq: n, value: `A${String(n).padStart(3, '0')}` }));
  const hallTime = { hallMs: 1_800_000_000_000, speed: 1, wallMs: 1_800_000_000_000, highestMs: 1_800_000_000_000 };
  saveLive(db, { gen: 'g', head: 150, fields: fields as never, gone: [], hallTime });
  const records = many(RECORDS, (n) => ({
    type: (['screen.confirmed', 'device.link', 'text.replaced'] as const)[n % 3] ?? 'device.link',
    at: 1_800_000_000_000 + n,
    ...(n % 4 > 0 && { device: `strip-${n % 25}` }),
    data: { n, text: [`请 A${n} 到 ${n % 25} 号窗口`] },
  }));
  outboxAppend(db, { records, limits });
  for (const n of many(15, (n) => n)) {
    const command = { id: `c-${n}`, act: 'identify' as const, device: `strip-${n}`, arguments: { seconds: n } };
    commandTake(db, { command, epoch: 'e', deadlineAt: 1_800_000_000_000 + n, nowMs: 1_800_000_000_000 });
    if (n % 2 === 0) commandBegin(db, { id: command.id, epoch: 'e2' });
    const over = { device: command.device, slot: 'black' as const, kind: 'black' as const, command: command.id, notedAt: n };
    saveOverrides(db, { device: command.device, overrides: [over as never] });
  }
  const lists = many(10, (n) => ({
    service: `s-${n}`,
    tickets: many(5, (t) => ({ ticket: `t-${n}-${t}`, number: `A${n}${t}` })),
  }));
  saveWaiting(db, { deal: { gen: 'g', rota: 4, windows: ['w1'] }, lists: lists as never, gone: [], records: [], limits });
  saveIsland(db, { state: { phase: 'connected', some: 'state' } as never, records: [], limits });
  db.close();
}

/** Everything that is kept, by its place. */
function contentOf(db: Db): { parts: Map<string, unknown>; records: EdgeRecord[]; dropped: Readonly<Record<string, number>> } {
  const { tables, documents, live, hallTime, commands, overrides, dropped } = remember(db);
  const { state, deal, lists } = islandRemember(db);
  const parts = new Map<string, unknown>([
    ['tables', tables],
    ['hallTime', hallTime],
    ['island', state],
    ['deal', deal.gen === '' ? undefined : deal],
    ['position', live.gen === '' ? undefined : { gen: live.gen, head: live.head }],
    ...documents.map((one) => [`document ${one.device.id}`, one] as const),
    ...live.fields.map((one) => [`live ${one.key}`, one] as const),
    ...commands.map((one) => [`command ${one.command.id}`, one] as const),
    ...overrides.map((one) => [`override ${one.device}`, one] as const),
    ...lists.map((one) => [`waiting ${one.service}`, one] as const),
  ]);
  return { parts, records: outboxRead(db, { after: 0, limit: 10_000 }), dropped };
}

type Content = ReturnType<typeof contentOf>;

/** What is there is what was written, or it is in `wrong`; and how many parts and records are not there any more. */
function compared(written: Content, db: Db, found: Content): { readonly gone: number; readonly wrong: readonly unknown[] } {
  const present = [...found.parts].filter(([, part]) => part !== undefined);
  const left = found.records.filter(({ type }) => type !== 'outbox.gap');
  const bySeq = new Map(written.records.map((one) => [one.seq, one]));
  const has = (kind: string) => present.filter(([name]) => name.startsWith(kind)).length;
  const wrong: unknown[] = [
    ...present.filter(([name, part]) => !isDeepStrictEqual(part, written.parts.get(name))),
    ...left.filter((one) => !isDeepStrictEqual(one, bySeq.get(one.seq))),
  ];
  if (outboxSpan(db).head < (found.records.at(-1)?.seq ?? 0)) wrong.push('the head lies before a record');
  // A hello that says how far it has heard has heard all of it.
  if (has('position') > 0 && has('live ') < 150) wrong.push('fields are missing that are not asked for');
  if (has('deal') > 0 && has('waiting ') < 10) wrong.push('tickets are missing that are not asked for');
  return { gone: written.parts.size - present.length + (written.records.length - left.length), wrong };
}

function prepared(): { from: string; bytes: Buffer; written: Content } {
  const from = path.join(folder(), 'agent.sqlite');
  fill(from);
  const bytes = readFileSync(from);
  const db = openDatabase(from, () => {});
  const written = contentOf(db);
  db.close();
  expect(written.records).toHaveLength(RECORDS);
  expect(written.dropped).toEqual({});
  return { from, bytes, written };
}

test('damaged at a thousand places, what is kept is what was written, or gone, or the file is set aside by its name', () => {
  const { bytes, written } = prepared();
  const directory = folder();
  const random = seeded(14);
  const ends = { unharmed: 0, partly: 0, aside: 0 };
  for (let trial = 0; trial < 1000; trial += 1) {
    const file = path.join(directory, `${trial}.sqlite`);
    const damaged = Buffer.from(bytes);
    // The head of the file and its schema more often than chance would have it.
    const within = trial % 10 === 0 ? 100 : trial % 10 === 1 ? 4096 : damaged.length;
    const changes = trial % 4 === 3 ? 2 + Math.floor(random() * 6) : 1;
    for (let n = 0; n < changes; n += 1) {
      const at = Math.floor(random() * within);
      damaged.writeUInt8(damaged.readUInt8(at) ^ (1 + Math.floor(random() * 255)), at);
    }
    writeFileSync(file, damaged);
    let aside: string | undefined;
    const db = openDatabase(file, (name) => {
      aside = name;
    });
    const found = contentOf(db);
    const { gone, wrong } = compared(written, db, found);
    expect(wrong).toEqual([]);
    const end = aside !== undefined ? 'aside' : gone > 0 ? 'partly' : 'unharmed';
    ends[end] += 1;
    // Nothing goes without being told.
    const told = {
      aside: aside !== undefined && existsSync(aside),
      partly: Object.keys(found.dropped).length > 0,
      unharmed: true,
    };
    expect([trial, told[end]]).toEqual([trial, true]);
    const before = outboxRead(db, { after: 0, limit: 10_000 });
    outboxAcknowledge(db, { seq: before[0]?.seq ?? 0 });
    before.shift();
    outboxRenumber(db, { after: 0 });
    const after = outboxRead(db, { after: 0, limit: 10_000 });
    expect(after.map((one, n) => ({ ...one, seq: before[n]?.seq }))).toEqual(before);
    expect(after.map(({ seq }) => seq)).toEqual(before.map((_, n) => 1 + n));
    outboxAppend(db, { records: [{ type: 'device.link', at: 1, data: {} }], limits });
    db.close();
    for (const name of [file, `${file}-wal`, `${file}-shm`, ...(aside === undefined ? [] : [aside])])
      rmSync(name, { force: true });
  }
  expect(Math.min(...Object.values(ends))).toBeGreaterThan(20);
}, 300_000);

test('a store with a damaged text starts, says what is gone, and a record of the outbox leaves a gap in its place', async () => {
  const { from, bytes, written } = prepared();
  const directory = folder();
  const change = (text: string) => {
    // It may stand in unused space too.
    for (let at = bytes.indexOf(text); at >= 0; at = bytes.indexOf(text, at)) {
      at += text.length - 1;
      bytes.writeUInt8(bytes.readUInt8(at) ^ 1, at);
    }
  };
  change('{"key":"window/7/ticket","seq":7,"value":"A00');
  change('{"n":42,');
  writeFileSync(from, bytes);
  copyFileSync(from, path.join(directory, 'agent.sqlite'));
  const store = await openStore(directory, pino({ level: 'silent' }));
  onTestFinished(() => store.close());
  const { dropped, live, documents, outbox } = await store.call('remember');
  expect(dropped).toEqual({ live: 1, outbox: 1 });
  expect(live.gen).toBe('');
  expect(live.fields.map(({ key }) => key)).not.toContain('window/7/ticket');
  expect(documents).toHaveLength(25);
  expect(outbox).toMatchObject({ tail: 1, head: RECORDS, count: RECORDS });
  const records = await store.call('outboxRead', { after: 0, limit: 1000 });
  expect(records[41]).toEqual({
    seq: 42,
    type: 'outbox.gap',
    at: 1_800_000_000_043,
    data: { dropped: 1, from: 1_800_000_000_041, to: 1_800_000_000_043 },
  });
  expect(records.toSpliced(41, 1)).toEqual(written.records.toSpliced(41, 1));
});
