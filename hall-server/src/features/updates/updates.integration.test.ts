/** Bundles over the HTTP API: what is taken and refused, and who may fetch. */
import { readdirSync } from 'node:fs';
import path from 'node:path';
import { expect, test } from 'vitest';
import { startHall, type Hall } from '../../fixture.ts';
import { rangeOf } from './routes.ts';

const asker = { by: 'wang', address: '127.0.0.1' };

/** A bundle with one file; the server cannot tell that its signature is none. */
function bundle(version: string, content = 'x', signature = 'A'.repeat(86)): Buffer {
  const files = [{ path: 'bundle/main.js', size: content.length, sha256: '0'.repeat(64), mode: 0o644 }];
  const manifest = JSON.stringify({ version, schema: 4, created: 1, needs: {}, files });
  return Buffer.from(`hall-agent-bundle 1\n${manifest.length} SHA256:k ${signature}\n${manifest}${content}`);
}
async function* chunks(bytes: Buffer) {
  for (let at = 0; at < bytes.length; at += 100) yield bytes.subarray(at, at + 100);
}
const upload = (hall: Hall, bytes: Buffer) => hall.services.updates.upload(asker, chunks(bytes));
const files = (hall: Hall) => readdirSync(path.join(hall.data, 'updates'));

test('what is uploaded is listed by what it says of itself, and can be deleted; both are in the audit', async () => {
  const hall = await startHall();
  const made = await upload(hall, bundle('2.0.0'));
  expect(made).toMatchObject({ version: '2.0.0', schema: 4, key: 'SHA256:k', size: bundle('2.0.0').length });
  expect(await hall.services.updates.list()).toEqual([made]);
  expect(await upload(hall, bundle('2.0.0'))).toEqual(made);
  await hall.services.updates.remove(asker, made.sha256);
  expect(await hall.services.updates.list()).toEqual([]);
  await expect(hall.services.updates.remove(asker, made.sha256)).rejects.toMatchObject({ code: 'NOT_FOUND' });
  const rows = hall.services.db
    .prepare<[], { action: string; object: string }>("SELECT action, object FROM audit WHERE action LIKE 'update.%' ORDER BY seq")
    .all();
  expect(rows.map(({ action }) => action)).toEqual(['update.upload', 'update.upload', 'update.remove']);
  expect(new Set(rows.map(({ object }) => object))).toEqual(new Set([made.sha256]));
});

test.each([
  ['no bundle', Buffer.from('#!/bin/sh'), 'UPDATE_INVALID'],
  ['nothing', Buffer.alloc(0), 'UPDATE_INVALID'],
  ['one that is cut off', bundle('2.0.0').subarray(0, -1), 'UPDATE_INVALID'],
  ['one without a signature', bundle('2.0.0', 'x', ''), 'UPDATE_UNSIGNED'],
  ['one of a version that is none', bundle('2 0'), 'UPDATE_INVALID'],
  ['one that is too large', Buffer.alloc(64 * 1024 * 1024 + 1), 'UPDATE_TOO_LARGE'],
])('%s is refused and leaves nothing', async (_, bytes, code) => {
  const hall = await startHall();
  async function* whole() {
    yield bytes;
  }
  await expect(hall.services.updates.upload(asker, whole())).rejects.toMatchObject({ code });
  expect(files(hall)).toEqual([]);
});

test('a bundle is given, by ranges, to whoever shows the token of its command, and to nobody else', async () => {
  const hall = await startHall();
  const bytes = bundle('2.0.0', 'y'.repeat(1000));
  const { sha256 } = await upload(hall, bytes);
  const other = await upload(hall, bundle('2.0.1'));
  const command = await hall.services.updates.offer(asker, sha256, 'edge-1');
  const { command: given } = hall.services.commands.get(command.id);
  const { path: at, token } = given.arguments as { path: string; token: string };
  const get = (range: string, authorization = `Bearer ${token}`, from = at) =>
    fetch(hall.httpUrl + from, { headers: { range, authorization } });
  const part = await get('bytes=10-19');
  expect([part.status, part.headers.get('content-range')]).toEqual([206, `bytes 10-19/${bytes.length}`]);
  expect(Buffer.from(await part.arrayBuffer())).toEqual(bytes.subarray(10, 20));
  const rest = await get(`bytes=${bytes.length - 5}-`);
  expect(Buffer.from(await rest.arrayBuffer())).toEqual(bytes.subarray(-5));
  expect((await get('bytes=0-1', 'Bearer x')).status).toBe(401);
  expect((await get('bytes=0-1', `Bearer ${'x'.repeat(43)}`)).status).toBe(401);
  expect((await get('bytes=0-1', undefined, at.replace(sha256, other.sha256))).status).toBe(401);
  expect((await get(`bytes=${bytes.length}-`)).status).toBe(400);
  await expect(hall.services.updates.offer(asker, sha256, 'edge-9')).rejects.toMatchObject({ code: 'AGENT_UNKNOWN' });
  await expect(hall.services.updates.offer(asker, '0'.repeat(64), 'edge-1')).rejects.toMatchObject({ code: 'NOT_FOUND' });
});

test('ranges', () => {
  expect(rangeOf(undefined, 10)).toEqual({ from: 0, to: 9 });
  expect(rangeOf('bytes=2-100', 10)).toEqual({ from: 2, to: 9 });
  for (const wrong of ['bytes=-5', 'bytes=5-2', 'bytes=10-', 'bytes=0-1,3-4', 'items=0-1', '']) {
    expect(() => rangeOf(wrong, 10)).toThrow(expect.objectContaining({ code: 'INPUT_INVALID' }));
  }
});
