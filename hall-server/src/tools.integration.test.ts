import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { createAuditStore, verifyChain } from './features/audit/store.ts';
import { content, startHall } from './fixture.ts';
import { readDb } from './platform/store/database.ts';
import {
  addAgent,
  addPlatform,
  exportContent,
  importContent,
  listPlatforms,
  removeAgent,
  removePlatform,
  rotatePlatform,
} from './tools.ts';

function folder(): string {
  const data = mkdtempSync(join(tmpdir(), 'hall-tools-'));
  onTestFinished(() => rmSync(data, { recursive: true, force: true }));
  return data;
}

test('every act of the command line that changes something leaves its audit row', async () => {
  const data = folder();
  const file = join(data, 'content.json');
  writeFileSync(file, JSON.stringify(content));
  const { secret, mqttPassword } = await addPlatform(data, 'city', ['urn:city:queue']);
  const rotated = await rotatePlatform(data, 'city');
  expect(await listPlatforms(data)).toEqual([{ platform: 'city', sources: ['urn:city:queue'], secrets: 2 }]);
  await removePlatform(data, 'city');
  const { password } = await addAgent(data, 'edge-1');
  await removeAgent(data, 'demo', 'edge-1');
  expect(await importContent(data, 'demo', file)).toEqual({ version: 1 });
  expect(await exportContent(data, 'demo')).toEqual(content);

  const db = readDb(join(data, 'hall.db'));
  onTestFinished(() => void db.close());
  const rows = createAuditStore(db).rows({ limit: 50 });
  expect(rows.map(({ person, action, object, outcome }) => [person, action, object, outcome]).toReversed()).toEqual([
    ['command line', 'platform.add', 'city', 'done'],
    ['command line', 'platform.rotate', 'city', 'done'],
    ['command line', 'platform.remove', 'city', 'done'],
    ['command line', 'agent.admit', 'edge-1', 'done'],
    ['command line', 'agent.remove', 'edge-1', 'done'],
    ['command line', 'content.change', 'version 1', 'done'],
  ]);
  const text = JSON.stringify(rows);
  for (const hidden of [secret, rotated.secret, mqttPassword, password]) expect(text).not.toContain(hidden);
  expect(verifyChain(db)).toEqual({ whole: true, rows: 6 });
});

test('an act that is refused leaves nothing', async () => {
  const data = folder();
  await addPlatform(data, 'city', ['urn:city:queue']);
  await expect(addAgent(data, 'city')).rejects.toMatchObject({ code: 'NAME_TAKEN' });
  await expect(addPlatform(data, 'city', [])).rejects.toMatchObject({ code: 'NAME_TAKEN' });
  await expect(rotatePlatform(data, 'town')).rejects.toMatchObject({ code: 'NOT_FOUND' });
  await expect(removePlatform(data, 'town')).rejects.toMatchObject({ code: 'NOT_FOUND' });
  await expect(removeAgent(data, 'demo', 'edge-9')).rejects.toMatchObject({ code: 'AGENT_UNKNOWN' });
  writeFileSync(join(data, 'content.json'), JSON.stringify(content));
  await importContent(data, 'demo', join(data, 'content.json'));
  await addAgent(data, 'edge-1');
  await expect(removeAgent(data, 'demo', 'edge-1')).rejects.toMatchObject({ code: 'CONTENT_REFERENCED' });
  await expect(importContent(data, 'demo', join(data, 'none.json'))).rejects.toMatchObject({ code: 'CONFIG_INVALID' });
  const db = readDb(join(data, 'hall.db'));
  onTestFinished(() => void db.close());
  expect(
    createAuditStore(db)
      .rows({ limit: 50 })
      .map(({ action }) => action),
  ).toEqual(['agent.admit', 'content.change', 'platform.add']);
});

test('a running server takes an agent and content of the command line without a restart, and its audit chain stays whole', async () => {
  const hall = await startHall();
  const file = join(hall.data, 'content.json');
  writeFileSync(file, JSON.stringify({ ...content, settings: { ...content.settings, zh: '新大厅' } }));
  const told = new Promise<void>((resolve) => {
    hall.services.changes.once('content', resolve);
  });
  await addAgent(hall.data, 'edge-7');
  await importContent(hall.data, 'demo', file);
  await told;
  expect(hall.services.views.overview().hall.zh).toBe('新大厅');
  expect(hall.services.agents.list().map(({ id }) => id)).toEqual(['edge-1', 'edge-7']);
  expect(verifyChain(hall.services.db)).toMatchObject({ whole: true });
});
