import { once } from 'node:events';
import { connect as connectSocket, type AddressInfo } from 'node:net';
import type { Changes, Role } from '@hall/contracts';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import type { Browser } from '../people/fixture.ts';
import { createConsoleFixture, factRow, agentRow, stripView, windowRow, type ConsoleFixture } from './fixture.ts';

let hall: ConsoleFixture;
let url: string;
const consoles: PollingConsole[] = [];
beforeEach(async () => {
  hall = await createConsoleFixture({ live: true });
  await hall.app.listen({ port: 0, host: '127.0.0.1' });
  url = `http://127.0.0.1:${(hall.app.server.address() as AddressInfo).port}`;
});
afterEach(async () => {
  await hall.close();
  await Promise.all(consoles.splice(0).map(({ over }) => over));
});

/** A console that speaks Engine.IO 4 and socket.io 5 by long polling: a stranger to the library on the other side. */
interface PollingConsole {
  /** Names and first arguments of the socket.io events heard; `connect_error` for a refusal. */
  readonly heard: [name: string, argument: unknown][];
  send(packet: string): Promise<number>;
  /** Settles when the server has ended the connection. */
  readonly over: Promise<void>;
}
/** With `frozen` it reads nothing until that settles. */
async function connect(headers: Record<string, string>, frozen: Promise<void> = Promise.resolve()): Promise<PollingConsole> {
  const address = `${url}/realtime/?EIO=4&transport=polling`;
  const open = await fetch(address, { headers });
  const opened = await open.text();
  if (!open.ok) return { heard: [['connect_error', opened]], send: async () => 0, over: Promise.resolve() };
  const { sid } = JSON.parse(opened.slice(1)) as { sid: string };
  const heard: [string, unknown][] = [];
  const send = async (body: string) =>
    (await fetch(`${address}&sid=${sid}`, { method: 'POST', headers: { ...headers, 'content-type': 'text/plain' }, body }))
      .status;
  const listen = async (): Promise<void> => {
    await frozen;
    for (;;) {
      const answer = await fetch(`${address}&sid=${sid}`, { headers });
      if (!answer.ok) return;
      for (const packet of (await answer.text()).split('\u001e')) {
        if (packet === '1' || packet.startsWith('41')) return;
        if (packet.startsWith('42')) heard.push(JSON.parse(packet.slice(2)) as [string, unknown]);
        if (packet.startsWith('44')) heard.push(['connect_error', (JSON.parse(packet.slice(2)) as { message: string }).message]);
      }
    }
  };
  const self: PollingConsole = { heard, send, over: listen().catch(() => {}) };
  consoles.push(self);
  await send('40');
  return self;
}
/** A connected console of a new person, and everything it was told. */
async function listen(...roles: Role[]) {
  const browser: Browser = await hall.as(...roles);
  const before = hall.consoles();
  const { heard, send, over } = await connect({ cookie: browser.cookie });
  await vi.waitFor(() => expect(hall.consoles()).toBe(before + 1));
  const changes = () => heard.filter(([name]) => name === 'changes').map(([, argument]) => argument as Changes);
  return { browser, heard, changes, send, over };
}

test('a console without a session is refused', async () => {
  const stranger = await connect({});
  await vi.waitFor(() => expect(stranger.heard).toEqual([['connect_error', 'SIGN_IN_REQUIRED']]));
  const forger = await connect({ cookie: 'hall_session=forged' });
  await vi.waitFor(() => expect(forger.heard).toEqual([['connect_error', 'SIGN_IN_REQUIRED']]));
});

test('a connection that never says whose it is is cut after ten seconds, without its goodbye', async () => {
  await listen('manager');
  const { hostname, port } = new URL(url);
  const mute = connectSocket(Number(port), hostname);
  const answered = once(mute, 'data');
  mute.write(
    'GET /realtime/?EIO=4&transport=websocket HTTP/1.1\r\nHost: a\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n' +
      'Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n',
  );
  expect(String((await answered)[0])).toContain('101 Switching Protocols');
  const over = once(mute, 'close');
  mute.on('error', () => {}).resume();
  await hall.clock.advance(10_000);
  await over;
  expect(hall.consoles()).toBe(1);
});

test('a page of another site cannot connect, even with the cookie', async () => {
  const { cookie } = await hall.as('manager');
  const { heard } = await connect({ cookie, 'sec-fetch-site': 'cross-site', origin: 'https://evil.example' });
  expect(heard).toEqual([['connect_error', expect.stringContaining('refused')]]);
  expect(hall.consoles()).toBe(0);
});

test('changes gather for 100 ms, whole rows, the newest once', async () => {
  const { changes } = await listen('manager');
  hall.state.windows.set('w01', windowRow('w01', 1, 1, { ticket: 'A001', state: 'serving' }));
  hall.changes.emit('windows', ['w01']);
  await vi.waitFor(() => expect(changes()).toHaveLength(1));
  expect(changes()[0]?.windows).toMatchObject([{ id: 'w01', ticket: 'A001', liveSeq: 1 }]);

  for (let seq = 2; seq <= 20; seq += 1) {
    hall.state.windows.set('w01', windowRow('w01', seq, 1, { ticket: `A0${seq}` }));
    hall.changes.emit('windows', ['w01', 'w02']);
  }
  await hall.clock.advance(99);
  expect(changes()).toHaveLength(1);
  await hall.clock.advance(1);
  await vi.waitFor(() => expect(changes()).toHaveLength(2));
  expect(changes()[1]?.windows?.map(({ id, liveSeq }) => [id, liveSeq])).toEqual([
    ['w01', 20],
    ['w02', 0],
  ]);
});

test('a console that does not read keeps nobody waiting and gets the newest rows once when it reads again', async () => {
  const { changes } = await listen('manager');
  let thaw = () => {};
  const frozen = new Promise<void>((resolve) => {
    thaw = resolve;
  });
  const { cookie } = await hall.as('operator');
  const { heard } = await connect({ cookie }, frozen);
  await vi.waitFor(() => expect(hall.consoles()).toBe(2));
  for (let seq = 1; seq <= 10; seq += 1) {
    hall.state.windows.set('w01', windowRow('w01', seq, 1));
    hall.changes.emit('windows', ['w01']);
    await vi.waitFor(() => expect(changes()).toHaveLength(seq));
    await hall.clock.advance(100);
  }
  thaw();
  const seqs = () => heard.flatMap(([name, argument]) => (name === 'changes' ? (argument as Changes).windows?.[0]?.liveSeq : []));
  await vi.waitFor(() => expect(seqs()).toEqual([1, 10]));
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
  const parts = ({ changes }: { changes: () => Changes[] }) =>
    changes()
      .flatMap((message) => Object.keys(message))
      .toSorted();
  await vi.waitFor(() => expect(parts(manager)).toEqual(['agents', 'devices', 'events', 'feed', 'hall', 'windows']));
  await vi.waitFor(() => expect(parts(security)).toEqual(['agents', 'devices', 'feed', 'hall', 'windows']));
  await vi.waitFor(() => expect(parts(staff)).toEqual(['feed', 'hall', 'windows']));
  expect(manager.changes()[0]?.events).toEqual([factRow(1), factRow(2)]);
});

test('notices reach those who see devices, and nobody else', async () => {
  const operator = await listen('operator');
  const staff = await listen('staff');
  const title = { zh: '01 号窗口屏不在线', en: 'Strip 01 is offline' };
  const row = { seq: 1, at: 1, what: 'raised', alarm: 'k', priority: 1, title, firstStep: title } as const;
  hall.changes.emit('notices', [row]);
  hall.changes.emit('feed');
  await vi.waitFor(() => expect(operator.changes().flatMap(({ notices = [] }) => notices)).toEqual([row]));
  await vi.waitFor(() => expect(staff.changes()).toHaveLength(1));
  expect(Object.keys(staff.changes()[0] ?? {})).not.toContain('notices');
});

test('an agent that goes changes its devices and the windows of its strips; a queue changes the windows that serve it', async () => {
  const { changes } = await listen('manager');
  hall.state.agents.set('edge-1', { ...agentRow('edge-1'), presence: 'lost' });
  hall.state.devices.set('s01', { ...stripView('s01', 1, {}), agentPresence: 'lost' });
  hall.changes.emit('agents', ['edge-1']);
  await vi.waitFor(() => expect(changes()).toHaveLength(1));
  expect(changes()[0]).toMatchObject({
    agents: [{ id: 'edge-1', presence: 'lost' }],
    devices: [{ id: 's01', agentPresence: 'lost' }],
    windows: [{ id: 'w01', strips: [{ link: 'unknown' }] }],
  });
  await hall.clock.advance(100);
  hall.changes.emit('queues', ['invoice']);
  await vi.waitFor(() => expect(changes()).toHaveLength(2));
  expect(changes()[1]).toMatchObject({ queues: [{ service: 'invoice' }], windows: [{ id: 'w01' }] });
});

test('other content tells every row again', async () => {
  const { changes } = await listen('manager');
  hall.changes.emit('content');
  await vi.waitFor(() => expect(changes()).toHaveLength(1));
  expect(changes()[0]).toMatchObject({
    windows: [{ id: 'w01' }, { id: 'w02' }],
    queues: [{ service: 'invoice' }, { service: 'permit' }],
  });
});

test.each([
  ['signing out', async (browser: Browser) => void (await browser.ask('DELETE', '/sessions/current'))],
  [
    'being disabled',
    async (browser: Browser) => {
      const { name } = (await browser.ask('GET', '/me')).json<{ name: string }>();
      await hall.as('administrator');
      await hall.people.change({ by: 'system', address: '' }, name, { disabled: true });
    },
  ],
])('%s cuts the console at once', async (_how, act) => {
  const { browser, heard, over } = await listen('manager');
  await act(browser);
  await over;
  expect(heard.map(([name]) => name)).toEqual(['signedOut']);
  await vi.waitFor(() => expect(hall.consoles()).toBe(0));
});

test('a session that ran out hears nothing more', async () => {
  const { heard, over } = await listen('manager');
  await hall.clock.advance(25 * 3_600_000);
  hall.changes.emit('content');
  await over;
  expect(heard.map(([name]) => name)).toEqual(['signedOut']);
});

test('a console that talks is cut, and one that sends more than 64 KiB is refused', async () => {
  const chatty = await listen('manager');
  await chatty.send('42["anything",1]');
  await chatty.over;
  await vi.waitFor(() => expect(hall.consoles()).toBe(0));
  const loud = await listen('manager');
  await expect(loud.send(`42["anything","${'x'.repeat(70_000)}"]`)).resolves.toBe(413);
});

test('closing the server cuts the consoles and ends', async () => {
  const { over } = await listen('manager');
  await hall.app.close();
  await expect(over).resolves.toBeUndefined();
});

test('an alarm is told when it is raised, changed and closed, to those who may see devices', async () => {
  const { changes } = await listen('operator');
  const outsider = await listen('editor');
  hall.state.conditions.push({ type: 'store_full', object: { kind: 'hall', id: 'demo' } });
  await hall.alarms.evaluate();
  await vi.waitFor(() => expect(changes()).toHaveLength(1));
  expect(changes()[0]?.alarms).toMatchObject([{ type: 'store_full', open: true, acknowledged: null }]);

  const { id = '' } = hall.alarms.list()[0] ?? {};
  await hall.clock.advance(100);
  await hall.alarms.act(id, { act: 'acknowledge' }, { by: 'wang', address: '' });
  await vi.waitFor(() => expect(changes().at(-1)?.alarms).toMatchObject([{ id, acknowledged: { by: 'wang' } }]));
  hall.state.conditions.length = 0;
  await hall.alarms.evaluate();
  await hall.clock.advance(31_000);
  await hall.alarms.evaluate();
  await vi.waitFor(() => expect(changes().at(-1)?.alarms).toMatchObject([{ id, open: false, active: false }]));
  expect(outsider.changes()).toEqual([]);
});
