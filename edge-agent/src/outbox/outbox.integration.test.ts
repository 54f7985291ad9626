import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { FakeClock, HallError, systemClock, type Clock, type EdgeRecord } from '@hall/contracts';
import { pino } from 'pino';
import { expect, onTestFinished, test, vi } from 'vitest';
import { openStore, type Store } from '../store/store.ts';
import { createOutbox, type Outbox } from './outbox.ts';
import type { NewRecord } from './sql.ts';

const log = pino({ level: 'silent' });
const roomy = { softRows: 1_000_000, softBytes: 1e9, hardRows: 1_000_000, hardBytes: 1e9 };
const record = (n: number): NewRecord => ({ type: 'screen.confirmed', at: 1, device: 'strip-1', data: { n } });
const within = { timeout: 20_000, interval: 5 };

async function setup(
  send: (records: EdgeRecord[], outbox: Outbox) => boolean,
  {
    limits = roomy,
    clock = systemClock(),
    full = () => false,
  }: { limits?: typeof roomy; clock?: Clock; full?: () => boolean } = {},
) {
  const directory = mkdtempSync(path.join(tmpdir(), 'hall-outbox-'));
  const opened = await openStore(directory, log);
  const store: Store = {
    ...opened,
    call: (name, ...args) => {
      if (name !== 'outboxAppend' || !full()) return opened.call(name, ...args);
      return Promise.reject(new HallError('STORE_FAILED', { reason: 'database or disk is full' }));
    },
  };
  const lost = { count: 0 };
  const batches: EdgeRecord[][] = [];
  const { outbox: span } = await store.call('remember');
  const outbox: Outbox = createOutbox(
    {
      store,
      span,
      limits,
      send: async (records) => {
        batches.push(records);
        return send(records, outbox);
      },
      count: () => {
        lost.count += 1;
      },
    },
    clock,
    log,
  );
  onTestFinished(async () => {
    await outbox.close();
    await store.close();
    rmSync(directory, { recursive: true, force: true });
  });
  return { outbox, batches, lost, sent: () => batches.flat().map(({ seq }) => seq) };
}

const acknowledging = (records: EdgeRecord[], outbox: Outbox) => {
  queueMicrotask(() => outbox.acknowledged(records.at(-1)?.seq ?? 0));
  return true;
};

test('nothing leaves before a welcome; then everything does, in order and in batches, and is deleted when acknowledged', async () => {
  const { outbox, batches, sent } = await setup(acknowledging);
  for (let n = 1; n <= 1000; n += 1) outbox.append(record(n));
  await vi.waitFor(() => expect(outbox.span.head).toBe(1000), within);
  expect(batches).toEqual([]);
  outbox.welcomed(0);
  await vi.waitFor(() => expect(outbox.span.count).toBe(0), within);
  expect(sent()).toEqual(Array.from({ length: 1000 }, (_, at) => at + 1));
  expect(Math.max(...batches.map(({ length }) => length))).toBeLessThanOrEqual(256);
});

test('what the server already has is not sent again', async () => {
  const { outbox, sent } = await setup(acknowledging);
  for (let n = 1; n <= 10; n += 1) outbox.append(record(n));
  await vi.waitFor(() => expect(outbox.span.head).toBe(10), within);
  outbox.welcomed(7);
  await vi.waitFor(() => expect(outbox.span.count).toBe(0), within);
  expect(sent()).toEqual([8, 9, 10]);
});

test('without an acknowledgement a batch stays, and is sent again after a while', async () => {
  const clock = new FakeClock();
  const { outbox, batches } = await setup(() => true, { clock });
  outbox.append(record(1));
  outbox.welcomed(0);
  await vi.waitFor(() => expect(batches.length).toBe(1), within);
  expect(outbox.span.count).toBe(1);
  await vi.waitFor(async () => {
    await clock.advance(5000);
    expect(batches.length).toBeGreaterThan(1);
  }, within);
  expect(new Set(batches.map((records) => records.map(({ seq }) => seq).join()))).toEqual(new Set(['1']));
});

test('a session that ends stops the sending; the next one starts after what was acknowledged', async () => {
  const { outbox, batches, sent } = await setup((records, box) => {
    if (batches.length === 1) box.parted();
    else acknowledging(records, box);
    return batches.length > 1;
  });
  for (let n = 1; n <= 3; n += 1) outbox.append(record(n));
  outbox.welcomed(0);
  await vi.waitFor(() => expect(batches.length).toBe(1), within);
  outbox.welcomed(1);
  await vi.waitFor(() => expect(outbox.span.count).toBe(0), within);
  expect(sent().slice(-2)).toEqual([2, 3]);
});

test('a server that insists on unbroken seqs gets everything that is left of an outbox that was full', async () => {
  const taken: EdgeRecord[] = [];
  const { outbox } = await setup(
    (records, box) => {
      for (const one of records) if (one.seq === taken.length + 1) taken.push(one);
      queueMicrotask(() => box.acknowledged(taken.length));
      return true;
    },
    { limits: { ...roomy, softRows: 60, hardRows: 120 } },
  );
  for (let n = 1; n <= 120; n += 1) {
    outbox.append({ ...record(n), type: n % 3 === 0 ? 'device.link' : 'screen.confirmed' });
    await vi.waitFor(() => expect(outbox.span.head).toBe(n), within);
  }
  expect(outbox.span.count).toBeLessThan(120);
  outbox.welcomed(0);
  await vi.waitFor(() => expect(outbox.span.count).toBe(0), within);
  expect(taken.filter(({ type }) => type === 'device.link').length).toBe(40);
  expect(taken.filter(({ type }) => type === 'outbox.gap').length).toBeGreaterThan(0);
});

test('records wait in memory while the disk is full and are stored in order when there is space again', async () => {
  let full = true;
  const { outbox, sent, batches, lost } = await setup(acknowledging, { full: () => full });
  for (let n = 1; n <= 4000; n += 1) outbox.append(record(n));
  outbox.welcomed(0);
  await systemClock().machine.sleep(2500);
  expect([outbox.span.count, batches.length]).toEqual([0, 0]);
  full = false;
  await vi.waitFor(() => expect(sent()).toHaveLength(4000), within);
  expect(batches.flat().map(({ data }) => data['n'])).toEqual(Array.from({ length: 4000 }, (_, at) => at + 1));
  expect(lost.count).toBe(0);
});

test('100,000 records drain with none lost, beyond what message ids of MQTT could carry', async () => {
  const { outbox, sent } = await setup(acknowledging);
  for (let part = 0; part < 25; part += 1) {
    for (let n = 1; n <= 4000; n += 1) outbox.append(record(n));
    await vi.waitFor(() => expect(outbox.span.head).toBe((part + 1) * 4000), within);
  }
  outbox.welcomed(0);
  await vi.waitFor(() => expect(outbox.span.count).toBe(0), within);
  expect(sent()).toEqual(Array.from({ length: 100_000 }, (_, at) => at + 1));
});
