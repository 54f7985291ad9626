import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { FakeClock } from '@hall/contracts';
import { expect, onTestFinished, test } from 'vitest';
import { emptyContent } from '../../features/content/store.ts';
import { readDb } from './database.ts';
import { createWriter } from './writer.ts';

async function setup() {
  const folder = mkdtempSync(join(tmpdir(), 'hall-writer-'));
  const path = join(folder, 'hall.db');
  const writer = await createWriter({ path, data: folder, wall: new FakeClock().wall });
  onTestFinished(async () => {
    await writer.close();
    rmSync(folder, { recursive: true });
  });
  return { path, writer };
}

const event = { id: 'e1', source: '/platform', type: 'feed.heartbeat', subject: '', time: 1000, sequence: 0, data: {} } as const;

test('a write is on disk and readable when its promise resolves', async () => {
  const { path, writer } = await setup();
  await expect(writer.record({ platform: 'p', receivedAt: 2000, events: [event], quarantine: [] })).resolves.toEqual(['']);
  const db = readDb(path);
  expect(db.prepare('SELECT id, received_at FROM facts').all()).toEqual([{ id: 'e1', received_at: 2000 }]);
  db.close();
});

test('the same source and id is recorded once', async () => {
  const { writer } = await setup();
  const batch = { platform: 'p', receivedAt: 2000, events: [event, event], quarantine: [] };
  await expect(writer.record(batch)).resolves.toEqual(['', 'duplicate']);
  await expect(writer.record(batch)).resolves.toEqual(['duplicate', 'duplicate']);
});

test('facts are told after the commit, whichever write made them', async () => {
  const { writer } = await setup();
  const told: Array<[number, number]> = [];
  writer.on('facts', (first, last) => told.push([first, last]));
  await writer.call('content.replace', {
    by: 'system',
    address: '',
    hall: 'h',
    content: { ...emptyContent, settings: { ...emptyContent.settings, zh: '大厅' } },
  });
  const record = (seq: number) => ({ seq, type: 'device.link' as const, at: 1000, device: 'd', data: {} });
  await writer.call('agents.up', { hall: 'h', agent: 'a', installId: 'i', records: [record(1), record(2)] });
  await writer.call('agents.up', { hall: 'h', agent: 'a', installId: 'i', records: [record(1), record(2)] });
  await writer.record({ platform: 'p', receivedAt: 2000, events: [event], quarantine: [] });
  expect(told).toEqual([
    [1, 1],
    [2, 3],
    [4, 4],
  ]);
});

test('an event is held against the content that was written before it, in the same transaction or not', async () => {
  const { writer } = await setup();
  const call = (id: string) => {
    const about = { specversion: '1.0', id, source: '/platform', type: 'ticket.called', subject: id, sequence: '1' };
    const text = JSON.stringify({ ...about, time: new Date(1000).toISOString(), data: { ticket: 'A001', window: 'w1' } });
    const sender = { platform: 'p', sources: '["/platform"]', receivedAt: 2000, hallMs: 2000 };
    return writer.submit({ ...sender, form: 'one', text });
  };
  const windows = [{ id: 'w1', number: '1', department: 'd', services: [] }];
  const content = { ...emptyContent, departments: [{ id: 'd', zh: '部门' }], windows };
  const asker = { by: 'system', address: '', hall: 'h' };
  expect(await call('e1')).toMatchObject({ accepted: 0, quarantined: 1 });
  let shared = 0;
  let ver = 0;
  for (let round = 0; round < 8; round += 1) {
    await writer.call('content.replace', { ...asker, content: emptyContent });
    const before = writer.commits;
    // The worker takes its time to read these; what has come by then shares their transaction, which is for the scheduler to say.
    const events = Array.from({ length: 1000 }, (_, at) => ({ ...event, id: `busy-${round}-${at}` }));
    const busy = writer.record({ platform: 'p', receivedAt: 2000, events, quarantine: [] });
    const added = writer.call('content.replace', { ...asker, content });
    expect(await call(`e2-${round}`)).toMatchObject({ accepted: 1, quarantined: 0 });
    await busy;
    ({ ver } = await added);
    if (writer.commits === before + 1) shared += 1;
  }
  expect(shared).toBeGreaterThan(0);
  // A change that fails leaves everything as it was.
  await expect(writer.call('content.replace', { ...asker, content: emptyContent, ifVersion: ver + 1 })).rejects.toMatchObject({
    code: 'CONFLICT',
  });
  expect(await call('e3')).toMatchObject({ accepted: 1 });
  await writer.call('content.replace', { ...asker, content: emptyContent });
  expect(await call('e4')).toMatchObject({ quarantined: 1 });
});

test('screens hear of a change before whoever asked for it is answered, and every asker is answered', async () => {
  const { writer } = await setup();
  const departments = [{ id: 'd', zh: '部门' }];
  const windows = [{ id: 'w1', number: '1', department: 'd', services: [] }];
  const content = { ...emptyContent, departments, windows };
  const order: string[] = [];
  // The broker needs a few steps of this turn until the change is on its way.
  writer.on('live', () => process.nextTick(() => void Promise.resolve().then(() => order.push('sent'))));
  await writer.call('content.replace', { by: 'system', address: '', hall: 'h', content }).then(() => order.push('answered'));
  expect(order).toEqual(['sent', 'answered']);
  const many = Array.from({ length: 20 }, (_, at) =>
    writer.record({ platform: 'p', receivedAt: 2000, events: [{ ...event, id: `h${at}` }], quarantine: [] }),
  );
  const closed = writer.close();
  expect(await Promise.all(many)).toEqual(many.map(() => ['']));
  await closed;
});
