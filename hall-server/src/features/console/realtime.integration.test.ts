import type { AddressInfo } from 'node:net';
import type { Changes, Role } from '@hall/contracts';
import { io, type Socket } from 'socket.io-client';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import type { Browser } from '../people/fixture.ts';
import { createConsoleFixture, factRow, agentRow, stripView, windowRow, type ConsoleFixture } from './fixture.ts';

let hall: ConsoleFixture;
let url: string;
const sockets: Socket[] = [];
beforeEach(async () => {
  hall = await createConsoleFixture({ live: true });
  await hall.app.listen({ port: 0, host: '127.0.0.1' });
  url = `http://127.0.0.1:${(hall.app.server.address() as AddressInfo).port}`;
});
afterEach(async () => {
  for (const socket of sockets.splice(0)) socket.disconnect();
  await hall.close();
});

function connect(headers: Record<string, string>): Socket {
  const socket = io(url, {
    path: '/realtime',
    transports: ['websocket'],
    reconnection: false,
    forceNew: true,
    extraHeaders: headers,
  });
  sockets.push(socket);
  return socket;
}
/** A connected console of a new person, and everything it was told. */
async function listen(...roles: Role[]) {
  const browser: Browser = await hall.as(...roles);
  const socket = connect({ cookie: browser.cookie });
  const heard: Changes[] = [];
  socket.on('changes', (changes: Changes) => heard.push(changes));
  const before = hall.consoles();
  await vi.waitFor(() => expect(hall.consoles()).toBe(before + 1));
  return { browser, socket, heard };
}
const refusal = (socket: Socket) =>
  new Promise<string>((resolve) => {
    socket.on('connect_error', (error) => resolve(error.message));
  });

test('a console without a session is refused', async () => {
  await expect(refusal(connect({}))).resolves.toBe('SIGN_IN_REQUIRED');
  await expect(refusal(connect({ cookie: 'hall_session=forged' }))).resolves.toBe('SIGN_IN_REQUIRED');
});

test('a page of another site cannot connect, even with the cookie', async () => {
  const { cookie } = await hall.as('manager');
  await expect(refusal(connect({ cookie, origin: 'https://evil.example' }))).resolves.toMatch(/websocket error/);
  expect(hall.consoles()).toBe(0);
});

test('changes gather for 100 ms, whole rows, the newest once', async () => {
  const { heard } = await listen('manager');
  hall.state.windows.set('w01', windowRow('w01', 1, 1, { ticket: 'A001', state: 'serving' }));
  hall.changes.emit('windows', ['w01']);
  await vi.waitFor(() => expect(heard).toHaveLength(1));
  expect(heard[0]?.windows).toMatchObject([{ id: 'w01', ticket: 'A001', liveSeq: 1 }]);

  for (let seq = 2; seq <= 20; seq += 1) {
    hall.state.windows.set('w01', windowRow('w01', seq, 1, { ticket: `A0${seq}` }));
    hall.changes.emit('windows', ['w01', 'w02']);
  }
  await vi.waitFor(() => expect(hall.clock.sleeping).toBe(2));
  expect(heard).toHaveLength(1);
  await hall.clock.advance(100);
  await vi.waitFor(() => expect(heard).toHaveLength(2));
  expect(heard[1]?.windows?.map(({ id, liveSeq }) => [id, liveSeq])).toEqual([
    ['w01', 20],
    ['w02', 0],
  ]);
});

test('each console is told only what its roles may see', async () => {
  const manager = await listen('manager');
  const staff = await listen('staff');
  const security = await listen('security');
  hall.state.devices.set('s01', stripView('s01', 1, {}));
  hall.state.agents.set('edge-1', agentRow('edge-1'));
  hall.state.facts.push(factRow(1), factRow(2));
  hall.changes.emit('devices', ['s01']);
  hall.changes.emit('agents', ['edge-1']);
  hall.changes.emit('facts', 1, 2);
  hall.changes.emit('feed');
  const parts = ({ heard }: { heard: Changes[] }) => heard.flatMap((message) => Object.keys(message)).toSorted();
  await vi.waitFor(() => expect(parts(manager)).toEqual(['agents', 'devices', 'events', 'feed', 'hall']));
  await vi.waitFor(() => expect(parts(security)).toEqual(['agents', 'devices', 'feed', 'hall']));
  await vi.waitFor(() => expect(parts(staff)).toEqual(['feed', 'hall']));
  expect(manager.heard[0]?.events).toEqual([factRow(1), factRow(2)]);
});

test('other content tells every row again', async () => {
  const { heard } = await listen('manager');
  hall.changes.emit('content');
  await vi.waitFor(() => expect(heard).toHaveLength(1));
  expect(heard[0]).toMatchObject({
    windows: [{ id: 'w01' }, { id: 'w02' }],
    queues: [{ service: 'invoice' }, { service: 'permit' }],
  });
});

test.each([
  ['signing out', async ({ browser }: { browser: Browser }) => browser.ask('DELETE', '/sessions/current')],
  [
    'being disabled',
    async ({ browser }: { browser: Browser }) => {
      const { name } = (await browser.ask('GET', '/me')).json<{ name: string }>();
      await hall.as('administrator');
      await hall.people.change({ by: 'system', address: '' }, name, { disabled: true });
    },
  ],
])('%s cuts the console at once', async (_, act) => {
  const console = await listen('manager');
  const told: string[] = [];
  console.socket.on('signedOut', () => told.push('signedOut'));
  console.socket.on('disconnect', (reason) => told.push(reason));
  await act(console);
  await vi.waitFor(() => expect(told).toEqual(['signedOut', 'io server disconnect']));
  expect(hall.consoles()).toBe(0);
});

test('a session that ran out hears nothing more', async () => {
  const console = await listen('manager');
  await hall.clock.advance(25 * 3_600_000);
  hall.changes.emit('content');
  await vi.waitFor(() => expect(console.socket.connected).toBe(false));
  expect(console.heard).toEqual([]);
});

test('a console that talks, and one that sends more than 64 KiB, are cut', async () => {
  const chatty = await listen('manager');
  chatty.socket.emit('anything', 1);
  await vi.waitFor(() => expect(chatty.socket.connected).toBe(false));
  const loud = await listen('manager');
  loud.socket.emit('anything', 'x'.repeat(70_000));
  await vi.waitFor(() => expect(loud.socket.connected).toBe(false));
  expect(hall.consoles()).toBe(0);
});

test('closing the server cuts the consoles and ends', async () => {
  const { socket } = await listen('manager');
  await hall.app.close();
  await vi.waitFor(() => expect(socket.connected).toBe(false));
});
