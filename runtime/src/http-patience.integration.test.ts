/** Senders of HTTP that never come to the end, against a server whose time the test moves. */
import { once } from 'node:events';
import { createServer, type RequestListener } from 'node:http';
import { connect, type AddressInfo, type Socket } from 'node:net';
import { expect, onTestFinished, test } from 'vitest';
import { limitHttp, type HttpLimits } from './http-patience.ts';

const LIMITS: HttpLimits = {
  headMs: 10_000,
  bodyMs: 30_000,
  mostHeads: 20,
  mostBodies: 15,
  mostBodyBytes: 10_000,
  bodyBytes: 1000,
  mostConnections: 100,
  unreadMs: 0,
};

async function open() {
  let nowMs = 0;
  let sleepers: { readonly dueMs: number; readonly wake: () => void }[] = [];
  const machine = {
    nowMs: () => nowMs,
    sleep: (ms: number) =>
      new Promise<void>((resolve) => {
        sleepers.push({ dueMs: nowMs + ms, wake: resolve });
      }),
  };
  const advance = async (ms: number) => {
    nowMs += ms;
    for (const { dueMs, wake } of sleepers.splice(0)) {
      if (dueMs <= nowMs) wake();
      else sleepers.push({ dueMs, wake });
    }
    await new Promise((resolve) => {
      setImmediate(resolve);
    });
  };
  const server = createServer((request, response) => {
    let bytes = 0;
    request.on('error', () => {});
    request.on('data', (part: Buffer) => (bytes += part.length));
    request.once('end', () => response.end(String(bytes)));
  });
  let slow = 0;
  limitHttp(server, LIMITS, machine, () => (slow += 1));
  // As socket.io does: what was there hears nothing any more.
  const [answer] = server.listeners('request') as [RequestListener];
  server.removeAllListeners('request').on('request', answer);
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  onTestFinished(async () => {
    server.close();
    server.closeAllConnections();
    sleepers = [];
  });
  const raw = async (text: string): Promise<Socket> => {
    const accepted = once(server, 'connection');
    const socket = connect(port, '127.0.0.1');
    socket.on('error', () => {});
    socket.resume();
    onTestFinished(() => void socket.destroy());
    await accepted;
    if (text === '') return socket;
    const heard = text.includes('\r\n\r\n') ? once(server, 'request') : Promise.resolve();
    socket.write(text);
    await heard;
    return socket;
  };
  const ask = async (body?: string) =>
    (await fetch(`http://127.0.0.1:${port}/`, { method: 'POST', ...(body === undefined ? {} : { body }) })).text();
  return { advance, raw, ask, slow: () => slow };
}
const BODY_TO_COME = (bytes: number) => `POST / HTTP/1.1\r\nHost: a\r\nContent-Length: ${bytes}\r\n\r\nx`;

test('a head that never ends and a connection that says nothing are cut when their time is over', async () => {
  const { advance, raw, slow, ask } = await open();
  const silent = await raw('');
  const half = await raw('POST / HTTP/1.1\r\nHost: a\r\nX-A: ');
  await advance(9999);
  expect(slow()).toBe(0);
  expect(await ask('hello')).toBe('5');
  const gone = Promise.all([once(silent, 'close'), once(half, 'close')]);
  await advance(1);
  await gone;
  expect(slow()).toBe(2);
  expect(await ask()).toBe('0');
});

test('a body that never ends is cut when its time is over, counted from its head', async () => {
  const { advance, raw, slow } = await open();
  const socket = await raw(BODY_TO_COME(500));
  await advance(29_999);
  expect(slow()).toBe(0);
  const gone = once(socket, 'close');
  await advance(1);
  await gone;
  expect(slow()).toBe(1);
});

test('too many heads, or bodies that are too long together, cost the oldest of them; whoever is quick is served', async () => {
  const { raw, slow, ask } = await open();
  const first = await raw('');
  const gone = once(first, 'close');
  for (let at = 0; at < LIMITS.mostHeads; at += 1) await raw('POST ');
  await gone;
  expect(slow()).toBe(1);
  expect(await ask('hello')).toBe('5');
  const body = await raw(BODY_TO_COME(1000));
  const unsaid = await raw('POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nx');
  const bodyGone = once(body, 'close');
  for (let at = 0; at < 9; at += 1) await raw(BODY_TO_COME(1000));
  await bodyGone;
  expect(unsaid.destroyed).toBe(false);
  expect(await ask('hello')).toBe('5');
});

test('a connection that has asked rests as long as it likes', async () => {
  const { advance, raw, slow } = await open();
  const socket = await raw(BODY_TO_COME(1));
  await once(socket, 'data');
  await advance(3_600_000);
  expect(socket.destroyed).toBe(false);
  expect(slow()).toBe(0);
});

test('connections that rest are closed when there are many; whoever comes is served', async () => {
  const { raw, ask } = await open();
  const resting: Socket[] = [];
  for (let at = 0; at < LIMITS.mostConnections; at += 1) {
    const socket = await raw(BODY_TO_COME(1));
    if (!socket.closed) await Promise.race([once(socket, 'data'), once(socket, 'close')]);
    resting.push(socket);
  }
  expect(await ask('hello')).toBe('5');
  expect(resting.filter(({ destroyed }) => !destroyed).length).toBeLessThanOrEqual(LIMITS.mostConnections / 2);
});
