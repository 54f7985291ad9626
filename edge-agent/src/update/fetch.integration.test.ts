/** Fetching over real sockets: whole, broken off and gone on with, and what is not what it should be. */
import { once } from 'node:events';
import { existsSync, readFileSync, statSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import path from 'node:path';
import { systemClock } from '@hall/contracts';
import { expect, onTestFinished, test } from 'vitest';
import { fetchBundle } from './fetch.ts';
import { folder } from './fixture.ts';
import { sha256Of } from './manifest.ts';
import { endFrom } from './updater.ts';
import { begin, firstState, pass, rollBack } from './state.ts';

const clock = systemClock();
const content = Buffer.alloc(500_000, 'bundle');
const sha256 = sha256Of(content);
const token = 't'.repeat(43);

/** A server of one file; `requests` more are answered, then none. */
async function server(file = content) {
  const state = { requests: Number.POSITIVE_INFINITY, asked: [] as string[] };
  const http = createServer(({ headers }, reply) => {
    const [, from, to] = /^bytes=(\d+)-(\d+)$/.exec(headers.range ?? '') ?? [];
    if (headers.authorization !== `Bearer ${token}` || state.requests <= 0) return void reply.writeHead(401).end();
    state.requests -= 1;
    state.asked.push(`${from}-${to}`);
    return void reply.writeHead(206).end(file.subarray(Number(from), Number(to) + 1));
  });
  http.listen(0, '127.0.0.1');
  await once(http, 'listening');
  onTestFinished(() => void http.close());
  const url = new URL(`http://127.0.0.1:${(http.address() as AddressInfo).port}/bundle`);
  return { state, wanted: { url, token, sha256, size: content.length } };
}
const options = (at: string, bytesPerS = 1e9) => ({ folder: at, bytesPerS, clock, signal: new AbortController().signal });

test('a bundle comes in pieces, and what was broken off goes on where it ended', async () => {
  const { state, wanted } = await server();
  const at = folder();
  state.requests = 2;
  await expect(fetchBundle(wanted, options(at))).rejects.toMatchObject({ code: 'AGENT_OFFLINE' });
  expect(statSync(path.join(at, `${sha256}.part`)).size).toBe(2 * 128 * 1024);
  state.requests = 10;
  expect(readFileSync(await fetchBundle(wanted, options(at)))).toEqual(content);
  expect(state.asked).toEqual(['0-131071', '131072-262143', '262144-393215', '393216-499999']);
});

test('it is not faster than it may be', async () => {
  const { wanted } = await server();
  const beganMs = clock.machine.nowMs();
  await fetchBundle(wanted, options(folder(), 1_000_000));
  expect(clock.machine.nowMs() - beganMs).toBeGreaterThanOrEqual(450);
});

test('what is not what its hash says is thrown away; another bundle does not go on behind it', async () => {
  const { wanted } = await server(Buffer.alloc(500_000, 'another'));
  const at = folder();
  await expect(fetchBundle(wanted, options(at))).rejects.toMatchObject({ code: 'UPDATE_DAMAGED' });
  expect(existsSync(path.join(at, `${sha256}.part`))).toBe(false);
  const wrong = { ...wanted, token: 'x'.repeat(43) };
  await expect(fetchBundle(wrong, options(at))).rejects.toMatchObject({ code: 'AGENT_OFFLINE', details: { status: 401 } });
  await expect(fetchBundle({ ...wanted, size: 64 * 1024 * 1024 + 1 }, options(at))).rejects.toMatchObject({
    code: 'UPDATE_TOO_LARGE',
  });
});

test('how a command ended is what the disk says: nothing while the trial lasts, then its verdict', () => {
  const begun = begin(firstState('1'), { release: sha256, version: '2', newStore: false, online: [], command: 'c' });
  expect(endFrom(undefined, 'c')).toEqual({ outcome: 'failed', code: 'AGENT_RESTARTED' });
  expect(endFrom(begun, 'c')).toBeUndefined();
  expect(endFrom(begun, 'd')).toEqual({ outcome: 'failed', code: 'AGENT_RESTARTED' });
  const evidence = { version: '2', release: sha256 };
  expect(endFrom(pass(begun), 'c')).toEqual({ outcome: 'applied', level: 'read_back', evidence });
  expect(endFrom(rollBack(begun, 'silent'), 'c')).toEqual({
    outcome: 'failed',
    code: 'UPDATE_ROLLED_BACK',
    evidence: { ...evidence, reason: 'silent' },
  });
});
