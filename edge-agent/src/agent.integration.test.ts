import { connect as connectSocket } from 'node:net';
import { addressOf, type Payload } from '@hall/contracts';
import { expect, onTestFinished, test, vi } from 'vitest';
import {
  AGENT,
  GEN,
  HALL,
  calling,
  createHall,
  dataFolder,
  desired,
  hallTime,
  setup,
  startAgent,
  tables,
  welcome,
  within,
} from './fixture.ts';

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

test('what is said of a device is numbered on when it is opened anew: a host that begins again is not one that repeats', async () => {
  const { hall, card, tcp } = await setup();
  await startAgent(hall.url, dataFolder());
  await vi.waitFor(() => expect(card.texts()).toContain('A001'), within);
  for (const ver of [2, 3]) {
    const { version, device, plan } = desired(tcp.port, ver);
    const otherwise = { ...device, settings: { ...device.settings, refreshS: ver } };
    await hall.say('desired', { version, device: otherwise, ...(plan && { plan }) }, device.id);
    await vi.waitFor(() => expect(hall.saidOf('reported').at(-1)).toMatchObject({ link: 'online', applied: version }), within);
  }
  const numbers = hall.saidOf('reported').map(({ seq }) => seq);
  expect(numbers).toEqual([...new Set(numbers)].toSorted((one, other) => one - other));
});

test('a document whose settings are refused takes no working screen away, over a restart too, until a newer one comes', async () => {
  const { hall, card, tcp, call } = await setup();
  const folder = dataFolder();
  const first = await startAgent(hall.url, folder);
  await vi.waitFor(() => expect(card.texts()).toContain('A001'), within);
  const worked = desired(tcp.port);
  // The settings are of the right shape and contradict each other: only the opening finds out.
  const contradicting: Payload<'desired'> = {
    ...worked,
    version: { gen: GEN, ver: 2 },
    device: { ...worked.device, settings: { ...worked.device.settings, areaTimeoutS: 10, refreshS: 9 } },
  };
  // These are of no shape the driver knows, so the link need not be given up to know it.
  const shapeless = { ...desired(-1, 3) };
  for (const document of [contradicting, shapeless]) {
    await hall.say('desired', document, 'strip-1');
    const refused = { version: document.version, code: 'DEVICE_SETTINGS_INVALID' };
    await vi.waitFor(
      () =>
        expect(hall.saidOf('reported').at(-1)).toMatchObject({ link: 'online', applied: worked.version, refused, screen: {} }),
      within,
    );
  }
  await call('A002');
  await vi.waitFor(() => expect(card.texts()).toContain('A002'), within);
  await vi.waitFor(() => expect(hall.saidOf('status').at(-1)?.documents.fellBack).toEqual(['strip-1']), within);
  await first.close();

  const again = await startAgent(hall.url, folder);
  await vi.waitFor(
    () => expect(again.state().devices['strip-1']).toMatchObject({ link: 'online', applied: worked.version }),
    within,
  );
  expect(again.state().devices['strip-1']?.refused?.version).toEqual(shapeless.version);
  await vi.waitFor(() => expect(again.state().uplink).toBe('welcomed'), within);
  const mended = desired(tcp.port, 4);
  await hall.say('desired', mended, 'strip-1');
  await vi.waitFor(
    () => expect(hall.saidOf('reported').at(-1)).toMatchObject({ link: 'online', applied: mended.version }),
    within,
  );
  expect(hall.saidOf('reported').at(-1)?.refused).toBeUndefined();
  await vi.waitFor(() => expect(hall.saidOf('status').at(-1)?.documents.fellBack).toEqual([]), within);
});

test('a name service that fails, or leads elsewhere, does not part an agent from the server it has reached before', async () => {
  const { hall, card, call } = await setup();
  const url = new URL(hall.url);
  url.hostname = 'hall.example';
  const folder = dataFolder();
  const first = await startAgent(url.href, folder, { resolve: async () => ['127.0.0.1'] });
  await vi.waitFor(() => expect(card.texts()).toContain('A001'), within);
  await vi.waitFor(() => expect(first.state().outbox.count).toBe(0), within);
  await first.close();
  // Over a restart too; 127.0.0.2 is an address where nobody listens.
  const ways = [() => Promise.reject(new Error('EAI_AGAIN')), async () => ['127.0.0.2']];
  for (const [at, resolve] of ways.entries()) {
    const agent = await startAgent(url.href, folder, { resolve });
    await vi.waitFor(() => expect(agent.state().uplink).toBe('welcomed'), within);
    await call(`B00${at}`);
    await vi.waitFor(() => expect(card.texts()).toContain(`B00${at}`), within);
    await agent.close();
  }
});

test('a name that was never resolved is tried again and again, and the agent goes on', async () => {
  const { hall, card } = await setup();
  const url = new URL(hall.url);
  url.hostname = 'hall.invalid';
  let found: readonly string[] = [];
  let asked = 0;
  const agent = await startAgent(url.href, dataFolder(), {
    resolve: async () => {
      asked += 1;
      return found;
    },
  });
  await vi.waitFor(() => expect(asked).toBeGreaterThan(1), within);
  expect(agent.state().uplink).toBe('offline');
  found = ['127.0.0.1'];
  await vi.waitFor(() => expect(card.texts()).toContain('A001'), within);
});
