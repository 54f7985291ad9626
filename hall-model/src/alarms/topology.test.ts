import { alarmTypeIds, type AlarmObject, type AlarmTypeId, type Device } from '@hall/contracts';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { maintenanceAt } from './maintenance.ts';
import type { AlarmRecord } from './machine.ts';
import { createFolding, explains, FEED, objectKey, switchIsLost, topologyOf, topologyTree } from './topology.ts';
import { alarmRank, alarmTypes } from './types.ts';

const device = (id: string, agent: string, on?: string): Device => ({
  id,
  name: id,
  agent,
  driver: 'onbon-k',
  settings: {},
  ...(on !== undefined && { inventory: { switch: on } }),
});
const record = (type: AlarmTypeId, object: AlarmObject, phase: AlarmRecord['phase'] = 'active'): AlarmRecord => ({
  id: 1,
  type,
  object,
  phase,
  sinceMs: 0,
  countFromMs: 0,
  endedMs: null,
  raisedMs: 0,
  clearedMs: null,
  lapsedMs: null,
  count: 1,
  evidence: {},
  acknowledged: null,
  assignee: null,
  shelved: null,
});
const at = (kind: AlarmObject['kind'], id: string): AlarmObject => ({ kind, id });

const twenty = { devices: Array.from({ length: 20 }, (_, n) => device(`s${n}`, 'a', 'SW-1')) };

test('a switch with twenty devices explains all of them; its agent explains the switch', () => {
  const topology = topologyOf('h', twenty);
  const lost = record('switch_lost', at('switch', 'SW-1'));
  const { rootOf } = createFolding(topology, [lost]);
  for (const { id } of twenty.devices)
    expect(rootOf('device_offline', at('device', id))).toEqual({ root: lost, hold: 'suppress' });
  expect(rootOf('device_offline', at('device', 'elsewhere'))).toBeUndefined();
  const agent = record('agent_lost', at('agent', 'a'));
  const both = createFolding(topology, [lost, agent]);
  expect(both.rootOf('switch_lost', lost.object)?.root).toBe(agent);
  expect(both.rootOf('device_offline', at('device', 's3'))?.root).toBe(agent);
});

test('what is not raised yet only makes others wait, and what was raised comes before it', () => {
  const topology = topologyOf('h', twenty);
  const pending = record('agent_lost', at('agent', 'a'), 'pending');
  const raised = record('switch_lost', at('switch', 'SW-1'));
  expect(createFolding(topology, [pending]).rootOf('device_offline', at('device', 's1'))).toEqual({
    root: pending,
    hold: 'wait',
  });
  expect(createFolding(topology, [pending, raised]).rootOf('device_offline', at('device', 's1'))?.root).toBe(raised);
});

test('a silent platform explains stale screens, and not a device that is gone', () => {
  const { rootOf } = createFolding(topologyOf('h', twenty), [record('feed_stale', FEED)]);
  expect(rootOf('screen_stale', at('device', 's1'))?.root.type).toBe('feed_stale');
  expect(rootOf('device_offline', at('device', 's1'))).toBeUndefined();
});

test.each([
  [1, 1, false],
  [2, 1, false],
  [2, 2, true],
  [4, 3, false],
  [5, 4, true],
  [20, 15, false],
  [20, 16, true],
  [20, 20, true],
  [5, 0, false],
])('of %i devices of a switch %i are gone: %s', (known, gone, lost) => {
  expect(switchIsLost(known, gone)).toBe(lost);
});

test('maintenance of an agent lies over its devices, from its beginning to before its end', () => {
  const topology = topologyOf('h', { devices: [device('s1', 'a'), device('s2', 'b')] });
  const windows = [{ id: '1', object: at('agent', 'a'), from: 100, until: 200, reason: 'r', person: 'p' }];
  const under = (hallMs: number, object: AlarmObject) => maintenanceAt(windows, topology, hallMs)(object);
  expect([under(99, at('device', 's1')), under(100, at('device', 's1')), under(200, at('device', 's1'))]).toEqual([
    false,
    true,
    false,
  ]);
  expect([under(150, at('agent', 'a')), under(150, at('device', 's2')), under(150, at('hall', 'h'))]).toEqual([
    true,
    false,
    false,
  ]);
});

test('the tree has every device once under its agent', () => {
  const content = { devices: [device('s1', 'a', 'SW'), device('s2', 'a'), device('s3', 'b', 'SW')] };
  expect(topologyTree('h', ['city'], ['c'], content)).toEqual({
    hall: 'h',
    platforms: ['city'],
    agents: [
      { id: 'a', switches: [{ id: 'SW', devices: ['s1'] }], devices: ['s2'] },
      { id: 'b', switches: [{ id: 'SW', devices: ['s3'] }], devices: [] },
      { id: 'c', switches: [], devices: [] },
    ],
  });
});

describe('the table of types', () => {
  test.each(alarmTypeIds)('%s says in both languages what visitors see and what to do first', (id) => {
    const { title, seen, firstStep, priority, shelveHours } = alarmTypes[id];
    for (const { zh, en } of [title, seen, firstStep]) {
      expect(zh).toMatch(/\p{Script=Han}{2}/u);
      expect(en).toMatch(/^[A-Z].*[a-z.]$/);
    }
    for (const { zh, en } of [seen, firstStep]) expect([zh.at(-1), en.at(-1)]).toEqual(['。', '.']);
    expect([1, 2, 3]).toContain(priority);
    expect(shelveHours).toBeGreaterThan(0);
  });

  test('no two types have one title, and none explains itself', () => {
    expect(new Set(alarmTypeIds.map((id) => alarmTypes[id].title.zh)).size).toBe(alarmTypeIds.length);
    for (const id of alarmTypeIds) expect(explains(id, id, false)).toBe(false);
  });

  test('on one object no two types explain each other', () => {
    for (const one of alarmTypeIds)
      for (const two of alarmTypeIds) expect(explains(one, two, false) && explains(two, one, false)).toBe(false);
  });
});

describe('properties over topologies', () => {
  const id = (prefix: string, most: number) => fc.integer({ min: 0, max: most }).map((n) => `${prefix}${n}`);
  const hall = fc
    .uniqueArray(fc.record({ id: id('s', 30), agent: id('a', 3), on: fc.option(id('SW', 4), { nil: undefined }) }), {
      selector: (one) => one.id,
      minLength: 1,
      maxLength: 25,
    })
    .map((list) => ({ devices: list.map((one) => device(one.id, one.agent, one.on)) }));
  const alarm = fc.record({
    type: fc.constantFrom(...alarmTypeIds),
    object: fc.oneof(
      fc.constant(at('hall', 'h')),
      fc.constant(FEED),
      id('a', 3).map((one) => at('agent', one)),
      id('SW', 4).map((one) => at('switch', one)),
      id('s', 30).map((one) => at('device', one)),
    ),
    phase: fc.constantFrom<AlarmRecord['phase'][]>('pending', 'active', 'ending'),
  });

  test('of two types about one object, the one that explains the other ranks before it', () => {
    const pairs = alarmTypeIds.flatMap((root) => alarmTypeIds.map((other) => [root, other] as const));
    const wrong = pairs.filter(
      ([root, other]) => root !== other && explains(root, other, false) && alarmRank(root) >= alarmRank(other),
    );
    expect(wrong).toEqual([]);
  });

  test('an alarm that explains another is itself explained by nothing that was raised', () => {
    fc.assert(
      fc.property(hall, fc.array(alarm, { maxLength: 12 }), (content, given) => {
        const records = given.map(({ type, object, phase }) => record(type, object, phase));
        const { rootOf } = createFolding(topologyOf('h', content), records);
        for (const one of records) {
          const fold = rootOf(one.type, one.object);
          if (fold?.hold !== 'suppress') continue;
          const above = rootOf(fold.root.type, fold.root.object);
          expect(above?.hold === 'suppress' ? [fold.root.type, above.root.type] : []).toEqual([]);
        }
      }),
      { numRuns: 1000 },
    );
  });

  test('the order of the alarms makes no difference, and what explains an alarm stands above it', () => {
    fc.assert(
      fc.property(hall, fc.array(alarm, { maxLength: 12 }), (content, given) => {
        const topology = topologyOf('h', content);
        const unique = new Map(
          given.map((one) => [`${one.type} ${objectKey(one.object)}`, record(one.type, one.object, one.phase)]),
        );
        const records = [...unique.values()];
        const forwards = createFolding(topology, records);
        const backwards = createFolding(topology, records.toReversed());
        for (const { type, object } of records) {
          const fold = forwards.rootOf(type, object);
          expect(backwards.rootOf(type, object)).toEqual(fold);
          if (!fold) continue;
          const places = [object, ...topology.above(object)].map(objectKey);
          expect(places).toContain(objectKey(fold.root.object));
        }
      }),
    );
  });

  test('nothing hangs on itself, and everything hangs on the hall', () => {
    fc.assert(
      fc.property(hall, (content) => {
        const topology = topologyOf('h', content);
        for (const one of content.devices) {
          const above = topology.above(at('device', one.id)).map(objectKey);
          expect(above).not.toContain(`device/${one.id}`);
          expect(above.at(-1)).toBe('hall/h');
          expect(topology.devices(at('agent', one.agent))).toContain(one.id);
        }
      }),
    );
  });
});
