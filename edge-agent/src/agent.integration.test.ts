import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { connect as connectSocket, createServer, type AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import {
  addressOf,
  envelope,
  systemClock,
  topicOf,
  topics,
  type Payload,
  type TopicName,
  type WindowLive,
  type LiveField,
} from '@hall/contracts';
import { createOnbonKSimulator, listenTcp } from '@hall/simulators';
import { Aedes } from 'aedes';
import { pino } from 'pino';
import { expect, onTestFinished, test, vi } from 'vitest';
import { createEdgeAgent, type EdgeAgent } from './agent.ts';
import { parseConfig } from './config.ts';

const clock = systemClock();
const log = pino({ level: 'silent' });
const HALL = 'north';
const AGENT = 'agent-1';
const GEN = 'gen-1';

type Said = { [N in TopicName]: { name: N; data: Payload<N>; device?: string } }[TopicName];

/** The hall server's side of the conversation, spoken by hand over a real broker. */
async function createHall() {
  const broker = await Aedes.createBroker();
  const sockets = new Set<{ destroy(): void }>();
  const server = createServer((socket) => {
    sockets.add(socket);
    socket.once('close', () => sockets.delete(socket));
    broker.handle(socket);
  });
  await new Promise<void>((resolve) => {
    server.listen(0, '127.0.0.1', resolve);
  });
  const said: Said[] = [];
  const ears = new Set<(said: Said) => void>();
  await new Promise<void>((resolve) => {
    broker.subscribe(
      `hall/1/${HALL}/agent/#`,
      (packet, done) => {
        done();
        const place = topicOf(packet.topic);
        if (!place || topics[place.name].direction !== 'up') return;
        const { data } = JSON.parse(packet.payload.toString()) as { data: unknown };
        const heard = { name: place.name, data, device: place.names['device'] } as Said;
        said.push(heard);
        for (const ear of ears) ear(heard);
      },
      resolve,
    );
  });
  let messages = 0;
  const say = async <N extends TopicName>(name: N, data: Payload<N>, device?: string) => {
    messages += 1;
    const names = { hall: HALL, agent: AGENT, ...(device === undefined ? {} : { device }) };
    const topic = addressOf(name, names as Parameters<typeof addressOf<N>>[1]);
    const payload = JSON.stringify(envelope(name, `/hall/${HALL}/server`, `s-${messages}`, Date.UTC(2026, 10, 23), data));
    await raw(topic, payload);
  };
  const raw = (topic: string, payload: string) =>
    new Promise<void>((resolve) => {
      broker.publish({ cmd: 'publish', topic, payload: Buffer.from(payload), qos: 1, retain: false, dup: false }, () =>
        resolve(),
      );
    });
  onTestFinished(async () => {
    for (const socket of sockets) socket.destroy();
    await new Promise<void>((resolve) => {
      server.close(() => resolve());
    });
    await new Promise<void>((resolve) => {
      broker.close(() => resolve());
    });
  });
  return {
    url: `mqtt://127.0.0.1:${(server.address() as AddressInfo).port}`,
    said,
    say,
    raw,
    drop: () => {
      for (const socket of sockets) socket.destroy();
    },
    on: (ear: (said: Said) => void) => ears.add(ear),
    saidOf: <N extends TopicName>(name: N) => said.filter((one) => one.name === name).map(({ data }) => data as Payload<N>),
  };
}
type Hall = Awaited<ReturnType<typeof createHall>>;

const hallTime = () => ({ hallMs: clock.hall.nowMs(), speed: 1 });
const welcome = (epoch: string, more: Partial<Payload<'welcome'>> = {}): Payload<'welcome'> => ({
  verdict: 'accepted',
  epoch,
  gen: GEN,
  outboxAck: 0,
  devices: ['strip-1'],
  hallTime: hallTime(),
  ...more,
});

const tables: Payload<'tables'> = {
  version: { gen: GEN, ver: 1 },
  tables: {
    names: {
      hall: { zh: '北厅' },
      departments: { police: { zh: '公安局' } },
      services: { passport: { zh: '出入境' } },
      staff: {},
      windows: { w1: { number: '01' } },
    },
    calendar: {
      zone: 'Asia/Shanghai',
      week: Array.from({ length: 7 }, () => [{ from: '09:00', to: '17:00' }]),
      tailMinutes: 0,
      lunchWindows: [],
      holidays: [],
      makeUpDays: [],
      windowHours: [],
    },
  },
};

const neutral = { template: 'strip-neutral', parameters: { window: 'w1' }, bindings: [] };
function desired(port: number, ver = 1, maxAgeMs = 30_000): Payload<'desired'> {
  return {
    version: { gen: GEN, ver },
    device: {
      id: 'strip-1',
      name: '一号窗口',
      agent: AGENT,
      driver: 'onbon-k',
      settings: { transport: 'tcp', host: '127.0.0.1', port },
      screen: { template: 'window-strip', widthPx: 192, heightPx: 32, window: 'w1' },
    },
    plan: {
      widthPx: 192,
      heightPx: 32,
      maxAgeMs,
      safeAfterMs: 300_000,
      regions: [
        {
          id: 'main',
          layers: [
            {
              id: 'window',
              class: 'window_state',
              seq: 0,
              content: { template: 'window-strip', parameters: { window: 'w1' }, bindings: ['window/w1'] },
              stale: neutral,
              source: { kind: 'binding', id: 'strip-1' },
            },
          ],
        },
      ],
    },
  };
}

function calling(ticket: string, seq: number): LiveField {
  const value: WindowLive = {
    kind: 'window',
    window: 'w1',
    state: 'serving',
    ticket,
    callNumber: 1,
    calledAt: clock.hall.nowMs(),
    department: 'police',
    services: ['passport'],
  };
  return { key: 'window/w1', seq, sourceTime: clock.hall.nowMs(), value };
}

function dataFolder(): string {
  const folder = mkdtempSync(path.join(tmpdir(), 'hall-agent-'));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  writeFileSync(path.join(folder, 'password'), 'secret\n');
  return folder;
}

async function startAgent(url: string, folder: string): Promise<EdgeAgent> {
  const config = parseConfig({
    hall: HALL,
    agent: AGENT,
    server: { url, passwordFile: path.join(folder, 'password') },
    data: folder,
    kiosk: { port: 0 },
    log: 'silent',
  });
  const agent = await createEdgeAgent(config, { clock, log });
  onTestFinished(() => agent.close());
  return agent;
}

/** In which order a broker brings what is said at a birth; between topics it may be any. */
type Order = 'usual' | 'lease first' | 'welcome last';

/** Answers every hello with a welcome, and everything else a server says at a birth. */
function serve(
  hall: Hall,
  port: number,
  fields: () => LiveField[],
  head: () => number,
  maxAgeMs: number | undefined,
  order: Order,
): void {
  const lease = () => hall.say('lease', { gen: GEN, head: head(), fresh: true, hallTime: hallTime() });
  hall.on(({ name, data }) => {
    if (name === 'hello') {
      void (async () => {
        if (order === 'lease first') await lease();
        if (order !== 'welcome last') await hall.say('welcome', welcome(data.epoch));
        await hall.say('tables', tables);
        await hall.say('desired', desired(port, 1, maxAgeMs), 'strip-1');
        await hall.say('live', { gen: GEN, after: 0, head: head(), full: true, fields: fields() });
        if (order !== 'lease first') await lease();
        if (order === 'welcome last') await hall.say('welcome', welcome(data.epoch));
      })();
    }
    if (name === 'up') {
      const last = data.records.at(-1)?.seq ?? 0;
      void hall.say('upack', { installId: data.installId, seq: last });
    }
  });
}

async function setup(maxAgeMs?: number, order: Order = 'usual') {
  const hall = await createHall();
  const card = createOnbonKSimulator({ clock });
  const tcp = await listenTcp(card);
  onTestFinished(async () => {
    card.close();
    await tcp.close();
  });
  let fields = [calling('A001', 1)];
  let head = 1;
  serve(
    hall,
    tcp.port,
    () => fields,
    () => head,
    maxAgeMs,
    order,
  );
  const call = async (ticket: string) => {
    head += 1;
    fields = [calling(ticket, head)];
    await hall.say('live', { gen: GEN, after: head - 1, head, full: false, fields });
  };
  return { hall, card, tcp, call, lease: () => hall.say('lease', { gen: GEN, head, fresh: true, hallTime: hallTime() }) };
}

const within = { timeout: 10_000, interval: 10 };

test('what overtakes the welcome on its way counts when that has come', async () => {
  const { hall, card } = await setup(undefined, 'welcome last');
  const agent = await startAgent(hall.url, dataFolder());
  await vi.waitFor(() => expect(card.texts()).toContain('A001'), within);
  expect(hall.saidOf('resync')).toEqual([]);
  expect(agent.state().uplink).toBe('welcomed');
});

test('a call reaches the strip, and the server hears how sure the agent is', async () => {
  const { hall, card, call } = await setup();
  const agent = await startAgent(hall.url, dataFolder());
  await vi.waitFor(() => expect(card.texts()).toContain('A001'), within);
  await call('A002');
  await vi.waitFor(() => expect(card.texts()).toContain('A002'), within);
  await vi.waitFor(() => {
    const screen = hall.saidOf('reported').at(-1)?.screen;
    expect(screen).toMatchObject({ level: 'acknowledged', freshness: 'live', fields: { 'window/w1': 2 } });
    expect(screen?.text).toContain('A002');
  }, within);
  expect(card.state.flashWrites).toBe(0);
  expect(agent.state().devices['strip-1']?.counters['flashWrites']).toBe(0);
  await vi.waitFor(() => expect(agent.state().outbox.count).toBe(0), within);
  const records = hall.saidOf('up').flatMap(({ records: some }) => some);
  expect(records.map(({ seq }) => seq)).toEqual(records.map((_, at) => at + 1));
  expect(records.map(({ type }) => type)).toEqual(expect.arrayContaining(['agent.started', 'device.link', 'screen.confirmed']));
});

test('birth and goodbye: presence online and hello at every connect, stopped at the end', async () => {
  const { hall } = await setup();
  const agent = await startAgent(hall.url, dataFolder());
  await vi.waitFor(() => expect(agent.state().uplink).toBe('welcomed'), within);
  hall.drop();
  await vi.waitFor(() => expect(hall.saidOf('hello').length).toBeGreaterThan(1), within);
  await vi.waitFor(() => expect(agent.state().uplink).toBe('welcomed'), within);
  await agent.close();
  await vi.waitFor(() => expect(hall.saidOf('presence').at(-1)?.state).toBe('stopped'), within);
  expect(hall.saidOf('presence').map(({ state }) => state)).toEqual(['online', 'lost', 'online', 'stopped']);
});

test('a strip whose agent is cut off turns neutral by its maximum age, and comes back with the lease', async () => {
  const { hall, card, lease } = await setup(1000);
  const agent = await startAgent(hall.url, dataFolder());
  await vi.waitFor(() => expect(card.texts()).toContain('A001'), within);
  await vi.waitFor(() => expect(card.texts()).toContain('请以窗口叫号为准'), within);
  expect(card.texts()).not.toContain('A001');
  await vi.waitFor(() => expect(agent.state().devices['strip-1']?.screen?.freshness).toBe('stale'), within);
  await lease();
  await vi.waitFor(() => expect(card.texts()).toContain('A001'), within);
});

test('a first lease that overtakes the welcome still counts: a restarted agent need not wait for the next', async () => {
  const { hall, card } = await setup(undefined, 'lease first');
  const agent = await startAgent(hall.url, dataFolder());
  await vi.waitFor(() => expect(agent.state().devices['strip-1']?.screen?.freshness).toBe('live'), within);
  await vi.waitFor(() => expect(card.texts()).toContain('A001'), within);
});

test('an agent that starts without a server shows its strips from the store, neutral because nothing vouches for the number', async () => {
  const { hall, card } = await setup();
  const folder = dataFolder();
  const first = await startAgent(hall.url, folder);
  await vi.waitFor(() => expect(card.texts()).toContain('A001'), within);
  await vi.waitFor(() => expect(first.state().live.head).toBe(1), within);
  await first.close();
  const nowhere = await startAgent('mqtt://127.0.0.1:1', folder);
  await vi.waitFor(() => expect(card.texts()).toContain('请以窗口叫号为准'), within);
  expect(nowhere.state().live).toMatchObject({ gen: GEN, head: 1, keys: 1 });
  expect(card.texts()).not.toContain('A001');
});

test('a missed change is noticed by the lease and asked for', async () => {
  const { hall, card } = await setup();
  await startAgent(hall.url, dataFolder());
  await vi.waitFor(() => expect(card.texts()).toContain('A001'), within);
  await hall.say('lease', { gen: GEN, head: 9, fresh: true, hallTime: hallTime() });
  await vi.waitFor(() => expect(hall.saidOf('resync').at(-1)).toMatchObject({ gen: GEN, seq: 1 }), within);
});

test('an agent that is fenced says so, lets go of its devices and leaves', async () => {
  const hall = await createHall();
  hall.on(({ name, data }) => {
    if (name === 'hello') void hall.say('welcome', welcome(data.epoch, { verdict: 'fenced' }));
  });
  const agent = await startAgent(hall.url, dataFolder());
  await vi.waitFor(() => expect(agent.state().uplink).toBe('fenced'), within);
  expect(hall.saidOf('presence').map(({ state }) => state)).toEqual(['online', 'fenced']);
});

test('what does not match its schema is dropped and counted, and changes nothing', async () => {
  const { hall, card } = await setup();
  const agent = await startAgent(hall.url, dataFolder());
  await vi.waitFor(() => expect(card.texts()).toContain('A001'), within);
  const topic = addressOf('live', { hall: HALL, agent: AGENT });
  await hall.raw(topic, '{');
  await hall.raw(topic, '{"data":1}');
  await hall.raw(
    topic,
    JSON.stringify({ specversion: '1.0', id: '1', source: '/x', type: 'hall.1.live', time: '', data: { gen: 1 } }),
  );
  await hall.say('desired', { ...desired(1, 5), device: { ...desired(1).device, id: 'other' } }, 'strip-1');
  await vi.waitFor(() => {
    expect(agent.state().counters).toMatchObject({
      'dropped.json': 1,
      'dropped.envelope': 1,
      'dropped.payload': 1,
      'dropped.device': 1,
    });
  }, within);
  expect(card.texts()).toContain('A001');
});

test('a device with wrong settings is reported, not tried', async () => {
  const hall = await createHall();
  hall.on(({ name, data }) => {
    if (name !== 'hello') return;
    void (async () => {
      await hall.say('welcome', welcome(data.epoch));
      const wrong = desired(5005);
      await hall.say('desired', { ...wrong, device: { ...wrong.device, settings: { transport: 'tcp', port: 0 } } }, 'strip-1');
    })();
  });
  await startAgent(hall.url, dataFolder());
  await vi.waitFor(() => {
    expect(hall.saidOf('reported').at(-1)).toMatchObject({ link: 'offline', error: 'DEVICE_SETTINGS_INVALID' });
  }, within);
});

test('a board counts as acknowledged when its page says that it has painted it', async () => {
  const hall = await createHall();
  const board: Payload<'desired'> = {
    version: { gen: GEN, ver: 1 },
    device: {
      id: 'board-1',
      name: '大屏',
      agent: AGENT,
      driver: 'kiosk',
      settings: {},
      screen: { template: 'queue-board', widthPx: 1920, heightPx: 540 },
    },
    plan: {
      widthPx: 1920,
      heightPx: 540,
      maxAgeMs: 30_000,
      safeAfterMs: 300_000,
      regions: [
        {
          id: 'main',
          layers: [
            {
              id: 'queue',
              class: 'window_state',
              seq: 0,
              content: { template: 'queue-board', parameters: {}, bindings: ['window/w1'] },
              stale: { template: 'board-neutral', parameters: {}, bindings: [] },
              source: { kind: 'binding', id: 'board-1' },
            },
          ],
        },
      ],
    },
  };
  hall.on(({ name, data }) => {
    if (name !== 'hello') return;
    void (async () => {
      await hall.say('welcome', welcome(data.epoch, { devices: ['board-1'] }));
      await hall.say('tables', tables);
      await hall.say('desired', board, 'board-1');
      await hall.say('lease', { gen: GEN, head: 1, fresh: true, hallTime: hallTime() });
      await hall.say('live', { gen: GEN, after: 0, head: 1, full: true, fields: [calling('B007', 1)] });
    })();
  });
  const agent = await startAgent(hall.url, dataFolder());
  const over = new AbortController();
  onTestFinished(() => over.abort());
  const stream = await fetch(`${agent.kioskUrl}/screen/board-1/events`, { signal: over.signal });
  let heard = '';
  const listening = (async () => {
    for await (const bytes of stream.body ?? []) heard += Buffer.from(bytes).toString();
  })().catch(() => {});
  await vi.waitFor(() => expect(heard).toMatch(/event: board\ndata: .*B007/), within);
  expect(hall.saidOf('reported').at(-1)?.screen?.level ?? 'none').toBe('none');
  const hash = /"hash":"([0-9a-f]{64})"/.exec(heard.slice(heard.lastIndexOf('event: board')))?.[1];
  await fetch(`${agent.kioskUrl}/screen/board-1/painted`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ hash }),
  });
  await vi.waitFor(() => {
    expect(hall.saidOf('reported').at(-1)).toMatchObject({ link: 'online', screen: { level: 'acknowledged', hash } });
  }, within);
  over.abort();
  await listening;
  await vi.waitFor(
    () => expect(hall.saidOf('reported').at(-1)).toMatchObject({ link: 'offline', screen: { level: 'none' } }),
    within,
  );
});

test('the board page is served with a strict policy, its fonts and its events', async () => {
  const { hall } = await setup();
  const agent = await startAgent(hall.url, dataFolder());
  const page = await fetch(`${agent.kioskUrl}/screen/board-1`);
  expect(page.headers.get('content-security-policy')).toContain("default-src 'none'");
  expect(await page.text()).not.toMatch(/<script>|style=/);
  expect((await fetch(`${agent.kioskUrl}/fonts/index.css`)).status).toBe(200);
  expect((await fetch(`${agent.kioskUrl}/kiosk/board.js`)).status).toBe(200);
  expect((await fetch(`${agent.kioskUrl}/screen/%2e%2e`)).status).toBe(404);
  const socket = connectSocket(Number(new URL(agent.kioskUrl).port), '127.0.0.1');
  onTestFinished(() => void socket.destroy());
  let heard = '';
  socket.on('data', (bytes: Buffer) => (heard += bytes.toString()));
  socket.write('GET /screen/board-1/events HTTP/1.1\r\nhost: x\r\n\r\n');
  await vi.waitFor(() => expect(heard).toContain('event: tick'), within);
});
