/** Datagrams between real sockets. */
import { createSocket, type Socket } from 'node:dgram';
import { once } from 'node:events';
import { setImmediate } from 'node:timers/promises';
import { expect, onTestFinished, test, vi } from 'vitest';
import { openUdpLine } from './udp-line.ts';

const within = { timeout: 10_000 };

/** A socket that answers every datagram with itself, behind a line. */
async function setup() {
  const heard: string[] = [];
  const server = createSocket('udp4');
  server.on('message', (bytes, { port, address }) => {
    heard.push(bytes.toString());
    server.send(bytes, port, address);
  });
  server.bind(0, '127.0.0.1');
  await once(server, 'listening');
  const line = await openUdpLine({ target: { host: '127.0.0.1', port: server.address().port } });
  const clients: Socket[] = [];
  onTestFinished(async () => {
    await line.close();
    for (const socket of [server, ...clients]) socket.close();
  });
  const open = () => {
    const answers: string[] = [];
    const client = createSocket('udp4');
    clients.push(client);
    client.on('message', (bytes) => answers.push(bytes.toString()));
    const say = (text: string) =>
      new Promise<void>((resolve) => {
        client.send(text, line.port, line.host, () => resolve());
      });
    return { answers, say };
  };
  return { line, heard, open };
}

test('each sender gets its own answers', async () => {
  const { open } = await setup();
  const [one, other] = [open(), open()];
  await one.say('one');
  await other.say('other');
  await vi.waitFor(() => expect([one.answers, other.answers]).toEqual([['one'], ['other']]), within);
});

test('about the named share is lost, and about the named share comes twice', async () => {
  const { line, heard, open } = await setup();
  const { say } = open();
  line.faults.lose = 0.4;
  line.faults.double = 0.5;
  for (let at = 0; at < 400; at += 1) {
    await say(`${at}`);
    // Together they would be more than a socket's buffer holds.
    await setImmediate();
  }
  line.clear();
  await say('last');
  await vi.waitFor(() => expect(heard).toContain('last'), within);
  const different = new Set(heard).size - 1;
  expect(different).toBeGreaterThan(180);
  expect(different).toBeLessThan(300);
  expect(heard.length - different).toBeGreaterThan(80);
});

test('jitter lets datagrams overtake each other', async () => {
  const { line, heard, open } = await setup();
  const { say } = open();
  line.faults.jitterMs = 50;
  for (let at = 0; at < 40; at += 1) await say(String(at).padStart(2, '0'));
  await vi.waitFor(() => expect(heard).toHaveLength(40), within);
  expect(heard).not.toEqual(heard.toSorted());
});

test('a damaged datagram has its length and one other byte', async () => {
  const { line, heard, open } = await setup();
  const { say } = open();
  line.faults.corrupt = 1;
  await say('AAAAAAAA');
  await vi.waitFor(() => expect(heard).toHaveLength(1), within);
  expect(heard[0]?.length === 8 || heard[0]?.includes('\uFFFD')).toBe(true);
  expect(heard[0]).not.toBe('AAAAAAAA');
});
