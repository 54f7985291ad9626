/** The server is gone and the hall goes on: keys call from the last known waiting list, and all is put right when it is back. */
import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { HALL, PLATFORM, startHall, type RunningHall } from '@hall/proof';
import { createKeyBox, type KeyAct, type KeyBox, type KeyReply } from '@hall/simulators';
import { addressOf, type PlatformIsland } from '@hall/contracts';
import mqtt from 'mqtt';
import { afterEach, describe, expect, test, vi } from 'vitest';

const within = { timeout: 60_000, interval: 20 };
const agents = ['agent-a', 'agent-b'] as const;
let hall: RunningHall;
afterEach(() => hall?.close());

const byText = (one: string | null | undefined, other: string | null | undefined) => ((one ?? '') < (other ?? '') ? -1 : 1);
const ticket = (n: number) => `A${String(n).padStart(3, '0')}`;
const local = (agent: string) => hall.agents.get(agent)?.state().local;
const phase = (agent: string) => () => local(agent)?.phase;
const count = (agent: string) => local(agent)?.waiting.reduce((sum, list) => sum + list.count, 0) ?? 0;

/** The window's agent, by the strip over it. */
const agentOf = (window: string) => hall.content.devices.find(({ screen }) => screen?.window === window)?.agent ?? '';
const boxOf = (window: string): KeyBox =>
  createKeyBox({ file: path.join(hall.folder, agentOf(window), 'call-port.json'), window });

interface Said {
  readonly parts: readonly string[];
  readonly saidAt: number;
}
async function spoken(): Promise<Said[]> {
  const files = agents.map((agent) => readFile(path.join(hall.folder, agent, 'speech.jsonl'), 'utf8').catch(() => ''));
  return (await Promise.all(files)).flatMap((text) => text.split('\n').filter(Boolean)).map((line) => JSON.parse(line) as Said);
}

/** Four windows on two agents, all for one service; A001 is served at w01 and A002 to A021 wait. */
async function begin(): Promise<void> {
  hall = await startHall({
    windows: 4,
    agents,
    content: (content) => ({
      ...content,
      settings: { ...content.settings, liveMaxAgeS: 5, safeAfterS: 30 },
      windows: content.windows.map((window) => ({ ...window, services: [content.services[0]?.id ?? ''] })),
      devices: content.devices.map((device, n) => ({ ...device, agent: agents[n % 2] ?? '' })),
    }),
    agentConfig: { island: { afterMs: 1000 }, speech: { voice: 'recording' } },
  });
  const service = hall.content.services[0]?.id ?? '';
  const { feed } = hall;
  await feed.send([
    ...hall.content.windows.map(({ id }) => feed.event('window.opened', `made-${id}`, { window: id })),
    ...Array.from({ length: 21 }, (_, n) => feed.event('ticket.issued', ticket(n + 1), { ticket: ticket(n + 1), service })),
    feed.event('ticket.called', ticket(1), { ticket: ticket(1), window: 'w01' }),
  ]);
  await expect.poll(() => hall.shown('w01'), within).toContain('A001');
  await expect.poll(() => count('agent-a') + count('agent-b'), within).toBe(20);
}

async function alone(): Promise<void> {
  await hall.stopServer();
  for (const agent of agents) await expect.poll(phase(agent), within).toBe('island');
}

/** Presses, and waits until the strip shows what the reply said. Answers the reply and how long the strip took, ms. */
async function press(window: string, act: KeyAct): Promise<{ reply: KeyReply; tookMs: number }> {
  const began = performance.now();
  const reply = await boxOf(window).press(act);
  const wanted = reply.body.ticket;
  const shown = act === 'no_show' ? '' : (wanted ?? '');
  await vi.waitFor(() => expect(hall.shown(window)).toContain(shown), { timeout: 15_000, interval: 1 });
  return { reply, tookMs: performance.now() - began };
}

describe('island mode', () => {
  test('server killed, ten calls reach strips and voice, server back: the truth of the platform, nothing said twice, conflicts listed', async () => {
    await begin();
    await alone();
    // Nobody knows what became of A001: the strip is honest about it.
    await expect.poll(() => hall.shown('w01'), within).not.toContain('A001');

    const windows = ['w01', 'w02', 'w03', 'w04', 'w01', 'w02', 'w03', 'w04', 'w01', 'w02'];
    const called: string[] = [];
    for (const window of windows) {
      const { reply } = await press(window, 'next');
      expect(reply).toMatchObject({ status: 200, body: { handled: 'island', callNumber: 1 } });
      called.push(reply.body.ticket ?? '');
    }
    expect(new Set(called).size).toBe(10);
    expect(called).not.toContain('A001');
    // The newest call of each window is on its strip, marked.
    for (const window of ['w01', 'w02', 'w03', 'w04']) {
      expect(hall.shown(window)).toContain(called[windows.lastIndexOf(window)]);
      expect(hall.shown(window)).toContain('离线');
    }
    await expect.poll(async () => (await spoken()).length, within).toBe(10);
    expect((await spoken()).map(({ parts }) => parts[1]).toSorted(byText)).toEqual(called.toSorted(byText));

    // Meanwhile the platform has called one of them elsewhere, removed another, and knows nothing of the rest.
    await hall.startServer();
    const { feed } = hall;
    const [taken = '', removed = ''] = called;
    const agreed = called.slice(2);
    const sent = await feed.send([
      feed.event('ticket.called', taken, { ticket: taken, window: 'w04' }),
      feed.event(
        'ticket.removed',
        removed,
        { ticket: removed },
        { time: new Date(hall.clock.hall.nowMs() - 60_000).toISOString() },
      ),
      ...agreed.map((one) => feed.event('ticket.called', one, { ticket: one, window: windows[called.indexOf(one)] ?? '' })),
    ]);
    expect(sent.body.accepted).toBe(10);
    for (const agent of agents) await expect.poll(phase(agent), within).toBe('connected');
    const { services } = hall.server;
    await expect.poll(() => services.island.view({}).acts.length, within).toBe(10);
    await expect
      .poll(() => Object.fromEntries(services.island.view({}).acts.map(({ ticket: one, verdict }) => [one, verdict])), within)
      .toEqual({
        [taken]: 'called_elsewhere',
        [removed]: 'ticket_ended',
        ...Object.fromEntries(agreed.map((one) => [one, 'agreed'])),
      });
    const { conflicts } = services.island.view({ conflicts: true });
    expect(conflicts).toBe(2);
    expect(
      services.island
        .view({ conflicts: true })
        .acts.map(({ ticket: one }) => one)
        .toSorted(byText),
    ).toEqual([taken, removed].toSorted(byText));
    const lives = () => services.island.view({}).agents.map((life) => life.phase);
    await expect.poll(lives, within).toEqual(['connected', 'connected']);

    // Screens say what the platform says, and the voice has said nothing more.
    for (const [window, { field }] of services.live.windows()) {
      await expect.poll(() => hall.shown(window), within).toContain(field.value.ticket ?? '办理中');
      await expect.poll(() => hall.shown(window), within).not.toContain('离线');
    }
    expect(await spoken()).toHaveLength(10);
    const told = hall.server.services.facts.list({ limit: 200 }).filter(({ type }) => type === 'island.call');
    expect(told).toHaveLength(10);
  });

  test('the way to the server is cut and mended in the middle of a call: the number stays on the strip, never blank, never another', async () => {
    await begin();
    const cut = (on: boolean) => agents.forEach((agent) => hall.cables.get(agent)?.unplug(on));
    cut(true);
    for (const agent of agents) await expect.poll(phase(agent), within).toBe('island');
    const { reply } = await press('w02', 'next');
    const called = reply.body.ticket ?? '';
    // The platform hears of it by its own ways and says the same.
    await hall.feed.send(hall.feed.event('ticket.called', called, { ticket: called, window: 'w02' }));
    const seen = new Set<string>();
    hall.strips.get('strip-w02')?.simulator.onChange(() => seen.add(hall.shown('w02')));
    cut(false);
    await expect.poll(phase(agentOf('w02')), within).toBe('connected');
    await expect.poll(() => hall.shown('w02'), within).not.toContain('离线');
    expect(hall.shown('w02')).toContain(called);
    expect([...seen].filter((text) => !text.includes(called))).toEqual([]);
  });

  test('no-show, recall, pause and resume go the same way; keys of a connected hall are the platform’s business', async () => {
    await begin();
    const connected = await boxOf('w01').press('next');
    expect(connected.body).toEqual({ handled: 'server' });
    expect(hall.shown('w01')).toContain('A001');
    await hall.stopServer();
    // The lease of the server’s last word is still running: nobody may call yet, by keys or otherwise.
    expect((await boxOf('w02').press('next')).body).toMatchObject({ code: 'ISLAND_REFUSED', reason: 'waiting' });
    for (const agent of agents) await expect.poll(phase(agent), within).toBe('island');
    const recalled = await press('w01', 'recall');
    expect(recalled.reply.body).toMatchObject({ ticket: 'A001', callNumber: 2 });
    await press('w01', 'no_show');
    await expect.poll(() => hall.shown('w01'), within).not.toContain('A001');
    await press('w01', 'pause');
    await expect.poll(() => hall.shown('w01'), within).toContain('暂停');
    expect((await press('w01', 'next')).reply.body).toMatchObject({ code: 'ISLAND_REFUSED', reason: 'window_paused' });
    await press('w01', 'resume');
    const next = await press('w01', 'next');
    expect(hall.shown('w01')).toContain(next.reply.body.ticket);
  });

  test('an agent that is killed and starts again without a server goes on where it was, and calls no ticket a second time', async () => {
    await begin();
    await alone();
    const first = [(await press('w01', 'next')).reply.body.ticket, (await press('w03', 'next')).reply.body.ticket];
    await hall.stopAgent('agent-a');
    await hall.startAgent('agent-a');
    await expect.poll(phase('agent-a'), within).toBe('island');
    await expect.poll(() => hall.shown('w01'), within).toContain(first[0]);
    const again = [(await press('w01', 'next')).reply.body.ticket, (await press('w03', 'next')).reply.body.ticket];
    expect(new Set([...first, ...again]).size).toBe(4);
    await expect.poll(async () => (await spoken()).length, within).toBe(4);
    expect(new Set((await spoken()).map(({ parts }) => parts[1])).size).toBe(4);
  });
});

test('the blank key: all screens of the agent black, over a restart, until it is released; the others go on', async () => {
  await begin();
  expect((await boxOf('w01').blank(true)).status).toBe(200);
  const black = ['w01', 'w03'].filter((window) => agentOf(window) === agentOf('w01'));
  for (const window of black) await expect.poll(() => hall.shown(window).trim(), within).toBe('');
  expect(hall.shown('w02')).not.toBe('');
  await hall.stopAgent(agentOf('w01'));
  await hall.startAgent(agentOf('w01'));
  await expect.poll(() => hall.agents.get(agentOf('w01'))?.state().uplink, within).toBe('welcomed');
  expect(hall.shown('w01').trim()).toBe('');
  await expect
    .poll(() => hall.server.services.island.view({}).agents.find(({ agent }) => agent === agentOf('w01'))?.blanked, within)
    .toBe(true);
  await boxOf('w01').blank(false);
  await expect.poll(() => hall.shown('w01'), within).toContain('A001');
});

test('what the hall did alone is offered to the platform, again and again until it says something of it', async () => {
  await begin();
  const heard: PlatformIsland['acts'] = [];
  const platform = await mqtt.connectAsync(hall.platformMqttUrl, {
    clientId: `${PLATFORM}.island`,
    username: PLATFORM,
    password: hall.mqttPassword,
    reconnectPeriod: 100,
  });
  platform.on('error', () => {});
  platform.on('message', (_, payload) => {
    heard.push(...(JSON.parse(payload.toString()) as { data: PlatformIsland }).data.acts);
  });
  await platform.subscribeAsync(addressOf('platformIsland', { hall: HALL, platform: PLATFORM }), { qos: 1 });
  await alone();
  const { reply } = await press('w01', 'next');
  await hall.startServer();
  await expect.poll(() => heard.length, within).toBeGreaterThan(0);
  expect(heard[0]).toMatchObject({ agent: agentOf('w01'), act: 'next', window: 'w01', ticket: reply.body.ticket, called: true });
  await platform.endAsync(true);
});
