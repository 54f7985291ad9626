import { cpSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { FakeClock } from '@hall/contracts';
import { describe, expect, onTestFinished, test, vi } from 'vitest';
import { called, connectAgent, content, event, openHall, sign, startHall, type Hall } from '../../fixture.ts';
import { SILENT_MS } from './conditions.ts';
import { LEASE_MS } from './hub.ts';
import { FENCE_MS } from './session-rules.ts';
import { sampleStatus } from './status.fixture.ts';

const gen = (hall: Hall) => hall.services.writer.gen;
const online = (hall: Hall) => hall.services.agents.list()[0]?.presence;
const report = (epoch: string, seq: number, ver: number, of: Hall, more: object = {}) => ({
  epoch,
  seq,
  at: Date.now(),
  applied: { gen: gen(of), ver },
  link: 'online' as const,
  since: Date.now(),
  counters: {},
  ...more,
});

test('hello is answered with welcome, the documents that differ, all live fields and a lease', async () => {
  const hall = await startHall();
  await hall.send(called('A001', 'w1'));
  const agent = await connectAgent(hall);
  agent.hello();
  const welcome = await agent.next('welcome');
  expect(welcome).toMatchObject({
    verdict: 'accepted',
    epoch: 'epoch-1',
    gen: gen(hall),
    outboxAck: 0,
    devices: ['strip-w1', 'strip-w2'],
  });
  expect((await agent.next('tables')).tables.names.staff).toEqual({ zhang: '张**' });
  const desired = await agent.next('desired', ({ device }) => device.id === 'strip-w1');
  expect(desired.plan?.regions[0]?.layers[0]?.content.bindings).toEqual(['window/w1']);
  const live = await agent.next('live');
  expect(live).toMatchObject({ full: true, gen: gen(hall) });
  expect(live.fields.map(({ key }) => key)).toEqual(['window/w1', 'window/w2']);
  expect(live.fields[0]?.value).toMatchObject({ ticket: 'A001', state: 'serving' });
  expect(await agent.next('lease')).toMatchObject({ head: live.head, fresh: true });
});

test('what an agent already holds is not sent again', async () => {
  const hall = await startHall();
  const first = await connectAgent(hall);
  first.hello();
  const [{ version: tables }, live] = await Promise.all([first.next('tables'), first.next('live')]);
  const w1 = await first.next('desired', ({ device }) => device.id === 'strip-w1');
  const w2 = await first.next('desired', ({ device }) => device.id === 'strip-w2');
  await first.client.endAsync();
  const again = await connectAgent(hall, { epoch: 'epoch-2' });
  const applied = {
    tables,
    devices: { 'strip-w1': w1.version, 'strip-w2': w2.version },
    live: { gen: gen(hall), seq: live.head },
  };
  again.hello({ applied });
  await again.next('lease');
  expect(again.received.map(({ name }) => name).filter((name) => !['serverState', 'welcome', 'lease'].includes(name))).toEqual(
    [],
  );
});

test('a call reaches the agents that show it, with the seq before it, and only those fields', async () => {
  const hall = await startHall();
  const agent = await connectAgent(hall);
  agent.hello();
  const { head } = await agent.next('live');
  await hall.send([called('A001', 'w1'), called('A003', 'w3')]);
  const change = await agent.next('live', ({ full }) => !full);
  expect(change).toMatchObject({ after: head, full: false, fields: [{ key: 'window/w1', value: { ticket: 'A001' } }] });
  await hall.send(called('A002', 'w2'));
  const next = await agent.next('live', ({ after }) => after === change.head);
  expect(next.fields).toMatchObject([{ key: 'window/w2', cause: expect.any(String) }]);
  agent.send('resync', { epoch: 'epoch-1', gen: gen(hall), seq: 0 });
  await agent.next('live', ({ full, head: newest }) => full && newest === next.head);
});

test('leases go out every 5 s while the feed is fresh, and say so when it is not', async () => {
  const clock = new FakeClock();
  const hall = await startHall({ clock });
  const time = new Date(clock.hall.nowMs()).toISOString();
  await hall.services.writer.record({ platform: 'city', receivedAt: clock.wall.nowMs(), events: [], quarantine: [] });
  const agent = await connectAgent(hall);
  agent.hello();
  await agent.next('lease', ({ fresh }) => !fresh);
  const body = JSON.stringify(event('feed.heartbeat', 'feed', 1, {}, { time }));
  expect((await hall.post(body, sign(hall.secret, body, undefined, new Date(clock.wall.nowMs())))).status).toBe(202);
  await clock.advance(1000);
  await agent.next('lease', ({ fresh }) => fresh);
  const count = () => agent.received.filter(({ name }) => name === 'lease').length;
  const before = count();
  await clock.advance(LEASE_MS);
  await vi.waitFor(() => expect(count()).toBe(before + 1));
  await clock.advance(content.settings.feedMaxAgeS * 1000);
  await agent.next('lease', ({ fresh }) => !fresh);
});

test('records are acknowledged after their commit, once, in order, and gaps are left for later', async () => {
  const hall = await startHall();
  const agent = await connectAgent(hall);
  agent.hello({ outbox: { tail: 1, head: 5 } });
  await agent.next('welcome');
  const record = (seq: number) => ({
    seq,
    type: 'device.link' as const,
    at: Date.now(),
    device: 'strip-w1',
    data: { link: 'online' },
  });
  const up = (...seqs: number[]) => agent.send('up', { epoch: 'epoch-1', installId: 'install-1', records: seqs.map(record) });
  up(1, 2);
  await agent.next('upack', ({ seq }) => seq === 2);
  up(1, 2, 3, 5);
  await agent.next('upack', ({ seq }) => seq === 3);
  expect(hall.services.facts.list({ type: 'device.link' }).map(({ id }) => id)).toEqual([
    'install-1-3',
    'install-1-2',
    'install-1-1',
  ]);
  agent.send('up', { epoch: 'another', installId: 'install-1', records: [record(4)] });
  up(4);
  await agent.next('upack', ({ seq }) => seq === 4);
});

test('records that neither side holds any more are passed over, and the gap is a fact', async () => {
  const hall = await startHall();
  const agent = await connectAgent(hall);
  agent.hello({ outbox: { tail: 100, head: 120 } });
  expect((await agent.next('welcome')).outboxAck).toBe(99);
  expect(hall.services.facts.list({ type: 'outbox.gap' })[0]?.data).toEqual({ from: 1, to: 99 });
});

test('a report makes desired and reported agree, is kept over a restart, and completes the trace of the call', async () => {
  const hall = await startHall();
  const agent = await connectAgent(hall);
  agent.hello();
  const { version } = await agent.next('desired', ({ device }) => device.id === 'strip-w1');
  const call = called('A001', 'w1');
  await hall.send(call);
  const { head } = await agent.next('live', ({ full }) => !full);
  const now = Date.now();
  const screen = {
    hash: 'ab',
    text: ['A001'],
    freshness: 'live' as const,
    level: 'acknowledged' as const,
    decidedAt: now,
    sentAt: now + 1,
    confirmedAt: now + 3,
    fields: { 'window/w1': head },
  };
  agent.send('reported', report('epoch-1', 1, version.ver, hall, { screen }), { device: 'strip-w1' });
  await vi.waitFor(() => expect(hall.services.devices.get('strip-w1')).toMatchObject({ difference: [], reported: { seq: 1 } }));
  expect(hall.services.facts.trace(call.id)).toMatchObject({
    type: 'ticket.called',
    field: 'window/w1',
    liveSeq: head,
    publishedAt: expect.any(Number),
    screens: [{ device: 'strip-w1', level: 'acknowledged', confirmedAt: now + 3 }],
  });
  await hall.close();
  const again = await startHall({ data: hall.data });
  expect(again.services.devices.get('strip-w1')).toMatchObject({
    agentPresence: 'lost',
    difference: ['agent'],
    reported: { seq: 1 },
  });
});

test('a desired document that is not reported is sent again after 3 s, and no more once it is', async () => {
  const clock = new FakeClock();
  const hall = await startHall({ clock });
  const agent = await connectAgent(hall);
  agent.hello();
  const { version } = await agent.next('desired', ({ device }) => device.id === 'strip-w1');
  const sent = () =>
    agent.received.filter(({ name, data }) => name === 'desired' && (data as { device: { id: string } }).device.id === 'strip-w1')
      .length;
  await agent.next('lease');
  await clock.advance(3000);
  await vi.waitFor(() => expect(sent()).toBe(2));
  agent.send('reported', report('epoch-1', 1, version.ver, hall), { device: 'strip-w1' });
  await vi.waitFor(() => expect(hall.services.devices.get('strip-w1')?.applied).toEqual(version));
  await clock.advance(60_000);
  expect(sent()).toBe(2);
});

test('changed content sends only the documents that changed, and a new device list', async () => {
  const hall = await startHall();
  const agent = await connectAgent(hall);
  agent.hello();
  const before = await agent.next('desired', ({ device }) => device.id === 'strip-w2');
  await agent.next('lease');
  agent.received.length = 0;
  const devices = content.devices.map((device) => (device.id === 'strip-w1' ? { ...device, name: 'renamed' } : device));
  const added = {
    ...content.devices[0],
    id: 'strip-w3',
    name: 'w3',
    screen: { template: 'window-strip', widthPx: 192, heightPx: 32, window: 'w3' },
  };
  await hall.services.content.replace(
    { by: 'system', address: '' },
    { ...content, devices: [...devices, added] as typeof content.devices },
  );
  expect((await agent.next('welcome')).devices).toEqual(['strip-w1', 'strip-w2', 'strip-w3']);
  expect((await agent.next('desired', ({ device }) => device.id === 'strip-w1')).version.ver).toBeGreaterThan(before.version.ver);
  const live = await agent.next('live', ({ full }) => full);
  expect(live.fields.map(({ key }) => key)).toContain('window/w3');
  expect(agent.received.map(({ name }) => name)).not.toContain('tables');
});

test('the three endings: stopped, lost, and a late will of an earlier session that counts for nothing', async () => {
  const hall = await startHall();
  const agent = await connectAgent(hall);
  agent.hello();
  await agent.next('welcome');
  expect(online(hall)).toBe('online');
  agent.send('presence', { state: 'lost', epoch: 'an-older-epoch' });
  agent.send('presence', { state: 'stopped', epoch: 'epoch-1' });
  await vi.waitFor(() => expect(online(hall)).toBe('stopped'));
  agent.client.stream.destroy();
  const again = await connectAgent(hall, { epoch: 'epoch-2' });
  again.hello();
  await again.next('welcome');
  expect(online(hall)).toBe('online');
  again.client.stream.destroy();
  await vi.waitFor(() => expect(online(hall)).toBe('lost'));
});

test('a second installation with the same id is fenced, the first comes back, and nobody flaps', async () => {
  const clock = new FakeClock();
  const hall = await startHall({ clock });
  const first = await connectAgent(hall, { reconnect: true });
  first.client.on('connect', () => first.hello());
  first.hello();
  await first.next('welcome');
  const connects = vi.fn<() => void>();
  first.client.on('connect', connects);
  const second = await connectAgent(hall, { epoch: 'epoch-2', installId: 'install-2' });
  second.hello();
  expect((await second.next('welcome')).verdict).toBe('fenced');
  await second.client.endAsync();
  await vi.waitFor(() => expect(online(hall)).toBe('online'));
  expect(connects.mock.calls.length).toBeLessThanOrEqual(2);
  await first.client.endAsync(true);
  await vi.waitFor(() => expect(online(hall)).toBe('lost'));
  await clock.advance(FENCE_MS);
  const third = await connectAgent(hall, { epoch: 'epoch-3', installId: 'install-2' });
  third.hello();
  expect((await third.next('welcome')).verdict).toBe('accepted');
});

test('a message that matches no schema is refused and counted, and the session goes on', async () => {
  const hall = await startHall();
  const agent = await connectAgent(hall);
  agent.hello();
  await agent.next('welcome');
  await agent.client.publishAsync('hall/1/demo/agent/edge-1/up', 'garbage', { qos: 1 });
  await agent.client.publishAsync('hall/1/demo/agent/edge-1/resync', JSON.stringify({ specversion: '1.0', data: {} }), {
    qos: 1,
  });
  await vi.waitFor(async () =>
    expect(await (await fetch(`${hall.httpUrl}/metrics`)).text()).toContain('hall_mqtt_invalid_messages 2'),
  );
  agent.send('resync', { epoch: 'epoch-1', gen: gen(hall), seq: 0 });
  await agent.next('live', ({ full }) => full);
});

test('a store that was put back is found out by its agents, and everything is sent anew under a new generation', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'hall-restore-'));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  const [data, backup] = [join(folder, 'data'), join(folder, 'backup')];
  const first = await openHall({ data });
  await first.send(called('A001'));
  await first.end();
  cpSync(data, backup, { recursive: true });

  const second = await openHall({ data });
  const before = gen(second);
  await second.send(called('A777'));
  const seq = second.services.live.windows().get('w1')?.field.seq ?? 0;
  await second.end();
  rmSync(data, { recursive: true });
  cpSync(backup, data, { recursive: true });

  const third = await openHall({ data });
  onTestFinished(third.end);
  expect([gen(third), seq > (third.services.live.windows().get('w1')?.field.seq ?? 0)]).toEqual([before, true]);
  const agent = await connectAgent(third);
  agent.hello({ applied: { devices: {}, live: { gen: before, seq } } });
  const welcome = await agent.next('welcome');
  expect(welcome.gen).not.toBe(before);
  const live = await agent.next('live');
  expect([live.gen, live.full]).toEqual([welcome.gen, true]);
  expect(live.fields.find(({ key }) => key === 'window/w1')?.value).toMatchObject({ ticket: 'A001' });
  expect((await agent.next('lease')).gen).toBe(welcome.gen);
  await third.send(called('A002'));
  const change = await agent.next('live', ({ full }) => !full);
  expect([change.gen, change.after]).toEqual([welcome.gen, live.head]);
  agent.hello({ applied: { devices: {}, live: { gen: welcome.gen, seq: change.head } } });
  await vi.waitFor(() => expect(agent.received.filter(({ name }) => name === 'welcome')).toHaveLength(2));
  expect((await agent.next('welcome')).gen).toBe(welcome.gen);
});

test('the newest status of an agent and what it gives reason to care about are shown and kept over a restart', async () => {
  const clock = new FakeClock();
  const hall = await startHall({ clock });
  const agent = await connectAgent(hall);
  agent.hello();
  await agent.next('welcome');
  const view = (of: Hall = hall) => of.services.agents.list()[0];
  expect(view()).toMatchObject({ status: null, statusAt: null, conditions: [] });
  const skewed = { trust: 'told' as const, skewMs: 5000, errorMs: 3, highestMs: 1 };
  agent.send('status', { ...sampleStatus(), seq: 2, clock: skewed });
  await vi.waitFor(() => expect(view()?.conditions).toEqual([{ type: 'clock_skew', since: clock.wall.nowMs() }]));
  agent.send('status', { ...sampleStatus(), seq: 1 });
  agent.send('status', { ...sampleStatus(), seq: 9, epoch: 'another' });
  agent.send('timeRequest', { epoch: 'epoch-1', number: 4 });
  const reply = await agent.next('timeReply');
  const now = clock.wall.nowMs();
  expect(reply).toEqual({ epoch: 'epoch-1', number: 4, receivedMs: now, repliedMs: now, hallTime: { hallMs: now, speed: 1 } });
  expect(view()?.status).toMatchObject({ seq: 2 });
  await clock.advance(SILENT_MS);
  await vi.waitFor(() => expect(view()?.conditions.map(({ type }) => type)).toEqual(['clock_skew', 'agent_stalled']));
  await hall.close();
  const again = await startHall({ data: hall.data });
  expect(view(again)).toMatchObject({ status: { seq: 2 }, conditions: [{ type: 'clock_skew' }, { type: 'agent_stalled' }] });
});

describe('a session that promised heartbeats', () => {
  const beats = { heartbeatMs: 2500 };
  /** Second by second, as the server looks. */
  const pass = async (clock: FakeClock, seconds: number) => {
    for (let at = 0; at < seconds; at += 1) await clock.advance(1000);
  };

  test('is lost within twice the keep-alive and a second when it falls silent, though its connection stands', async () => {
    const clock = new FakeClock();
    const hall = await startHall({ clock });
    const agent = await connectAgent(hall);
    agent.hello(beats);
    await agent.next('lease');
    await pass(clock, 8);
    expect(online(hall)).toBe('online');
    await pass(clock, 3);
    await vi.waitFor(() => expect(online(hall)).toBe('lost'));
    expect(agent.client.connected).toBe(true);
    expect(hall.services.devices.get('strip-w1')?.difference).toContain('agent');
  });

  test('stays while it beats, and one that promised nothing stays without', async () => {
    const clock = new FakeClock();
    const hall = await startHall({ clock });
    const agent = await connectAgent(hall);
    agent.hello(beats);
    await agent.next('lease');
    for (let at = 0; at < 10; at += 1) {
      await pass(clock, 5);
      // What is answered was heard: the lease renewed after it comes on the same connection.
      agent.send('heartbeat', { epoch: 'epoch-1' });
      agent.send('resync', { epoch: 'epoch-1', gen: gen(hall), seq: 0 });
      const leases = agent.received.length;
      await vi.waitFor(() => expect(agent.received.length).toBeGreaterThan(leases));
    }
    expect(online(hall)).toBe('online');
    const old = await connectAgent(hall, { epoch: 'epoch-2' });
    old.hello();
    await old.next('welcome', ({ epoch }) => epoch === 'epoch-2');
    await pass(clock, 60);
    expect(online(hall)).toBe('online');
  });

  test('that was given up and is heard again is asked for its hello', async () => {
    const clock = new FakeClock();
    const hall = await startHall({ clock });
    const agent = await connectAgent(hall);
    agent.hello(beats);
    await agent.next('lease');
    await pass(clock, 12);
    await vi.waitFor(() => expect(online(hall)).toBe('lost'));
    agent.send('heartbeat', { epoch: 'epoch-1' });
    await agent.next('welcome', ({ verdict }) => verdict === 'unknown');
    agent.hello(beats);
    await vi.waitFor(() => expect(online(hall)).toBe('online'));
  });
});
