import { EventEmitter } from 'node:events';
import type { AgentView, DeviceView, HallContent } from '@hall/contracts';
import { expect, test } from 'vitest';
import type { HallChanges } from '../../platform/changes.ts';
import { openInMemory } from '../../platform/store/database.ts';
import { agentRow, stripView } from '../console/fixture.ts';
import { emptyContent } from '../content/store.ts';
import { agentSource, fencedSource, RETURN_MS } from './agent-source.ts';
import { REPORT_MS, stateOf } from './device-rules.ts';
import { deviceSource } from './device-source.ts';
import { brokerSource, diskSource, feedSource, recordSource } from './hall-sources.ts';
import { securitySource, statusSource } from './status-source.ts';
import { createAlarmStore } from './store.ts';

const NOW = Date.UTC(2026, 10, 23, 2, 20);
const strip = (id: string, report: Partial<NonNullable<DeviceView['reported']>> = {}): DeviceView => {
  const view = stripView(id, NOW, {});
  return { ...view, reported: { ...(view.reported as NonNullable<DeviceView['reported']>), ...report } };
};
const wrongWith = (device: DeviceView, wasOnline = true) => stateOf(device, NOW, wasOnline, NOW).wrong.map(({ type }) => type);

test.each([
  ['online', {}, []],
  ['stopped on purpose', { link: 'stopped' }, []],
  ['offline', { link: 'offline', error: 'DEVICE_TIMEOUT' }, ['device_offline']],
  ['refusing', { link: 'offline', error: 'DEVICE_REFUSED' }, ['device_refusing']],
  ['answering nonsense', { link: 'offline', error: 'DEVICE_CONFUSED' }, ['device_refusing']],
  ['another one', { link: 'offline', error: 'DEVICE_OTHER' }, ['device_other']],
  ['without its driver', { link: 'offline', error: 'DRIVER_UNKNOWN' }, ['difference_lasting']],
] as const)('a device that is %s', (_name, report, expected) => {
  expect(wrongWith(strip('s1', report))).toEqual(expected);
});

test('a screen is stale, then stale and safe; a document that was not taken is a difference', () => {
  const screen = strip('s1').reported?.screen;
  if (!screen) throw new Error('a strip has a screen');
  expect(wrongWith(strip('s1', { screen: { ...screen, freshness: 'stale' } }))).toEqual(['screen_stale']);
  expect(wrongWith(strip('s1', { screen: { ...screen, freshness: 'safe' } }))).toEqual(['screen_stale', 'screen_safe']);
  expect(wrongWith({ ...strip('s1'), difference: ['version'] })).toEqual(['difference_lasting']);
});

test('nothing is said of a device whose agent is away or has only just come; one that is never reported differs', () => {
  expect(stateOf({ ...strip('s1'), agentPresence: 'lost' }, NOW, true, NOW)).toMatchObject({ unknown: true, wrong: [] });
  const old = { ...strip('s1', { link: 'offline' }), reportedAt: NOW - 1 };
  expect(stateOf(old, NOW, true, NOW + REPORT_MS - 1)).toMatchObject({ unknown: true, waits: true });
  expect(stateOf(old, NOW, true, NOW + REPORT_MS).wrong).toMatchObject([{ type: 'difference_lasting' }]);
});

test('a board whose page nobody has opened is no alarm; one that was open is', () => {
  const board = { ...strip('b1', { link: 'offline' }), driver: 'kiosk' };
  expect(wrongWith(board, false)).toEqual([]);
  expect(wrongWith(board, true)).toEqual(['device_offline']);
});

test('four of five devices of a switch blame the switch; a device of a lost agent blames nothing', () => {
  const changes: HallChanges = new EventEmitter();
  const views = new Map(Array.from({ length: 6 }, (_, n) => [`s${n}`, strip(`s${n}`)]));
  const content: HallContent = {
    ...emptyContent,
    devices: [...views.keys()].map((id) => ({
      id,
      name: id,
      agent: 'edge-1',
      driver: 'onbon-k',
      settings: {},
      inventory: { switch: 'SW' },
    })),
  };
  const reads = { get: 0, list: 0 };
  const devices = {
    list: () => ((reads.list += 1), [...views.values()]),
    get: (id: string) => ((reads.get += 1), views.get(id)),
  };
  const agent = { ...agentRow('edge-1'), since: NOW };
  const source = deviceSource({ hall: 'h', devices, agents: { list: () => [agent] }, content: () => content, changes });
  const found = () => source.look(NOW).map(({ type, object }) => `${type} ${object.id}`);
  expect(found()).toEqual([]);
  expect(reads).toEqual({ get: 0, list: 1 });
  for (const id of ['s0', 's1', 's2', 's3']) views.set(id, strip(id, { link: 'offline' }));
  changes.emit('devices', ['s0', 's1', 's2', 's3']);
  expect(found()).toHaveLength(4);
  views.set('s4', strip('s4', { link: 'offline' }));
  changes.emit('devices', ['s4']);
  expect(found()).toContain('switch_lost SW');
  expect(reads).toEqual({ get: 5, list: 1 });
  found();
  expect(reads).toEqual({ get: 5, list: 1 });

  for (const [id, view] of views) views.set(id, { ...view, agentPresence: 'lost' });
  changes.emit('agents', ['edge-1']);
  expect(found()).toEqual([]);
  expect(source.unknown?.()).toHaveLength(7);
});

test('after a start agents have a minute to come back, whenever they were lost; one that is lost again is lost at once', () => {
  const changes: HallChanges = new EventEmitter();
  let rows: AgentView[] = [
    { ...agentRow('a'), presence: 'lost', since: NOW + 5 },
    { ...agentRow('b'), presence: 'lost', since: NOW - 900_000 },
    { ...agentRow('c'), presence: 'never', since: null },
    { ...agentRow('d'), presence: 'stopped', since: NOW - 5 },
  ];
  const source = agentSource({ list: () => rows }, changes, NOW);
  const found = (atMs: number) => source.look(atMs).map(({ type, object, sinceMs }) => [type, object.id, sinceMs]);
  const stopped = ['agent_stopped', 'd', NOW - 5];
  expect(found(NOW + 10)).toEqual([stopped]);
  expect(source.unknown?.()).toEqual([
    { kind: 'agent', id: 'a' },
    { kind: 'agent', id: 'b' },
  ]);
  expect(found(NOW + RETURN_MS)).toEqual([['agent_lost', 'a', NOW + 5], ['agent_lost', 'b', NOW - 900_000], stopped]);
  const move = (presence: string, since: number) => {
    rows = [{ ...agentRow('a'), presence, since }];
    changes.emit('agents', ['a']);
  };
  move('online', NOW + 20);
  expect(found(NOW + 20)).toEqual([]);
  move('lost', NOW + 30);
  expect(found(NOW + 30)).toEqual([['agent_lost', 'a', NOW + 30]]);
});

test('a second agent is a condition as long as it tries', () => {
  const source = fencedSource();
  source.fenced('a', NOW);
  source.fenced('a', NOW + 60_000);
  expect(source.look(NOW + 200_000)).toEqual([
    { type: 'agent_fenced', object: { kind: 'agent', id: 'a' }, sinceMs: NOW, evidence: { times: 2 } },
  ]);
  expect(source.look(NOW + 220_000)).toEqual([]);
});

test('a silent feed counts only where a platform is expected; a broker only while it is away', () => {
  expect(feedSource({ fresh: () => false, platforms: () => 0 }).look(NOW)).toEqual([]);
  expect(feedSource({ fresh: () => false, platforms: () => 1 }).look(NOW)).toHaveLength(1);
  expect(feedSource({ fresh: () => true, platforms: () => 1 }).look(NOW)).toEqual([]);
  expect(brokerSource('h', () => true).look(NOW)).toEqual([]);
  expect(brokerSource('h', () => false).look(NOW)).toMatchObject([{ object: { kind: 'hall', id: 'h' } }]);
});

test('ten refused events within ten minutes, and what agents noted within the hour', () => {
  const db = openInMemory();
  const refuse = db.prepare(
    "INSERT INTO quarantine (platform, received_at, code, digest) VALUES ('city', ?, 'EVENT_INVALID', ?)",
  );
  for (let n = 0; n < 9; n += 1) refuse.run(NOW - n, String(n));
  const note = db.prepare(
    `INSERT INTO facts (source, id, type, schema_version, subject, time, received_at, sequence, data)
     VALUES ('/hall/h/agent/edge-1', ?, ?, 1, ?, 0, ?, 0, '{}')`,
  );
  note.run('1', 'text.replaced', 's1', NOW - 60_000);
  note.run('2', 'text.replaced', 's2', NOW - 7_200_000);
  note.run('3', 'outbox.gap', '', NOW - 60_000);
  const source = recordSource(createAlarmStore(db));
  expect(source.look(NOW).map(({ type, object }) => [type, object.id])).toEqual([
    ['text_replaced', 's1'],
    ['outbox_gap', 'edge-1'],
  ]);
  refuse.run(NOW, 'x');
  expect(source.look(NOW + 5000)).toHaveLength(2);
  expect(source.look(NOW + 10_000)).toMatchObject([{ type: 'quarantine_growing', evidence: { refused: 10 } }, {}, {}]);
});

test('a full disk says so at once; a disk that cannot be looked at says nothing', async () => {
  let full = false;
  const source = diskSource({ hall: 'h', data: '/nowhere/at/all', full: () => full });
  await expect(source.read()).rejects.toThrow(/ENOENT/);
  expect(source.look(NOW)).toEqual([]);
  full = true;
  expect(source.look(NOW)).toMatchObject([{ type: 'store_full' }]);
});

test('what an agent says of itself counts while it is online; one that is away keeps its alarms', () => {
  const conditions = [{ type: 'clock_skew', since: NOW - 5 }] as const;
  let rows: AgentView[] = [{ ...agentRow('a'), conditions: [...conditions] }];
  const changes: HallChanges = new EventEmitter();
  const source = statusSource({ list: () => rows }, changes);
  expect(source.look(NOW)).toMatchObject([{ type: 'clock_skew', object: { kind: 'agent', id: 'a' }, sinceMs: NOW - 5 }]);
  expect(source.unknown?.()).toEqual([]);
  rows = [{ ...agentRow('a'), presence: 'lost', conditions: [...conditions] }];
  changes.emit('agents', ['a']);
  expect(source.look(NOW)).toEqual([]);
  expect(source.unknown?.()).toEqual([{ kind: 'agent', id: 'a' }]);
});

test('of the certificates of the hall the one that ends first is told, each agent has its own, a second agent is told elsewhere', () => {
  const day = 86_400_000;
  const source = securitySource('h', () => [
    { type: 'certificate_expires', object: 'ca', since: NOW, until: NOW + 20 * day, days: '30' },
    { type: 'certificate_expires', object: 'server', since: NOW, until: NOW + day, days: '1' },
    { type: 'certificate_expires', object: 'a', since: NOW, until: NOW + 6 * day, days: '7' },
    { type: 'agent_key_changed', object: 'b', since: NOW, fingerprint: 'f'.repeat(64) },
    { type: 'agent_double', object: 'c', since: NOW, installs: [] },
  ]);
  const told = source.look(NOW).map(({ type, object, evidence }) => [type, object.kind, object.id, evidence?.['days']]);
  expect(told).toHaveLength(3);
  expect(told).toEqual(
    expect.arrayContaining([
      ['certificate_expires', 'hall', 'h', 1],
      ['certificate_expires', 'agent', 'a', 7],
      ['agent_key_changed', 'agent', 'b', undefined],
    ]),
  );
});
