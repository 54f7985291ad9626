import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { describe, expect, onTestFinished, test, vi } from 'vitest';
import { systemClock } from '@hall/contracts';
import { concat, onbonK } from '@hall/wire';
import type { AttachableDevice } from './byte-link.ts';
import { listenTcp, type ListenOptions } from './listen-tcp.ts';
import { createOnbonKSimulator } from './onbon-k/index.ts';

const allBytes = Uint8Array.from({ length: 256 }, (_, at) => at);
const ask = (request: onbonK.Request) => onbonK.encodeFrame(onbonK.toScreen(1, onbonK.encodeRequest(request)));

async function listen(device: AttachableDevice, options?: ListenOptions) {
  const tcp = await listenTcp(device, options);
  onTestFinished(() => tcp.close());
  return tcp;
}

async function dial(port: number): Promise<{ socket: Socket; heard: () => Uint8Array; closed: Promise<unknown> }> {
  const socket = connect(port, '127.0.0.1');
  const chunks: Buffer[] = [];
  const closed = new Promise((resolve) => {
    socket.once('close', resolve);
  });
  socket.on('data', (bytes) => void chunks.push(bytes));
  socket.on('error', () => undefined);
  onTestFinished(() => void socket.destroy());
  await Promise.race([once(socket, 'connect').catch(() => undefined), closed]);
  return { socket, closed, heard: () => Uint8Array.from(concat(...chunks)) };
}
const echo: AttachableDevice = { attach: (stream) => void stream.pipe(stream) };

describe('listenTcp', () => {
  test('all 256 byte values pass both ways', async () => {
    const { port } = await listen(echo);
    const { socket, heard } = await dial(port);
    socket.write(allBytes);
    await vi.waitFor(() => expect(heard()).toEqual(allBytes));
  });

  test('a pulled cable breaks every connection, and the next one is taken', async () => {
    const tcp = await listen(echo);
    const lines = await Promise.all([dial(tcp.port), dial(tcp.port)]);
    // Both are known to the listener once they have been answered.
    for (const { socket, heard } of lines) {
      socket.write('x');
      await vi.waitFor(() => expect(heard()).toHaveLength(1));
    }
    tcp.drop();
    await Promise.all(lines.map(({ closed }) => closed));
    const { socket, heard } = await dial(tcp.port);
    socket.write('y');
    await vi.waitFor(() => expect(heard()).toHaveLength(1));
  });

  test('while it refuses, connections are reset; afterwards they work on the same port', async () => {
    const tcp = await listen(echo);
    tcp.refuse(true);
    const { closed } = await dial(tcp.port);
    await closed;
    tcp.refuse(false);
    const { socket, heard } = await dial(tcp.port);
    socket.write('z');
    await vi.waitFor(() => expect(heard()).toHaveLength(1));
  });

  test('a taken port is an error of the operating system', async () => {
    const tcp = await listen(echo);
    await expect(listenTcp(echo, { port: tcp.port })).rejects.toMatchObject({ code: 'EADDRINUSE' });
  });
});

describe('a card behind a TCP port', () => {
  const setup = async (options?: ListenOptions) => {
    const card = createOnbonKSimulator({ clock: systemClock() });
    onTestFinished(() => card.close());
    const tcp = await listen(card, options);
    return { card, tcp, ...(await dial(tcp.port)) };
  };
  const replies = (heard: () => Uint8Array) =>
    onbonK.scan(heard()).found.flatMap((item) => ('frame' in item ? [onbonK.parseReply(item.frame.data)?.kind] : []));

  test('answers, byte by byte if so asked, also to requests sent in one piece', async () => {
    const { card, socket, heard } = await setup();
    card.faults.split = true;
    socket.write(concat(ask({ kind: 'ping' }), ask({ kind: 'status' }), ask({ kind: 'clear' })));
    await vi.waitFor(() => expect(replies(heard)).toEqual(['ack', 'status', 'ack']));
  });

  test('paced at 9,600 bit/s a ping takes at least the time of its 60 bytes', async () => {
    const clock = systemClock();
    const { socket, heard } = await setup({ baud: 9600 });
    const startMs = clock.machine.nowMs();
    socket.write(ask({ kind: 'ping' }));
    await vi.waitFor(() => expect(replies(heard)).toEqual(['ack']));
    expect(clock.machine.nowMs() - startMs).toBeGreaterThanOrEqual(60);
  });

  test('a restart drops the connection and refuses the next until the card is back', async () => {
    const { card, tcp, closed } = await setup();
    card.power(false);
    await closed;
    const refused = await dial(tcp.port);
    await refused.closed;
    card.power(true);
    const { socket, heard } = await dial(tcp.port);
    socket.write(ask({ kind: 'ping' }));
    await vi.waitFor(() => expect(replies(heard)).toEqual(['ack']));
  });

  test('a cut in the middle of an answer leaves half a frame and an end', async () => {
    const { card, socket, heard, closed } = await setup();
    card.faults.cutAfterBytes = 12;
    socket.write(ask({ kind: 'ping' }));
    await closed;
    expect(heard()).toHaveLength(12);
    expect(replies(heard)).toEqual([]);
  });
});
