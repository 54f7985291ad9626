/** A cable between real sockets. */
import { once } from 'node:events';
import { connect, createServer, type AddressInfo, type Socket } from 'node:net';
import { expect, onTestFinished, test, vi } from 'vitest';
import { openTcpLine, type TcpLine } from './tcp-line.ts';

const within = { timeout: 10_000 };

interface Setup {
  readonly line: TcpLine;
  /** What the server heard, of all connections. */
  readonly heard: () => string;
  /** What clients put into the line. */
  readonly said: () => string;
  readonly server: readonly Socket[];
  open(): Promise<Socket>;
}

/** A server that answers every byte with itself, behind a cable. */
async function setup(): Promise<Setup> {
  const sockets: Socket[] = [];
  let heard = '';
  const server = createServer((socket) => {
    sockets.push(socket);
    socket.on('error', () => {});
    socket.on('data', (bytes) => {
      heard += bytes.toString('latin1');
      socket.write(bytes);
    });
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  let said = '';
  const watch = () => ({
    up: (bytes: Uint8Array) => void (said += Buffer.from(bytes).toString('latin1')),
    down: () => {},
  });
  const line = await openTcpLine({ target: () => ({ host: '127.0.0.1', port }), watch });
  const clients: Socket[] = [];
  onTestFinished(async () => {
    await line.close();
    for (const socket of [...clients, ...sockets]) socket.destroy();
    server.close();
  });
  return {
    line,
    heard: () => heard,
    said: () => said,
    server: sockets,
    async open() {
      const client = connect({ port: line.port, host: line.host });
      clients.push(client);
      client.on('error', () => {});
      await once(client, 'connect');
      return client;
    },
  };
}
/** A reset counts as an end. */
const closed = (socket: Socket): Promise<unknown> =>
  new Promise((resolve) => {
    socket.once('close', resolve);
  });
const answersOf = (client: Socket): (() => string) => {
  let said = '';
  client.on('data', (bytes) => {
    said += bytes.toString('latin1');
  });
  return () => said;
};

test('ten megabytes come back whole and in order, through delay and in any pieces', async () => {
  const { line, open } = await setup();
  line.faults.set('both', { delayMs: 5 });
  const client = await open();
  const sent = Buffer.alloc(10_000_000);
  for (let at = 0; at < sent.length; at += 4) sent.writeUInt32LE(at, at);
  let wrong = 0;
  let got = 0;
  client.on('data', (bytes: Buffer) => {
    if (!bytes.equals(sent.subarray(got, got + bytes.length))) wrong += 1;
    got += bytes.length;
  });
  client.write(sent);
  await vi.waitFor(() => expect(got).toBe(sent.length), { timeout: 20_000 });
  expect(wrong).toBe(0);
});

test('a stall holds what is said and the connection stands', async () => {
  const { line, open, heard, said } = await setup();
  const client = await open();
  const answers = answersOf(client);
  line.faults.set('up', { stalled: true });
  client.write('A');
  await vi.waitFor(() => expect(said()).toBe('A'), within);
  expect(heard()).toBe('');
  line.faults.clear();
  await vi.waitFor(() => expect(answers()).toBe('A'), within);
  expect(client.destroyed).toBe(false);
});

test('a cable that loses everything tells neither end, and a new connection is as deaf', async () => {
  const { line, open, heard, server } = await setup();
  const before = await open();
  const answers = answersOf(before);
  before.write('1');
  await vi.waitFor(() => expect(answers()).toBe('1'), within);
  line.faults.set('both', { lost: true });
  before.write('2');
  const after = await open();
  after.write('3');
  await vi.waitFor(() => expect(line.connections).toBe(2), within);
  expect(before.destroyed).toBe(false);
  expect(server.every((socket) => !socket.destroyed)).toBe(true);
  expect(heard()).toBe('1');
});

test('pulling it resets both ends and refuses the next, plugging it in lets them through', async () => {
  const { line, open, server } = await setup();
  const client = await open();
  client.write('x');
  await once(client, 'data');
  const ended = closed(client);
  const far = closed(server[0] as Socket);
  line.unplug(true);
  await Promise.all([ended, far]);
  const refused = connect({ port: line.port, host: line.host });
  const [error] = (await once(refused, 'error')) as [NodeJS.ErrnoException];
  expect(error.code).toBe('ECONNRESET');
  line.unplug(false);
  const again = await open();
  again.write('y');
  await once(again, 'data');
});

test('a cut in the middle of what is said leaves its first part', async () => {
  const { line, open, heard } = await setup();
  const client = await open();
  const ended = closed(client);
  line.faults.set('up', { cutAfterBytes: 3 });
  client.write('abcdef');
  await ended;
  expect('abc'.startsWith(heard())).toBe(true);
  await vi.waitFor(() => expect(line.connections).toBe(0), within);
});

test('an end is passed on behind what was said before it', async () => {
  const { line, open } = await setup();
  line.faults.set('both', { delayMs: 20 });
  const client = await open();
  const answers = answersOf(client);
  client.end('goodbye');
  await closed(client);
  expect(answers()).toBe('goodbye');
});
