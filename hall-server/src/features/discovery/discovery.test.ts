import {
  FOUND_KEPT_DAYS,
  MAX_FOUND,
  type Discover,
  type Discovered,
  type DiscoveryView,
  type FoundDevice,
} from '@hall/contracts';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { agentRow, createConsoleFixture, type ConsoleFixture } from '../console/fixture.ts';
import type { Browser } from '../people/fixture.ts';
import { createSearches } from './searches.ts';

const at = (path: string) => `/halls/demo${path}`;
const DAY_MS = 86_400_000;
const device = (host: string, more: Partial<FoundDevice> = {}): FoundDevice => ({
  finder: 'onbon-k-network',
  driver: 'onbon-k',
  place: `tcp://${host}:5005`,
  settings: { transport: 'tcp', host, port: 5005, screenNumber: 1 },
  placedBy: ['host', 'port'],
  confidence: 'sure',
  maker: '仰邦 Onbon',
  evidence: ['ping to all (FFFE): The card acknowledges, screen 1'],
  ...more,
});

let hall: ConsoleFixture;
let manager: Browser;
beforeEach(async () => {
  hall = await createConsoleFixture();
  hall.state.agents.set('edge-1', agentRow('edge-1'));
  hall.state.agents.set('edge-2', { ...agentRow('edge-2'), presence: 'lost' });
  manager = await hall.as('manager');
});
afterEach(() => hall.close());

const search = (body: object) => manager.ask('POST', at('/discovery/searches'), body);
const newest = () => hall.state.sent.at(-1)?.order as Discover;
const view = async () => (await manager.ask('GET', at('/discovery'))).json<DiscoveryView>();
/** Runs a search to its end. */
async function finds(...devices: FoundDevice[]): Promise<DiscoveryView> {
  expect((await search({ agents: ['edge-1'] })).statusCode).toBe(202);
  said(1, { devices });
  said(2, { state: 'done', asked: 254 });
  await Promise.resolve();
  return view();
}
function said(seq: number, more: Partial<Discovered> = {}, agent = 'edge-1') {
  const base: Discovered = { epoch: 'e', id: newest().id, seq, state: 'running', asked: 0, toAsk: 254, devices: [] };
  hall.discovery.discovered(agent, { ...base, ...more });
}

describe('a search', () => {
  test('is sent to its agent, seen while it goes on, and kept in the audit log', async () => {
    const answer = await search({
      agents: ['edge-1'],
      seconds: 30,
      ranges: [{ from: '10.0.0.1', to: '10.0.0.9' }],
      ports: [5005],
    });
    expect(answer.statusCode).toBe(202);
    expect(newest()).toMatchObject({ seconds: 30, ranges: [{ from: '10.0.0.1', to: '10.0.0.9' }], ports: [5005] });
    said(1, { asked: 4, toAsk: 9, devices: [device('10.0.0.5')] });
    expect(await view()).toMatchObject({
      searches: [{ agent: 'edge-1', by: expect.stringContaining('manager'), state: 'running', asked: 4, toAsk: 9, found: 1 }],
      found: [{ agent: 'edge-1', ignored: false, device: null, found: { place: 'tcp://10.0.0.5:5005' } }],
    });
    const auditor = await hall.as('auditor');
    const rows = (await auditor.ask('GET', at('/audit?action=discovery.search'))).json<object[]>();
    expect(rows).toMatchObject([{ object: 'edge-1', outcome: 'done', details: { seconds: 30 } }]);
  });

  test.each([
    ['an agent nobody knows', { agents: ['nobody'] }, 404, 'AGENT_UNKNOWN'],
    ['an agent that is away', { agents: ['edge-2'] }, 409, 'AGENT_OFFLINE'],
    ['addresses of other people', { agents: ['edge-1'], ranges: [{ from: '8.8.8.1', to: '8.8.8.9' }] }, 400, 'INPUT_INVALID'],
    ['too many addresses', { agents: ['edge-1'], ranges: [{ from: '10.0.0.0', to: '10.0.4.0' }] }, 400, 'INPUT_INVALID'],
    ['too long a time', { agents: ['edge-1'], seconds: 3600 }, 400, 'INPUT_INVALID'],
  ])('is refused for %s', async (_, body, status, code) => {
    const answer = await search(body);
    expect({ status: answer.statusCode, code: answer.json<{ code: string }>().code }).toEqual({ status, code });
    expect(hall.state.sent).toEqual([]);
  });

  test('runs once at a time, and one whose agent falls silent has failed', async () => {
    await search({ agents: ['edge-1'] });
    expect((await search({ agents: ['edge-1'] })).json()).toMatchObject({ code: 'SEARCH_RUNNING' });
    await hall.clock.advance(40_000);
    expect((await view()).searches).toMatchObject([{ state: 'failed', code: 'SEARCH_SILENT' }]);
    expect((await search({ agents: ['edge-1'] })).statusCode).toBe(202);
  });

  test('hears only its own agent and session, in order, and only while it runs', async () => {
    await search({ agents: ['edge-1'] });
    const { id } = newest();
    const devices = [device('10.0.0.5')];
    said(1, { devices, epoch: 'another' });
    said(1, { devices, id: 'another' });
    said(1, { devices }, 'edge-2');
    expect((await view()).found).toEqual([]);
    said(2, { devices });
    said(2, { devices: [device('10.0.0.6')] });
    said(1, { devices: [device('10.0.0.7')] });
    said(3, { state: 'done' });
    said(4, { id, devices: [device('10.0.0.8')] });
    expect((await view()).found.map(({ found }) => found.place)).toEqual(['tcp://10.0.0.5:5005']);
  });

  test('cannot fill the store', async () => {
    await search({ agents: ['edge-1'] });
    const many = Array.from({ length: 16 }, (_, host) => device(`10.0.0.${host}`));
    for (let seq = 1; seq <= MAX_FOUND; seq += 1) said(seq, { devices: many });
    const { searches } = await view();
    expect(searches[0]?.found).toBe(MAX_FOUND);
  });
});

test('whoever sees the end of a search sees everything it found, however long that takes to store', async () => {
  const searches = createSearches();
  const now = 0;
  searches.start({ id: 's', agent: 'edge-1', by: 'li', startedAt: now, endsAt: 1000 });
  const last: Discovered = { epoch: 'e', id: 's', seq: 1, state: 'done', asked: 1, toAsk: 1, devices: [device('10.0.0.5')] };
  expect(searches.take('edge-1', last, now)).toBe(true);
  expect(searches.list(now)).toMatchObject([{ state: 'running', found: 1 }]);
  expect(searches.take('edge-1', { ...last, seq: 2 }, now)).toBe(false);
  searches.settle('edge-1', { ...last, id: 'another' });
  expect(searches.list(now)).toMatchObject([{ state: 'running' }]);
  searches.settle('edge-1', last);
  expect(searches.list(now)).toMatchObject([{ state: 'done', found: 1 }]);
});

describe('what was found', () => {
  test('is one row per place, with its first and its last time, for thirty days', async () => {
    await finds(device('10.0.0.5'));
    const first = hall.clock.wall.nowMs();
    await hall.clock.advance(60_000);
    const { found } = await finds(device('10.0.0.5', { model: 'BX-6K1' }));
    expect(found).toMatchObject([{ firstSeenAt: first, lastSeenAt: hall.clock.wall.nowMs(), found: { model: 'BX-6K1' } }]);
    await hall.clock.advance((FOUND_KEPT_DAYS + 1) * DAY_MS);
    manager = await hall.as('manager');
    expect((await view()).found).toEqual([]);
    await finds(device('10.0.0.6'));
    expect(hall.db.prepare('SELECT count(*) AS rows FROM found_devices').get()).toEqual({ rows: 1 });
  });

  test('can be ignored and looked at again', async () => {
    const { found } = await finds(device('10.0.0.5'));
    const path = at(`/discovery/found/${found[0]?.id}/ignored`);
    expect((await manager.ask('PUT', path, { ignored: true })).statusCode).toBe(204);
    expect((await finds(device('10.0.0.5'))).found).toMatchObject([{ ignored: true }]);
    await manager.ask('PUT', path, { ignored: false });
    expect((await view()).found).toMatchObject([{ ignored: false }]);
    expect((await manager.ask('PUT', at('/discovery/found/999/ignored'), { ignored: true })).statusCode).toBe(404);
  });
});

describe('adoption', () => {
  test('says first what it would do, then makes the device and forgets the find, in one version of the content', async () => {
    const { found } = await finds(device('10.0.0.5'));
    const path = at(`/discovery/found/${found[0]?.id}/adopt`);
    const before = hall.content.version();
    const trial = await manager.ask('POST', path, { window: 'w02', dryRun: true });
    expect(trial.json()).toMatchObject({ adopted: false, device: { id: 'strip-w02', name: '02 号窗口屏' }, conflicts: [] });
    expect(hall.content.version()).toBe(before);
    const done = await manager.ask('POST', path, { window: 'w02' });
    expect(done.json()).toMatchObject({ adopted: true, device: { id: 'strip-w02' } });
    expect(hall.content.version()).toBe(before + 1);
    expect(hall.content.load().devices.at(-1)).toMatchObject({
      id: 'strip-w02',
      agent: 'edge-1',
      settings: { host: '10.0.0.5' },
      screen: { window: 'w02' },
      inventory: { maker: '仰邦 Onbon' },
    });
    expect((await view()).found).toEqual([]);
    expect((await manager.ask('POST', path, { window: 'w02' })).statusCode).toBe(404);
    const auditor = await hall.as('auditor');
    const rows = (await auditor.ask('GET', at('/audit?action=discovery.adopt'))).json<object[]>();
    expect(rows).toMatchObject([{ object: 'strip-w02', details: { agent: 'edge-1', place: 'tcp://10.0.0.5:5005' } }]);
    // Found again it is known by its place.
    expect((await finds(device('10.0.0.5'))).found).toMatchObject([{ device: 'strip-w02' }]);
  });

  test('is refused with what stands in the way, and nothing is changed', async () => {
    const { found } = await finds(device('10.0.0.5'));
    const before = hall.content.version();
    const answer = await manager.ask('POST', at(`/discovery/found/${found[0]?.id}/adopt`), { window: 'w01' });
    expect(answer.statusCode).toBe(409);
    expect(answer.json()).toMatchObject({ code: 'ADOPTION_REFUSED', field: '/window_taken', expected: 's01' });
    expect(hall.content.version()).toBe(before);
    expect((await view()).found).toHaveLength(1);
  });
});

describe('a trace', () => {
  test('is for operators and administrators, goes to the agent of the device, is audited and grows', async () => {
    hall.state.devices.set('s01', { ...(await deviceView()) });
    expect((await manager.ask('POST', at('/devices/s01/trace'), {})).statusCode).toBe(403);
    const operator = await hall.as('operator');
    const answer = await operator.ask('POST', at('/devices/s01/trace'), { seconds: 10, frames: 3 });
    expect(answer.statusCode).toBe(202);
    expect(hall.state.sent.at(-1)).toMatchObject({ agent: 'edge-1', device: 's01', order: { seconds: 10, frames: 3 } });
    const { id } = answer.json<{ id: string }>();
    const frame = { at: 1, direction: 'out', hex: 'a5', bytes: 1 } as const;
    hall.traces.traced('edge-1', 's01', { epoch: 'e', id, seq: 1, state: 'running', frames: [frame] });
    hall.traces.traced('edge-1', 's01', { epoch: 'e', id, seq: 1, state: 'running', frames: [frame] });
    hall.traces.traced('edge-2', 's01', { epoch: 'e', id, seq: 2, state: 'running', frames: [frame] });
    hall.traces.traced('edge-1', 's01', { epoch: 'e', id, seq: 2, state: 'done', frames: [frame] });
    hall.traces.traced('edge-1', 's01', { epoch: 'e', id, seq: 3, state: 'done', frames: [frame] });
    expect((await operator.ask('GET', at('/devices/s01/trace'))).json()).toMatchObject({
      id,
      state: 'done',
      frames: [frame, frame],
    });
    const auditor = await hall.as('auditor');
    expect((await auditor.ask('GET', at('/audit?action=device.trace'))).json()).toMatchObject([{ object: 's01' }]);
  });

  test('needs a device and an agent that is there; one that falls silent has failed', async () => {
    const operator = await hall.as('operator');
    expect((await operator.ask('POST', at('/devices/nobody/trace'), {})).statusCode).toBe(404);
    expect((await operator.ask('GET', at('/devices/s01/trace'))).statusCode).toBe(204);
    hall.state.devices.set('s01', { ...(await deviceView()), agentPresence: 'lost' });
    expect((await operator.ask('POST', at('/devices/s01/trace'), {})).json()).toMatchObject({ code: 'AGENT_OFFLINE' });
    hall.state.devices.set('s01', await deviceView());
    expect((await operator.ask('POST', at('/devices/s01/trace'), { seconds: 61 })).statusCode).toBe(400);
    await operator.ask('POST', at('/devices/s01/trace'), { seconds: 5 });
    await hall.clock.advance(30_000);
    expect((await operator.ask('GET', at('/devices/s01/trace'))).json()).toMatchObject({
      state: 'failed',
      code: 'SEARCH_SILENT',
    });
  });

  const deviceView = async () => {
    const { stripView } = await import('../console/fixture.ts');
    return stripView('s01', hall.clock.wall.nowMs(), {});
  };
});
