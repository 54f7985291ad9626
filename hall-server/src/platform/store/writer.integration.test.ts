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
  const writer = await createWriter({ path, wall: new FakeClock().wall });
  onTestFinished(async () => {
    await writer.close();
    rmSync(folder, { recursive: true });
  });
  return { path, writer };
}

test('a write is on disk and readable when its promise resolves', async () => {
  const { path, writer } = await setup();
  const event = ['e1', '/platform', 'feed.heartbeat', '', 1000, 0, '{}', ''];
  await expect(writer.record({ platform: 'p', receivedAt: 2000, events: event, quarantine: [] })).resolves.toEqual(['']);
  const db = readDb(path);
  expect(db.prepare('SELECT id, received_at FROM facts').all()).toEqual([{ id: 'e1', received_at: 2000 }]);
  db.close();
});

test('the same source and id is recorded once', async () => {
  const { writer } = await setup();
  const event = ['e1', '/platform', 'feed.heartbeat', '', 1000, 0, '{}', ''];
  const batch = { platform: 'p', receivedAt: 2000, events: [...event, ...event], quarantine: [] };
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
  const event = ['e1', '/platform', 'feed.heartbeat', '', 1000, 0, '{}', ''];
  await writer.record({ platform: 'p', receivedAt: 2000, events: event, quarantine: [] });
  expect(told).toEqual([
    [1, 1],
    [2, 3],
    [4, 4],
  ]);
});
