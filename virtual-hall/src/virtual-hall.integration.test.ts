import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import { connect, createServer as createTcpServer, type AddressInfo, type Socket } from 'node:net';
import { systemClock, type PlatformSnapshot } from '@hall/contracts';
import { demoContent, planDay } from '@hall/simulators';
import { onbonK } from '@hall/wire';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { parseStageConfig } from './config.ts';
import type { ControlPort, ProcessState } from './control.ts';
import type { StageChanges, StageHall } from './stage-messages.ts';
import { createVirtualHall, type VirtualHall } from './virtual-hall.ts';

const DAY = '2026-11-23';
const demo = demoContent({ windows: 4, departments: 2, agents: ['agent-a', 'agent-b'], stripPorts: [0, 0, 0, 0] });
const offsetMs = Math.round(planDay(demo.calendar, DAY).startMs + 10.5 * 3_600_000 - systemClock().wall.nowMs());

/** An intake that takes everything. */
async function openIntake(): Promise<{ server: Server; url: string; bodies: unknown[] }> {
  const bodies: unknown[] = [];
  const server = createServer((request, reply) => {
    let text = '';
    request.setEncoding('utf8').on('data', (part: string) => (text += part));
    request.on('end', () => {
      const body = JSON.parse(text) as { id: string } | { id: string }[] | PlatformSnapshot;
      bodies.push(...[body].flat());
      const outcomes = [body].flat().map((_, index) => ({ index, outcome: 'accepted' }));
      reply.writeHead(202, { 'content-type': 'application/json' });
      reply.end(JSON.stringify({ accepted: outcomes.length, duplicate: 0, quarantined: 0, outcomes }));
    });
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return { server, url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, bodies };
}

let intake: Awaited<ReturnType<typeof openIntake>>;
let hall: VirtualHall;
const killed: string[] = [];
const control: ControlPort = {
  kill: (name) => killed.push(name),
  watch: (listener: (name: string, state: ProcessState) => void) => {
    listener('server', 'running');
    return () => {};
  },
};

beforeEach(async () => {
  intake = await openIntake();
  const config = parseStageConfig({
    hall: 'main',
    content: demo,
    day: DAY,
    tickets: 400,
    simulation: { offsetMs },
    server: { baseUrl: intake.url, secret: `whsec_${Buffer.alloc(32, 7).toString('base64')}` },
    stage: { port: 0 },
  });
  hall = await createVirtualHall(config, { clock: systemClock(config.simulation), control });
});
afterEach(async () => {
  await hall.close();
  intake.server.closeAllConnections();
  intake.server.close();
});

const post = async (path: string, body: unknown, headers: Record<string, string> = {}) => {
  const reply = await fetch(`${hall.url}${path}`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', ...headers },
    body: JSON.stringify(body),
  });
  return { status: reply.status, body: (await reply.json()) as Record<string, unknown> };
};
async function firstChanges(): Promise<StageChanges> {
  const over = new AbortController();
  const reply = await fetch(`${hall.url}/api/stream`, { signal: over.signal });
  const reader = reply.body?.pipeThrough(new TextDecoderStream()).getReader();
  let text = '';
  while (!text.includes('\n\n')) text += (await reader?.read())?.value ?? '';
  over.abort();
  return JSON.parse(text.slice('data: '.length, text.indexOf('\n\n'))) as StageChanges;
}
/** Resolves when the connection is gone, however it went. */
const closed = (socket: Socket) =>
  new Promise<void>((resolve) => {
    socket.on('error', () => {}).once('close', () => resolve());
  });
/** Sends a text to a strip as a stranger on the network could. */
async function show(port: number, text: string): Promise<Socket> {
  const socket = connect(port, '127.0.0.1');
  await once(socket, 'connect');
  const area: onbonK.DynamicArea = {
    id: 0,
    x: onbonK.across(0, 'marked_pixels'),
    yPx: 0,
    width: onbonK.across(320, 'marked_pixels'),
    heightPx: 48,
    lineSpacePx: 0,
    runMode: 0,
    timeoutS: 0,
    horizontal: 'left',
    vertical: 'top',
    lines: 1,
    lineBreak: 1,
    displayMode: onbonK.displayModes.static,
    exitMode: 0,
    speed: 0,
    stayHalfS: 0,
    text: onbonK.composeText([{ text }], 'gb2312').bytes,
  };
  const request = onbonK.encodeRequest({ kind: 'dynamic_areas', processMode: 1, remove: [], areas: [area] });
  socket.write(onbonK.encodeFrame(onbonK.toScreen(1, request)));
  await once(socket, 'data');
  return socket;
}

describe('the virtual hall', () => {
  test('tells the server the state of the morning, and the page everything', async () => {
    await hall.sender.drained();
    expect(intake.bodies[0]).toMatchObject({ source: '/city/queue' });
    expect((intake.bodies[0] as PlatformSnapshot).windows).toHaveLength(4);
    const described = (await (await fetch(`${hall.url}/api/hall`)).json()) as StageHall;
    expect(described).toMatchObject({ zh: demo.settings.zh, killable: true, agents: ['agent-a', 'agent-b'] });
    expect(described.windows.map(({ strip }) => strip)).toEqual(['strip-w01', 'strip-w02', 'strip-w03', 'strip-w04']);
    const changes = await firstChanges();
    expect(changes.strips?.map(({ texts, verdict }) => [texts, verdict])).toEqual(
      Array.from({ length: 4 }, () => [['请以窗口叫号为准'], 'safe']),
    );
    expect(changes.counters).toHaveLength(4);
  });

  test('a press at the counter goes the normal way and opens a trace', async () => {
    const taken = await post('/api/act', { act: 'take', service: demo.windows[0]?.services[0] });
    const called = await post('/api/act', { act: 'call', window: 'w01' });
    expect(called.body).toMatchObject({ done: true, ticket: taken.body['ticket'] });
    await hall.sender.drained();
    const { id } = (called.body['events'] as { id: string; type: string }[]).find(({ type }) => type === 'ticket.called') ?? {
      id: '',
    };
    expect(intake.bodies).toContainEqual(expect.objectContaining({ id, type: 'ticket.called' }));
    const trace = (await (await fetch(`${hall.url}/api/traces/${id}`)).json()) as Record<string, unknown>;
    expect(trace).toMatchObject({ window: 'w01', ticket: taken.body['ticket'], outcome: 'accepted' });
  });

  test('a strip that shows a number nobody called is wrong, and the seconds count', async () => {
    const socket = await show(hall.strips.get('strip-w02')?.port ?? 0, 'A999');
    expect(hall.checker.verdict('strip-w02')).toBe('wrong');
    await vi.waitFor(() => expect(hall.checker.tally().wrong).toBeGreaterThan(200));
    expect(hall.checker.findings).toContainEqual(expect.objectContaining({ strip: 'strip-w02', verdict: 'wrong' }));
    socket.destroy();
  });

  test('a pulled cable breaks the connection and refuses the next until it is plugged in', async () => {
    const port = hall.strips.get('strip-w03')?.port ?? 0;
    const socket = await show(port, 'x');
    const broken = closed(socket);
    expect((await post('/api/fault', { what: 'unplug', strip: 'strip-w03' })).body).toEqual({ done: true });
    await broken;
    await expect(show(port, 'x')).rejects.toThrow(/ECONNRESET/);
    await post('/api/fault', { what: 'plug', strip: 'strip-w03' });
    (await show(port, 'x')).destroy();
  });

  test('kill -9 is handed to whoever started the processes', async () => {
    expect((await post('/api/fault', { what: 'kill', process: 'server' })).status).toBe(200);
    expect(killed).toEqual(['server']);
  });

  test('refuses what it does not know and buttons pressed by another site', async () => {
    expect((await post('/api/act', { act: 'dance', window: 'w01' })).status).toBe(400);
    expect((await post('/api/fault', { what: 'unplug', strip: 'nowhere' })).status).toBe(404);
    expect((await post('/api/fault', { what: 'power', strip: 'strip-w01' }, { origin: 'http://elsewhere.example' })).status).toBe(
      403,
    );
  });
});

describe('the cable of an agent', () => {
  test('carries bytes both ways until it is pulled', async () => {
    const { openAgentCable } = await import('./agent-cable.ts');
    const broker = createTcpServer((socket) => socket.on('data', (bytes) => socket.write(bytes)).on('error', () => {}));
    broker.listen(0, '127.0.0.1');
    await once(broker, 'listening');
    const topics: string[] = [];
    const cable = await openAgentCable({
      agent: 'agent-a',
      port: 0,
      target: { host: '127.0.0.1', port: (broker.address() as AddressInfo).port },
      message: (direction, { topic }) => topics.push(`${direction} ${topic}`),
    });
    const socket = connect(cable.port, '127.0.0.1');
    // PUBLISH, QoS 0, topic "a/b", payload "x": MQTT 3.1.1 §3.3.
    const publish = Uint8Array.from([0x30, 6, 0, 3, 0x61, 0x2f, 0x62, 0x78]);
    socket.write(publish);
    const [echo] = (await once(socket, 'data')) as [Buffer];
    expect([...echo]).toEqual([...publish]);
    expect(topics).toEqual(['up a/b', 'down a/b']);
    const gone = closed(socket);
    cable.unplug(true);
    await gone;
    await cable.close();
    broker.close();
  });
});
