import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { afterEach, expect, test } from 'vitest';
import { openNetwork, type Network, type NetworkLink } from './network.ts';

/** An echo server: what it hears it says. */
const ECHO = `require('node:net').createServer((socket) => socket.on('error', () => {}).pipe(socket)).listen(7000, '0.0.0.0', () => console.log('ready'))`;

const closers: Array<() => Promise<void> | void> = [];
afterEach(async () => {
  for (const closer of closers.splice(0).toReversed()) await closer();
});

async function echoNetwork(): Promise<{ network: Network; a: NetworkLink; b: NetworkLink }> {
  const network = await openNetwork(['a', 'b']);
  closers.push(() => network.close());
  const child = spawn('env', [...network.inside, process.execPath, '-e', ECHO], { stdio: ['ignore', 'pipe', 'inherit'] });
  closers.push(async () => {
    const gone = once(child, 'exit');
    child.kill();
    await gone;
  });
  await once(child.stdout, 'data');
  const [a, b] = ['a', 'b'].map((name) => network.links.get(name));
  if (!a || !b) throw new Error('both links were asked for');
  return { network, a, b };
}

async function connectTo(link: NetworkLink): Promise<Socket> {
  const socket = connect({ host: link.there, port: 7000, noDelay: true });
  closers.push(() => void socket.destroy());
  await once(socket, 'connect');
  return socket;
}

const echo = async (socket: Socket, text: string): Promise<string> => {
  socket.write(text);
  const [bytes] = (await once(socket, 'data')) as [Buffer];
  return bytes.toString();
};

test('a link that is down says nothing to either end, and what was written arrives when it is up again', async () => {
  const { a, b } = await echoNetwork();
  const [over, beside] = [await connectTo(a), await connectTo(b)];
  expect(await echo(over, 'one')).toBe('one');
  await a.down(true);
  over.write('two');
  expect(await echo(beside, 'other link')).toBe('other link');
  expect(over.bytesRead).toBe(3);
  expect(over.closed).toBe(false);
  const back = once(over, 'data') as Promise<[Buffer]>;
  await a.down(false);
  const [bytes] = await back;
  expect(bytes.toString()).toBe('two');
});

test('a link that loses packets delivers all the same, in order; a slow one takes its time', async () => {
  const { a } = await echoNetwork();
  const socket = await connectTo(a);
  await a.lose('both', 0.2);
  const sent = Array.from({ length: 40 }, (_, at) => `${at};`).join('');
  let heard = '';
  const all = new Promise<void>((resolve) => {
    socket.on('data', (bytes: Buffer) => {
      heard += bytes.toString();
      if (heard.length === sent.length) resolve();
    });
  });
  for (const part of sent.match(/\d+;/g) ?? []) socket.write(part);
  await all;
  expect(heard).toBe(sent);
  await a.clear();

  socket.removeAllListeners('data');
  await a.slow('there', { kbit: 256, queueMs: 4000 });
  const size = 32 * 1024;
  let left = size;
  const began = performance.now();
  const slowly = new Promise<void>((resolve) => {
    socket.on('data', (bytes: Buffer) => {
      left -= bytes.length;
      if (left === 0) resolve();
    });
  });
  socket.write(Buffer.alloc(size));
  await slowly;
  // 28 KiB beyond the burst at 32 kB/s.
  expect(performance.now() - began).toBeGreaterThan(500);
});

test('nothing is left when it is closed', async () => {
  const network = await openNetwork(['one']);
  const { here } = network.links.get('one') ?? {};
  await network.close();
  const { networkInterfaces } = await import('node:os');
  const addresses = Object.values(networkInterfaces()).flatMap((all) => all?.map(({ address }) => address) ?? []);
  expect(addresses).not.toContain(here);
});
