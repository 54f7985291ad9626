/** Visitors of the page port that are slow on purpose. */
import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { FakeClock } from '@hall/contracts';
import { expect, onTestFinished, test, vi } from 'vitest';
import { createBoards } from './boards.ts';
import { MOST_PAGES } from './pages.ts';
import { startKioskServer } from './server.ts';

const within = { timeout: 30_000 };

async function open() {
  const clock = new FakeClock();
  const boards = createBoards(clock);
  let slow = 0;
  const server = await startKioskServer(
    {
      host: '127.0.0.1',
      port: 0,
      epoch: 'e',
      boards,
      hallTime: { nowMs: () => clock.hall.nowMs(), speed: 1, trust: 'told' },
      codes: () => undefined,
      zone: () => 'Asia/Shanghai',
      slow: () => (slow += 1),
    },
    clock,
  );
  onTestFinished(() => server.close());
  const { hostname, port } = new URL(server.url);
  const raw = async (text: string): Promise<Socket> => {
    const socket = connect(Number(port), hostname);
    socket.on('error', () => {});
    onTestFinished(() => void socket.destroy());
    await once(socket, 'connect');
    socket.write(text);
    return socket;
  };
  const closed = async (sockets: readonly Socket[]): Promise<void> => {
    for (const socket of sockets) socket.resume();
    await Promise.all(sockets.filter((socket) => !socket.closed).map((socket) => once(socket, 'close')));
  };
  return { clock, boards, server, raw, closed, slow: () => slow };
}
const page = async (url: string) => (await fetch(`${url}/screen/board-1`)).status;

test('requests that never come to their end are cut when their time is over, and a page comes meanwhile', async () => {
  const { clock, server, raw, closed, slow } = await open();
  expect(await page(server.url)).toBe(200);
  const sockets: Socket[] = [];
  for (let at = 0; at < 300; at += 1) {
    const [head, body] = [
      'GET /screen/board-1 HTTP/1.1\r\nX-A: ',
      'POST /screen/b/painted HTTP/1.1\r\nHost: a\r\nContent-Type: application/json\r\nContent-Length: 90\r\n\r\n{',
    ];
    sockets.push(await raw(at % 2 === 0 ? head : body));
  }
  expect(await page(server.url)).toBe(200);
  await clock.advance(10_000);
  await closed(sockets);
  expect(slow()).toBe(sockets.length);
  expect(await page(server.url)).toBe(200);
});

test('event streams beyond what is shown cost the device that has most, not the board that somebody looks at', async () => {
  const { boards, server, raw, slow } = await open();
  const shown = await raw('GET /screen/board-1/events HTTP/1.1\r\nHost: a\r\n\r\n');
  await vi.waitFor(() => expect(boards.pages('board-1')).toBe(1), within);
  const more = 100;
  for (let at = 0; at < MOST_PAGES + more; at += 1) await raw('GET /screen/board-2/events HTTP/1.1\r\nHost: a\r\n\r\n');
  await vi.waitFor(() => expect(slow()).toBe(more + 1), within);
  await vi.waitFor(() => expect(boards.pages('board-2')).toBe(MOST_PAGES - 1), within);
  expect(boards.pages('board-1')).toBe(1);
  expect(shown.destroyed).toBe(false);
  expect(await page(server.url)).toBe(200);
});
