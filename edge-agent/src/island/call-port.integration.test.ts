import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync, statSync } from 'node:fs';
import { connect, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { FakeClock, HallError } from '@hall/contracts';
import { expect, onTestFinished, test } from 'vitest';
import { CALL_PORT_FILE, startCallPort, type CallPort } from './call-port.ts';

async function open() {
  const data = mkdtempSync(path.join(tmpdir(), 'hall-port-'));
  onTestFinished(() => rmSync(data, { recursive: true, force: true }));
  const pressed: unknown[] = [];
  const behind: CallPort = {
    press: async (press) => {
      pressed.push(press);
      if (press.window === 'w9') throw new HallError('ISLAND_REFUSED', { reason: 'window_not_here' });
      return { handled: 'island', act: press.act, islandSeq: 1, window: press.window, ticket: 'A001' };
    },
    blank: async (on) => void pressed.push(on),
    state: () => ({ phase: 'island', blanked: false, windows: ['w1'], waiting: [] }),
  };
  const file = path.join(data, CALL_PORT_FILE);
  const clock = new FakeClock();
  let slow = 0;
  const start = () =>
    startCallPort({ host: '127.0.0.1', port: 0, data, machine: clock.machine, slow: () => (slow += 1) }, behind);
  const server = await start();
  onTestFinished(() => server.close());
  const { url, token } = JSON.parse(readFileSync(file, 'utf8')) as { url: string; token: string };
  const ask = async (method: string, place: string, body?: string | Uint8Array, headers: Record<string, string> = {}) => {
    const response = await fetch(`${url}${place}`, {
      method,
      headers: { authorization: `Bearer ${token}`, ...headers },
      ...(body === undefined ? {} : { body }),
    });
    return { status: response.status, body: (await response.json()) as Record<string, unknown> };
  };
  return { ask, pressed, file, token, start, clock, url, slow: () => slow };
}
const press = JSON.stringify({ window: 'w1', act: 'next', key: 'keys-1' });

test('a press, the blank key and the state, with the token of a file only its owner reads', async () => {
  const { ask, pressed, file } = await open();
  expect(await ask('POST', '/v1/act', press)).toMatchObject({ status: 200, body: { handled: 'island', ticket: 'A001' } });
  expect(await ask('POST', '/v1/blank', '{"on":true,"key":"door"}')).toEqual({ status: 200, body: { blanked: true } });
  expect((await ask('GET', '/v1/state')).body).toMatchObject({ phase: 'island', windows: ['w1'] });
  expect(pressed).toEqual([JSON.parse(press), true]);
  expect(statSync(file).mode & 0o777).toBe(0o600);
  const refused = await ask('POST', '/v1/act', press.replace('w1', 'w9'));
  expect(refused).toMatchObject({ status: 409, body: { code: 'ISLAND_REFUSED', reason: 'window_not_here' } });
});

test('nobody gets in without the token, nor a page of a browser with it; the token outlives a restart', async () => {
  const { ask, pressed, token, start, file } = await open();
  for (const authorization of ['', 'Bearer ', `Bearer ${token.slice(1)}`, `Bearer ${token}x`, token]) {
    expect((await ask('POST', '/v1/act', press, { authorization })).status).toBe(401);
  }
  expect((await ask('POST', '/v1/act', press, { origin: 'http://127.0.0.1:7080' })).status).toBe(401);
  expect(pressed).toEqual([]);
  const again = await start();
  expect(JSON.parse(readFileSync(file, 'utf8'))).toEqual({ url: again.url, token });
  await again.close();
});

test('what is no press is refused and presses nothing', async () => {
  const { ask, pressed } = await open();
  const bad = [
    '',
    '[]',
    '{}',
    '{"window":"w1","act":"open","key":"k"}',
    '{"window":"W 1","act":"next","key":"k"}',
    press.replace('}', ',"more":1}'),
  ];
  for (const body of bad) expect((await ask('POST', '/v1/act', body)).status).toBe(400);
  expect((await ask('POST', '/v1/act', new Uint8Array([0xff, 0xfe]))).status).toBe(400);
  expect((await ask('POST', '/v1/act', 'x'.repeat(2000))).status).toBe(413);
  expect((await ask('POST', '/v1/other', press)).status).toBe(404);
  expect((await ask('GET', '/v1/act')).status).toBe(404);
  expect(pressed).toEqual([]);
});

test('as many as will that never finish asking do not keep a key out, and are cut when their time is over', async () => {
  const { ask, clock, url, slow } = await open();
  const { hostname, port } = new URL(url);
  const sockets: Socket[] = [];
  const answers: number[] = [];
  for (let at = 0; at < 200; at += 1) {
    const socket = connect(Number(port), hostname);
    socket.on('error', () => {});
    onTestFinished(() => void socket.destroy());
    sockets.push(socket);
    await once(socket, 'connect');
    socket.write(
      at % 2 === 0 ? 'POST /v1/act HTTP/1.1\r\nX-A:' : 'POST /v1/act HTTP/1.1\r\nHost: a\r\nContent-Length: 100\r\n\r\n{',
    );
    if (at % 20 === 0) answers.push((await ask('POST', '/v1/act', press)).status);
  }
  expect(answers).toEqual(Array.from({ length: 10 }, () => 200));
  await clock.advance(5000);
  for (const socket of sockets) socket.resume();
  await Promise.all(sockets.filter(({ closed }) => !closed).map((socket) => once(socket, 'close')));
  expect(slow()).toBeGreaterThanOrEqual(100);
  expect((await ask('POST', '/v1/act', press)).status).toBe(200);
});
