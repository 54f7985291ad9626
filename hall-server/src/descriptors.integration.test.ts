import { execFileSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { Agent, request } from 'node:http';
import { connect, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test, vi } from 'vitest';
import { startServerProcess } from './child/fixture.ts';
import { SOURCE, called, content, sign } from './fixture.ts';
import { addPlatform, importContent } from './tools.ts';

const DESCRIPTORS = 128;
const VISITORS = 200;

test('out of descriptors: new connections are refused, one that stands goes on sending, and all is well when they are given back', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'hall-descriptors-'));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  const { secret } = await addPlatform(join(folder, 'data'), 'city', [SOURCE]);
  writeFileSync(join(folder, 'content.json'), JSON.stringify(content));
  await importContent(join(folder, 'data'), 'demo', join(folder, 'content.json'));
  const server = await startServerProcess(folder);
  // Only now: compiling its sources at the start takes more descriptors than the limit.
  execFileSync('prlimit', ['--pid', String(server.process.pid), `--nofile=${DESCRIPTORS}`]);
  const { hostname, port } = new URL(server.httpUrl);
  const agent = new Agent({ keepAlive: true, maxSockets: 1 });
  onTestFinished(() => agent.destroy());
  const post = (ticket: string, over?: Agent) =>
    new Promise<number>((resolve, reject) => {
      const body = JSON.stringify(called(ticket, 'w1'));
      const headers = { 'content-type': 'application/cloudevents+json', ...sign(secret, body) };
      const path = '/api/v1/halls/demo/platform/events';
      const sent = request({ hostname, port, path, method: 'POST', headers, ...(over && { agent: over }) }, (reply) => {
        reply.resume().once('end', () => resolve(reply.statusCode ?? 0));
      });
      sent.once('error', reject).end(body);
    });
  expect(await post('A001', agent)).toBe(202);

  const visitors: Socket[] = [];
  for (let at = 0; at < VISITORS; at += 1) {
    const socket = connect({ host: hostname, port: Number(port) });
    socket.on('error', () => {});
    visitors.push(socket);
    await once(socket, 'connect');
  }
  await expect(post('A002')).rejects.toThrow(/ECONNRESET|hang up/);
  expect(await post('A003', agent)).toBe(202);

  for (const visitor of visitors) visitor.destroy();
  await vi.waitFor(async () => expect(await post('A004')).toBe(202), { timeout: 20_000 });
  expect(server.process.exitCode).toBe(null);
});
