/** Commands through the whole system: whatever goes wrong on the way, each ends in exactly one outcome, the same everywhere. */
import { randomUUID } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import path from 'node:path';
import Database from 'better-sqlite3';
import { addressOf, envelope, type Command, type CommandEnd, type CommandRequest, type CommandView } from '@hall/contracts';
import { HALL, startHall, type HallOptions, type RunningHall } from '@hall/proof';
import mqtt from 'mqtt';
import { afterEach, describe, expect, test, vi } from 'vitest';

const within = { timeout: 30_000 };
const AGENT = 'agent-a';
const STRIP = 'strip-w01';
const asker = { by: 'manager', address: '127.0.0.1' };
let hall: RunningHall;
afterEach(() => hall?.close());

async function begin(options: HallOptions = {}): Promise<void> {
  hall = await startHall({ windows: 2, ...options });
  await hall.feed.send([hall.feed.event('window.opened', 'made-w01', { window: 'w01' }), hall.feed.called('w01', 'A001')]);
  await expect.poll(() => hall.shown('w01'), within).toContain('A001');
}
function known<T>(value: T | null | undefined): T {
  if (value === null || value === undefined) throw new Error('is not there');
  return value;
}
const card = () => known(hall.strips.get(STRIP)).simulator;
const commands = () => hall.server.services.commands;
const give = (request: CommandRequest) => commands().give(asker, request);
const identify = (more: Partial<CommandRequest> = {}) =>
  give({ act: 'identify', device: STRIP, arguments: { seconds: 2 }, ...more });
const view = (id: string): CommandView => commands().get(id).command;
const uplink = (state: string) => vi.waitFor(() => expect(hall.agents.get(AGENT)?.state().uplink).toBe(state), within);
const reaches = (id: string, state: string) => vi.waitFor(() => expect(view(id).state).toBe(state), within);
const linkIs = (link: string) =>
  vi.waitFor(() => expect(hall.agents.get(AGENT)?.state().devices[STRIP]?.link).toBe(link), within);

/** How the agent has noted it; nothing if it has not heard of it. */
function journal(id: string): { state: string; end: CommandEnd | undefined } | undefined {
  const db = new Database(path.join(hall.folder, AGENT, 'agent.sqlite'), { readonly: true });
  try {
    const row = db.prepare('SELECT state, ended FROM command WHERE id = ?').get(id) as
      | { state: string; ended: string | null }
      | undefined;
    return row && { state: row.state, end: row.ended === null ? undefined : (JSON.parse(row.ended) as CommandEnd) };
  } finally {
    db.close();
  }
}

/** Waits for the end and checks that agent, server and every reader of it say the same, and that it is the only one. */
async function outcome(id: string): Promise<CommandEnd> {
  await reaches(id, 'ended');
  const { command, steps } = commands().get(id);
  const end = known(command.end);
  // Nothing is applied without the record of the agent; only what it never heard of ends without.
  const isUnheard = ['expired', 'cancelled'].includes(end.outcome) && journal(id) === undefined;
  expect(isUnheard ? { state: 'ended', end } : journal(id)).toEqual({ state: 'ended', end });
  expect(steps.filter(({ state }) => state === 'ended')).toHaveLength(1);
  expect(
    commands()
      .list({ limit: 100 })
      .find((one) => one.id === id)?.end?.outcome,
  ).toBe(end.outcome);
  return end;
}
/** The facts of an end, once the agent's outbox is empty. */
async function endFacts(id: string) {
  await vi.waitFor(() => expect(hall.agents.get(AGENT)?.state().outbox.tail).toBe(0), within);
  return hall.server.services.facts.list({ type: 'command.ended', limit: 100 }).filter(({ data }) => data['id'] === id);
}

/** Says commands in the server's name, on a broker of its own. */
async function asServer(say: (send: (command: Command) => Promise<unknown>) => Promise<void>): Promise<void> {
  const link = known(hall.broker).serverLink;
  const password = await readFile(link.passwordFile, 'utf8');
  const client = await mqtt.connectAsync(hall.server.mqttUrl, { clientId: 'twin', username: link.username, password });
  const topic = addressOf('command', { hall: HALL, agent: AGENT });
  await say((command) => {
    const message = envelope('command', `/hall/${HALL}/server`, randomUUID(), hall.clock.wall.nowMs(), command);
    return client.publishAsync(topic, JSON.stringify(message), { qos: 1 });
  });
  await client.endAsync();
}

describe('a command that nothing disturbs', () => {
  test('a strip shows its name and goes back by itself; the server sees what stands over the plan, and that it is gone', async () => {
    await begin();
    const { id } = await identify();
    await expect.poll(() => hall.shown('w01'), within).not.toContain('A001');
    const reported = () => hall.server.services.devices.get(STRIP)?.reported;
    await vi.waitFor(() => expect(reported()?.overrides).toMatchObject([{ kind: 'identify', command: id }]), within);
    expect(await outcome(id)).toMatchObject({ outcome: 'applied', level: 'acknowledged' });
    await expect.poll(() => hall.shown('w01'), within).toContain('A001');
    await vi.waitFor(() => expect(reported()?.overrides).toBeUndefined(), within);
    expect(view(id).person).toBe('manager');
    expect(
      commands()
        .get(id)
        .steps.map(({ state }) => state),
    ).toEqual(['created', 'sent', 'persisted', 'begun', 'ended']);
    expect(await endFacts(id)).toHaveLength(1);
  });

  test('black and brightness are read back from the card, last, and are taken back', async () => {
    await begin();
    const dark = await give({ act: 'black', device: STRIP, arguments: { on: true } });
    expect(await outcome(dark.id)).toMatchObject({
      outcome: 'applied',
      level: 'read_back',
      evidence: { reading: { on: false } },
    });
    expect(card().state.on).toBe(false);
    const dim = await give({ act: 'brightness', device: STRIP, arguments: { percent: 20 } });
    expect(await outcome(dim.id)).toMatchObject({
      level: 'read_back',
      evidence: { before: { percent: null }, reading: { brightness: 20 } },
    });
    await hall.stopAgent(AGENT);
    await hall.startAgent(AGENT);
    await linkIs('online');
    expect(card().state).toMatchObject({ on: false, brightness: 3 });
    const light = await give({ act: 'black', device: STRIP, arguments: { on: false } });
    expect(await outcome(light.id)).toMatchObject({ outcome: 'applied', evidence: { before: { on: true } } });
    const usual = await give({ act: 'brightness', device: STRIP, arguments: { percent: null } });
    expect(await outcome(usual.id)).toMatchObject({ outcome: 'applied', evidence: { before: { percent: 20 } } });
    expect(card().state).toMatchObject({ on: true, brightness: 15 });
    expect(hall.shown('w01')).toContain('A001');
  });

  test('an agent gives its newest log lines, sets the clock of a card, and restarts', async () => {
    await begin();
    const logs = await give({ act: 'logs_fetch', agent: AGENT });
    await outcome(logs.id);
    expect(known(commands().get(logs.id).command.end?.evidence?.['lines'] as string[] | undefined).join()).toContain(
      'uplink changed',
    );
    const clock = await give({ act: 'clock_set', device: STRIP });
    expect(await outcome(clock.id)).toMatchObject({ outcome: 'applied', level: 'acknowledged' });
    const before = hall.agents.get(AGENT)?.state().epoch;
    const restart = await give({ act: 'restart', agent: AGENT });
    const end = await outcome(restart.id);
    expect(end).toMatchObject({ outcome: 'applied', level: 'read_back' });
    expect(end.evidence?.['epoch']).not.toBe(before);
    await uplink('welcomed');
    expect(JSON.stringify(hall.server.services.facts.list({ type: 'command.ended', limit: 10 }))).not.toContain('uplink changed');
  });
});

describe('a command on a bad way', () => {
  test('duplicate: said again and again, also after its end, it has one effect and one outcome', async () => {
    await begin({ broker: 'mosquitto' });
    const given = await give({ act: 'clock_set', device: STRIP });
    const end = await outcome(given.id);
    const clocks = () =>
      card().state.log.filter(({ direction, describe }) => direction === 'in' && /clock/.test(describe.en)).length;
    const before = clocks();
    const again = { id: given.id, act: 'clock_set' as const, device: STRIP, arguments: {}, remainingMs: 60_000 };
    // One after the other: what comes while the journal is asked is not asked for once more.
    await asServer(async (send) => {
      for (let time = 1; time <= 5; time += 1) {
        await send({ ...again, sentAt: Math.round(hall.clock.hall.nowMs()) });
        await vi.waitFor(() => expect(hall.agents.get(AGENT)?.state().counters['command.again']).toBe(time), within);
      }
    });
    expect(clocks()).toBe(before);
    expect(await outcome(given.id)).toEqual(end);
    expect(await endFacts(given.id)).toHaveLength(1);
  });

  test('late: held up on its way past its deadline, it is dropped, and expired everywhere', async () => {
    await begin({ broker: 'mosquitto' });
    const id = randomUUID();
    await asServer(async (send) => {
      const sentAt = Math.round(hall.clock.hall.nowMs()) - 20_000;
      await send({ id, act: 'black', device: STRIP, arguments: { on: true }, remainingMs: 15_000, sentAt });
    });
    await vi.waitFor(() => expect(journal(id)?.end).toEqual({ outcome: 'expired', code: 'COMMAND_LATE' }), within);
    expect(card().state.on).toBe(true);
    expect(await endFacts(id)).toMatchObject([{ data: { outcome: 'expired' } }]);
  });

  test('lost result: the act was done and nobody heard of it; the record in the outbox tells it later', async () => {
    await begin();
    const off = card().onFrame(() => {
      if (!card().state.on) hall.cables.get(AGENT)?.unplug(true);
    });
    const { id } = await give({ act: 'black', device: STRIP, arguments: { on: true } });
    await vi.waitFor(() => expect(journal(id)?.state).toBe('ended'), within);
    off();
    expect(view(id).state).not.toBe('ended');
    hall.cables.get(AGENT)?.unplug(false);
    expect(await outcome(id)).toMatchObject({ outcome: 'applied', level: 'read_back' });
    expect(commands().get(id).steps.at(-1)?.detail).toMatchObject({ by: 'record' });
  });

  test('device NAK: the card says no; refused, and the strip goes on as before', async () => {
    await begin();
    const off = card().onFrame(({ direction, describe }) => {
      if (direction === 'in') card().faults.nakStorm = /off/.test(describe.en) ? 3 : undefined;
    });
    const { id } = await give({ act: 'black', device: STRIP, arguments: { on: true } });
    expect(await outcome(id)).toMatchObject({ outcome: 'refused', code: 'DEVICE_REFUSED' });
    off();
    card().faults.nakStorm = undefined;
    await linkIs('online');
    await expect.poll(() => hall.shown('w01'), within).toContain('A001');
    expect(card().state.on).toBe(true);
  });

  test('device offline: expired when it does not come back in time, applied when it does', async () => {
    await begin();
    hall.strips.get(STRIP)?.unplug(true);
    await linkIs('offline');
    const late = await identify({ withinS: 1 });
    expect(await outcome(late.id)).toEqual({ outcome: 'expired', code: 'DEVICE_OFFLINE' });
    const { id } = await identify({ withinS: 60 });
    await reaches(id, 'persisted');
    hall.strips.get(STRIP)?.unplug(false);
    expect(await outcome(id)).toMatchObject({ outcome: 'applied' });
  });

  test('cancelled: before the agent has heard of it, and while it waits at the agent', async () => {
    await begin();
    hall.strips.get(STRIP)?.unplug(true);
    await linkIs('offline');
    const waiting = await identify({ withinS: 60 });
    await reaches(waiting.id, 'persisted');
    await commands().cancel(asker, waiting.id);
    expect(await outcome(waiting.id)).toEqual({ outcome: 'cancelled' });
    await expect(commands().cancel(asker, waiting.id)).rejects.toMatchObject({ code: 'COMMAND_ENDED' });
    hall.cables.get(AGENT)?.unplug(true);
    await vi.waitFor(() => expect(hall.server.services.agents.list()[0]?.presence).toBe('lost'), within);
    const unheard = await identify({ withinS: 60 });
    await commands().cancel(asker, unheard.id);
    expect(await outcome(unheard.id)).toEqual({ outcome: 'cancelled' });
    expect(journal(unheard.id)).toBeUndefined();
  });

  test('an act that the device cannot do is not even given', async () => {
    await begin();
    await expect(give({ act: 'restart', device: STRIP })).rejects.toMatchObject({ code: 'ACT_UNSUPPORTED' });
    await expect(give({ act: 'black', device: STRIP })).rejects.toMatchObject({ code: 'INPUT_INVALID' });
    await expect(give({ act: 'identify', device: 'no-strip' })).rejects.toMatchObject({ code: 'NOT_FOUND' });
  });
});

describe('a restart in the middle', () => {
  /** Has the agent note the intent and then stand still, because the card does not answer any more. */
  async function beginSilent(request: CommandRequest): Promise<string> {
    await begin();
    card().faults.silence = true;
    const { id } = await give(request);
    await vi.waitFor(() => expect(journal(id)?.state).toBe('begun'), within);
    await hall.stopAgent(AGENT);
    expect(journal(id)?.state).toBe('begun');
    return id;
  }

  test('of the agent, between intent and record: the device is asked, and it is so', async () => {
    const id = await beginSilent({ act: 'black', device: STRIP, arguments: { on: true } });
    card().faults.silence = false;
    await hall.startAgent(AGENT);
    expect(await outcome(id)).toMatchObject({ outcome: 'applied', level: 'read_back' });
    expect(card().state.on).toBe(false);
  });

  test('of the agent, when the moment has passed: nobody can tell, and nothing is repeated', async () => {
    const id = await beginSilent({ act: 'identify', device: STRIP, arguments: { seconds: 1 } });
    await hall.clock.machine.sleep(1000);
    card().faults.silence = false;
    const seen: string[] = [];
    const off = card().onChange(() => seen.push(card().texts().join(' ')));
    await hall.startAgent(AGENT);
    expect(await outcome(id)).toEqual({ outcome: 'unknown', code: 'AGENT_RESTARTED' });
    off();
    expect(seen.filter((text) => text.includes('条屏'))).toEqual([]);
  });

  test('of the server, while the agent does it: nothing is lost, and it is not done twice', async () => {
    await begin();
    hall.strips.get(STRIP)?.unplug(true);
    await linkIs('offline');
    const { id } = await identify({ withinS: 60 });
    await reaches(id, 'persisted');
    await hall.stopServer();
    hall.strips.get(STRIP)?.unplug(false);
    await vi.waitFor(() => expect(journal(id)?.state).toBe('ended'), within);
    await hall.startServer();
    expect(await outcome(id)).toMatchObject({ outcome: 'applied' });
    expect(await endFacts(id)).toHaveLength(1);
  });

  test('of the server, before the agent has heard of it: it is said when the agent is there, or expires', async () => {
    await begin();
    hall.cables.get(AGENT)?.unplug(true);
    await vi.waitFor(() => expect(hall.server.services.agents.list()[0]?.presence).toBe('lost'), within);
    const [soon, later] = [await identify({ withinS: 1 }), await identify({ withinS: 60 })];
    await hall.stopServer();
    await hall.startServer();
    expect(await outcome(soon.id)).toEqual({ outcome: 'expired', code: 'COMMAND_LATE' });
    expect(journal(soon.id)).toBeUndefined();
    hall.cables.get(AGENT)?.unplug(false);
    expect(await outcome(later.id)).toMatchObject({ outcome: 'applied' });
  });
});

describe('a batch', () => {
  test('goes on where a device has not done it, and back where it has', async () => {
    await begin();
    hall.strips.get('strip-w02')?.unplug(true);
    await vi.waitFor(() => expect(hall.agents.get(AGENT)?.state().devices['strip-w02']?.link).toBe('offline'), within);
    const devices = [STRIP, 'strip-w02'];
    const { id } = await commands().giveMany(asker, { act: 'black', devices, arguments: { on: true }, withinS: 1 });
    const ends = () =>
      commands()
        .batch(id)
        .commands.map(({ device, end }) => [device, end?.outcome ?? null]);
    await expect.poll(ends, within).toEqual([
      [STRIP, 'applied'],
      ['strip-w02', 'expired'],
    ]);
    hall.strips.get('strip-w02')?.unplug(false);
    await vi.waitFor(() => expect(hall.agents.get(AGENT)?.state().devices['strip-w02']?.link).toBe('online'), within);
    await commands().resume(asker, id);
    await expect.poll(ends, within).toEqual([
      [STRIP, 'applied'],
      ['strip-w02', 'applied'],
    ]);
    const back = known((await commands().rollBack(asker, id))[0]);
    expect(back).toMatchObject({ takesBack: id, arguments: { on: false } });
    await expect.poll(() => [...hall.strips.values()].map(({ simulator }) => simulator.state.on), within).toEqual([true, true]);
    await vi.waitFor(
      () =>
        expect(
          commands()
            .batch(back.id)
            .commands.every(({ end }) => end?.outcome === 'applied'),
        ).toBe(true),
      within,
    );
  });

  test('is stopped: what has not begun is cancelled', async () => {
    await begin();
    for (const strip of hall.strips.values()) strip.unplug(true);
    await linkIs('offline');
    const { id } = await commands().giveMany(asker, { act: 'identify', devices: [STRIP, 'strip-w02'], withinS: 60 });
    await commands().stop(asker, id);
    await expect
      .poll(
        () =>
          commands()
            .batch(id)
            .commands.map(({ end }) => end?.outcome),
        within,
      )
      .toEqual(['cancelled', 'cancelled']);
    expect(commands().batch(id).stopped).toBe(true);
  });
});

describe('the difference between desired and reported', () => {
  test('is there within a second with both versions and its age, and gone when the agent is back', async () => {
    await begin();
    const { services } = hall.server;
    const device = known(hall.content.devices.find(({ id }) => id === STRIP));
    const seen = () => known(services.devices.get(STRIP));
    await vi.waitFor(() => expect(seen().difference).toEqual([]), within);
    hall.cables.get(AGENT)?.unplug(true);
    await vi.waitFor(() => expect(seen().difference).toEqual(['agent']), within);
    const told = new Promise<void>((resolve) => services.changes.once('content', () => resolve()));
    const changedAt = hall.clock.wall.nowMs();
    await services.content.put(asker, 'devices', { ...device, name: '一号窗口屏' });
    await told;
    const { difference, differenceSince, desired, applied } = seen();
    expect(hall.clock.wall.nowMs() - changedAt).toBeLessThan(1000);
    expect(difference).toEqual(['agent', 'version']);
    expect(differenceSince).toBeLessThanOrEqual(hall.clock.wall.nowMs());
    expect(desired.ver).toBeGreaterThan(applied?.ver ?? Number.POSITIVE_INFINITY);
    hall.cables.get(AGENT)?.unplug(false);
    await vi.waitFor(() => expect(seen()).toMatchObject({ difference: [], applied: desired }), within);
  });
});
