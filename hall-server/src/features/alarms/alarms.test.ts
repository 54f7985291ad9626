import { EventEmitter } from 'node:events';
import { alarmTypeIds, FakeClock, type AlarmObject, type AlarmTypeId, type HallContent } from '@hall/contracts';
import { alarmTypes } from '@hall/model';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { HallChanges } from '../../platform/changes.ts';
import { openInMemory, type Database } from '../../platform/store/database.ts';
import { emptyContent } from '../content/store.ts';
import { directWriter } from '../people/fixture.ts';
import { agentSource, fencedSource } from './agent-source.ts';
import type { Condition, ConditionSource } from './conditions.ts';
import { sourceByType } from './conditions.ts';
import { deviceSource } from './device-source.ts';
import { brokerSource, diskSource, feedSource, recordSource } from './hall-sources.ts';
import { createAlarmService, type AlarmNews, type AlarmService } from './service.ts';
import { createAlarmStore } from './store.ts';
import { securitySource, statusSource } from './status-source.ts';

const MINUTE = 60_000;
const wang = { by: 'wang', address: '10.0.0.1' };

const device = (id: string, agent = 'edge-1', on?: string): HallContent['devices'][number] => ({
  id,
  name: `屏 ${id}`,
  agent,
  driver: 'onbon-k',
  settings: {},
  screen: { template: 'window-strip', widthPx: 192, heightPx: 32, window: 'w01' },
  inventory: { place: 'A区', responsible: '李工', ...(on !== undefined && { switch: on }) },
});
const content: HallContent = {
  ...emptyContent,
  windows: [{ id: 'w01', number: '01', department: 'tax', services: [] }],
  devices: Array.from({ length: 20 }, (_, n) => device(`s${n}`, 'edge-1', 'SW-1')),
};

interface Stand {
  readonly alarms: AlarmService;
  readonly clock: FakeClock;
  readonly db: Database;
  readonly news: AlarmNews[];
  /** Devices that were told to have changed, in order. */
  readonly changed: string[];
  /** What is wrong and what is unknown; a test changes both. */
  wrong: Condition[];
  unknown: AlarmObject[];
  /** Looks once a second for so long. */
  pass(seconds: number): Promise<void>;
  /** A server that starts anew on the same store, after so long in which nothing ran. */
  restart(afterMs: number): Promise<Stand>;
}
function stand(from: { clock?: FakeClock; db?: Database; wrong?: Condition[] } = {}): Stand {
  const clock = from.clock ?? new FakeClock();
  const db = from.db ?? openInMemory();
  const changes: HallChanges = new EventEmitter();
  const news: AlarmNews[] = [];
  const changed: string[] = [];
  changes.on('devices', (ids) => void changed.push(...ids));
  const self: Pick<Stand, 'wrong' | 'unknown'> = { wrong: from.wrong ?? [], unknown: [] };
  const alarms = createAlarmService({
    hall: 'demo',
    clock,
    log: { warn: () => {} },
    store: createAlarmStore(db),
    writer: directWriter(db, clock),
    changes,
    content: () => content,
    sources: [{ raises: alarmTypeIds, look: () => self.wrong, unknown: () => self.unknown }],
  });
  alarms.onAlarmNews((each) => void news.push(each));
  return Object.assign(self, {
    alarms,
    clock,
    db,
    news,
    changed,
    pass: async (seconds: number) => {
      for (let second = 0; second < seconds; second += 1) {
        await clock.advance(1000);
        await alarms.evaluate();
      }
    },
    restart: async (afterMs: number) => {
      await clock.advance(afterMs);
      return stand({ clock, db, wrong: self.wrong });
    },
  });
}
const agent: AlarmObject = { kind: 'agent', id: 'edge-1' };
const offline = (id: string): Condition => ({ type: 'device_offline', object: { kind: 'device', id } });
const told = ({ news }: Stand) => news.map(({ what, alarm }) => `${what} ${alarm.type}`);

test('every type that is shipped has a source in the server, and exactly one', () => {
  const changes: HallChanges = new EventEmitter();
  const nobody = { list: () => [], get: () => undefined };
  const sources: ConditionSource[] = [
    deviceSource({ hall: 'h', devices: nobody, agents: nobody, content: () => content, changes }),
    agentSource(nobody, changes, 0),
    fencedSource(),
    statusSource(nobody, changes),
    securitySource('h', () => []),
    feedSource({ fresh: () => true, platforms: () => 0 }),
    recordSource(createAlarmStore(openInMemory())),
    diskSource({ hall: 'h', data: '.', full: () => false }),
    brokerSource('h', () => true),
  ];
  expect([...sourceByType(sources).keys()].toSorted()).toEqual([...alarmTypeIds].toSorted());
  expect(() => sourceByType([...sources, brokerSource('h', () => true)])).toThrow(/broker_lost/);
});

describe('root causes', () => {
  test('a lost switch with twenty devices is one alarm, with twenty inside', async () => {
    const hall = stand();
    hall.wrong = [
      ...content.devices.map(({ id }) => offline(id)),
      { type: 'switch_lost', object: { kind: 'switch', id: 'SW-1' } },
    ];
    await hall.pass(120);
    const list = hall.alarms.list();
    expect(list.map(({ type, dependants, windows }) => [type, dependants, windows])).toEqual([['switch_lost', 20, ['01']]]);
    expect(told(hall)).toEqual(['raised switch_lost']);
    expect(hall.alarms.detail(list[0]?.id ?? '').dependants[0]).toEqual({ kind: 'device', id: 's0', name: '屏 s0' });
  });

  test('when the root clears, what is still wrong raises by itself after its own delay', async () => {
    const hall = stand();
    hall.wrong = [offline('s3'), { type: 'switch_lost', object: { kind: 'switch', id: 'SW-1' } }];
    await hall.pass(120);
    hall.wrong = [offline('s3')];
    await hall.pass(alarmTypes.switch_lost.clearS + alarmTypes.device_offline.delayS - 2);
    expect(told(hall)).toEqual(['raised switch_lost', 'cleared switch_lost']);
    await hall.pass(4);
    expect(told(hall)).toEqual(['raised switch_lost', 'cleared switch_lost', 'raised device_offline']);
  });

  test('an alarm that stood before is drawn into the root, and is told again of when it goes', async () => {
    const hall = stand();
    hall.wrong = [offline('s3')];
    await hall.pass(40);
    hall.wrong = [{ type: 'agent_lost', object: agent }];
    hall.unknown = content.devices.map(({ id }) => ({ kind: 'device', id }));
    await hall.pass(40);
    const [root, inside] = hall.alarms.list();
    expect([root?.type, root?.dependants, inside?.type, inside?.root]).toEqual(['agent_lost', 20, 'device_offline', root?.id]);
    hall.wrong = [];
    hall.unknown = [];
    await hall.pass(40);
    expect(told(hall)).toEqual(['raised device_offline', 'raised agent_lost', 'cleared device_offline', 'cleared agent_lost']);
    expect(hall.alarms.list().map(({ active }) => active)).toEqual([false, false]);
  });
});

describe('over a restart of the server', () => {
  const stopped: Condition = { type: 'agent_stopped', object: agent };

  test('a rule of ten minutes goes on, whatever of them the server was away', async () => {
    const hall = stand();
    hall.wrong = [stopped];
    await hall.pass(240);
    const again = await hall.restart(5 * MINUTE);
    await again.pass(55);
    expect(told(again)).toEqual([]);
    await again.pass(6);
    expect(told(again)).toEqual(['raised agent_stopped']);
  });

  test('a condition that ended while the server was away raises nothing', async () => {
    const hall = stand();
    hall.wrong = [stopped];
    await hall.pass(240);
    hall.wrong = [];
    const again = await hall.restart(20 * MINUTE);
    await again.pass(10);
    again.wrong = [stopped];
    await again.pass(590);
    expect(told(again)).toEqual([]);
    expect(again.db.prepare('SELECT count(*) FROM alarms WHERE raised IS NOT NULL').pluck().get()).toBe(0);
  });

  test('what people said stays, and nothing is raised a second time', async () => {
    const hall = stand();
    hall.wrong = [{ type: 'feed_stale', object: { kind: 'platform', id: 'feed' } }];
    await hall.pass(40);
    const [{ id } = { id: '' }] = hall.alarms.list();
    await hall.alarms.act(id, { act: 'acknowledge' }, wang);
    await hall.alarms.act(id, { act: 'assign', assignee: 'li' }, wang);
    await hall.alarms.act(id, { act: 'comment', text: 'called the platform' }, wang);
    const again = await hall.restart(MINUTE);
    await again.pass(5);
    expect(again.alarms.list()).toMatchObject([{ id, count: 1, acknowledged: { by: 'wang' }, assignee: 'li' }]);
    expect(again.alarms.detail(id).events.map(({ what, person, text }) => [what, person, text])).toEqual([
      ['commented', 'wang', 'called the platform'],
      ['assigned', 'wang', 'li'],
      ['acknowledged', 'wang', ''],
      ['raised', 'system', ''],
    ]);
    expect(told(again)).toEqual([]);
    const audit = again.db.prepare('SELECT person, action, object FROM audit ORDER BY seq').all();
    expect(audit).toHaveLength(3);
    expect(audit[0]).toEqual({ person: 'wang', action: 'alarm.acknowledged', object: `${id} feed_stale platform feed` });
  });
});

describe('held back', () => {
  const night = Date.UTC(2026, 10, 23, 14, 0);
  const opening = Date.UTC(2026, 10, 24, 1, 0);

  test('nothing is raised in closed hours except what cannot wait; at the opening the delay begins', async () => {
    const hall = stand({ clock: new FakeClock(night) });
    hall.wrong = [
      ...content.devices.map(({ id }) => offline(id)),
      { type: 'feed_stale', object: { kind: 'platform', id: 'feed' } },
      { type: 'agent_lost', object: agent },
    ];
    await hall.pass(300);
    expect(told(hall)).toEqual([]);
    hall.wrong.push({ type: 'store_full', object: { kind: 'hall', id: 'demo' } });
    await hall.pass(5);
    expect(told(hall)).toEqual(['raised store_full']);
    hall.wrong = [{ type: 'agent_lost', object: agent }];
    await hall.clock.advance(opening - 1000 - hall.clock.hall.nowMs());
    await hall.alarms.evaluate();
    await hall.pass(19);
    expect(told(hall)).not.toContain('raised agent_lost');
    await hall.pass(3);
    expect(told(hall)).toContain('raised agent_lost');
  });

  test('under maintenance nothing is raised and what stands is marked; afterwards the delay counts anew', async () => {
    const hall = stand();
    hall.wrong = [offline('s1')];
    await hall.pass(40);
    const now = hall.clock.hall.nowMs();
    const window = { object: agent, from: now, until: now + 10 * MINUTE, reason: '换电源' };
    const { id } = await hall.alarms.putWindow(window, wang);
    hall.wrong.push(offline('s2'));
    await hall.pass(300);
    expect(hall.alarms.list().map(({ name, maintenance }) => [name, maintenance])).toEqual([['屏 s1', true]]);
    await hall.alarms.removeWindow(id, wang);
    await hall.pass(25);
    expect(told(hall)).toEqual(['raised device_offline']);
    await hall.pass(10);
    expect(told(hall)).toEqual(['raised device_offline', 'raised device_offline']);
    await expect(hall.alarms.putWindow({ ...window, until: now }, wang)).rejects.toMatchObject({ code: 'INPUT_INVALID' });
    await expect(hall.alarms.removeWindow('99', wang)).rejects.toMatchObject({ code: 'NOT_FOUND' });
  });

  test('maintenance that begins and ends by the clock is a change of the devices under it', async () => {
    const hall = stand();
    const now = hall.clock.hall.nowMs();
    const object: AlarmObject = { kind: 'device', id: 's1' };
    await hall.alarms.putWindow({ object, from: now + MINUTE, until: now + 2 * MINUTE, reason: '换电源' }, wang);
    await hall.pass(30);
    expect([hall.alarms.underMaintenance(object), hall.changed]).toEqual([false, []]);
    await hall.pass(60);
    expect([hall.alarms.underMaintenance(object), hall.changed]).toEqual([true, ['s1']]);
    await hall.pass(60);
    expect([hall.alarms.underMaintenance(object), hall.changed]).toEqual([false, ['s1', 's1']]);
  });

  test('what is put aside is at the end of the list, comes back by itself, and no longer than its type allows', async () => {
    const hall = stand();
    hall.wrong = [offline('s1')];
    await hall.pass(40);
    const [{ id } = { id: '' }] = hall.alarms.list();
    await expect(hall.alarms.act(id, { act: 'shelve', minutes: 43_201, reason: 'x' }, wang)).rejects.toMatchObject({
      code: 'INPUT_INVALID',
    });
    await hall.alarms.act(id, { act: 'shelve', minutes: 2, reason: '等备件' }, wang);
    hall.wrong = [];
    await hall.pass(30);
    hall.wrong = [offline('s1')];
    await hall.pass(60);
    expect(told(hall)).toEqual(['raised device_offline', 'shelved device_offline']);
    expect(hall.alarms.list()).toMatchObject([{ id, count: 2, shelved: { reason: '等备件' } }]);
    await hall.pass(60);
    expect(told(hall).at(-1)).toBe('unshelved device_offline');
    expect(hall.alarms.list()).toMatchObject([{ shelved: null }]);
  });
});

test('a closed alarm leaves the list, stays in the history and takes no more acts but comments', async () => {
  const hall = stand();
  hall.wrong = [offline('s1')];
  await hall.pass(40);
  const [{ id } = { id: '' }] = hall.alarms.list();
  hall.wrong = [];
  await hall.pass(20);
  expect(hall.alarms.list()).toMatchObject([{ id, active: false, open: true }]);
  await hall.alarms.act(id, { act: 'acknowledge' }, wang);
  expect(hall.alarms.list()).toEqual([]);
  expect(hall.alarms.get(id)).toMatchObject({ open: false });
  await hall.pass(700);
  await expect(hall.alarms.act(id, { act: 'assign', assignee: 'li' }, wang)).rejects.toMatchObject({ code: 'CONFLICT' });
  await hall.alarms.act(id, { act: 'comment', text: '线松了' }, wang);
  expect(hall.alarms.history({ limit: 2 }).map(({ what }) => what)).toEqual(['commented', 'acknowledged']);
  await expect(hall.alarms.act('77', { act: 'acknowledge' }, wang)).rejects.toMatchObject({ code: 'NOT_FOUND' });
  hall.wrong = [offline('s1')];
  await hall.pass(40);
  expect(hall.alarms.list()[0]?.id).not.toBe(id);
  expect(hall.alarms.report(30)).toMatchObject({ alarms: 2, raises: 2, neverAcknowledged: 0.5 });
});

test('a save that fails is made up for, and an act that fails did not happen', async () => {
  const clock = new FakeClock();
  const db = openInMemory();
  const direct = directWriter(db, clock);
  let broken = true;
  const alarms = createAlarmService({
    hall: 'demo',
    clock,
    log: { warn: () => {} },
    store: createAlarmStore(db),
    writer: { call: (name, args) => (broken ? Promise.reject(new Error('disk')) : direct.call(name, args)) },
    changes: new EventEmitter(),
    content: () => content,
    sources: [{ raises: ['store_full'], look: () => [{ type: 'store_full', object: { kind: 'hall', id: 'demo' } }] }],
  });
  await alarms.evaluate();
  expect(alarms.list()).toMatchObject([{ id: '1', type: 'store_full' }]);
  await expect(alarms.act('1', { act: 'acknowledge' }, wang)).rejects.toThrow('disk');
  expect(alarms.list()).toMatchObject([{ acknowledged: null }]);
  broken = false;
  await alarms.evaluate();
  await alarms.act('1', { act: 'acknowledge' }, wang);
  expect(createAlarmStore(db).current()).toMatchObject([{ id: 1, acknowledged: { by: 'wang' } }]);
  expect(
    createAlarmStore(db)
      .eventsOf(1)
      .map(({ what }) => what),
  ).toEqual(['acknowledged', 'raised']);
});

test('alarms older than a year are removed with their lives; those that live stay', async () => {
  const hall = stand();
  hall.wrong = [offline('s1'), offline('s2')];
  await hall.pass(40);
  for (const { id } of hall.alarms.list()) await hall.alarms.act(id, { act: 'acknowledge' }, wang);
  hall.wrong = [offline('s2')];
  await hall.pass(700);
  const { removed } = await directWriter(hall.db, hall.clock).call('alarms.retain', {
    before: hall.clock.wall.nowMs() + 1,
    limit: 10,
  });
  expect(removed).toBe(1);
  expect(hall.alarms.list()).toMatchObject([{ name: '屏 s2' }]);
  expect(hall.db.prepare('SELECT DISTINCT alarm FROM alarm_events').pluck().all()).toHaveLength(1);
});

test('whatever happens, each object has at most one living alarm of a type, and memory and store agree', async () => {
  const types: AlarmTypeId[] = ['device_offline', 'screen_stale', 'text_replaced', 'agent_lost', 'switch_lost'];
  const objects: AlarmObject[] = [
    agent,
    { kind: 'switch', id: 'SW-1' },
    { kind: 'device', id: 's1' },
    { kind: 'device', id: 's2' },
  ];
  const pick = fc.record({ type: fc.constantFrom(...types), object: fc.constantFrom(...objects) });
  const event = fc.record({
    wrong: fc.array(pick, { maxLength: 6 }),
    waitS: fc.constantFrom(1, 20, 70, 700, 90_000),
    act: fc.constantFrom('none', 'acknowledge', 'restart', 'comment'),
  });
  await fc.assert(
    fc.asyncProperty(fc.array(event, { maxLength: 12 }), async (events) => {
      let hall = stand();
      for (const { wrong, waitS, act } of events) {
        hall.wrong = wrong;
        await hall.alarms.evaluate();
        await hall.clock.advance(waitS * 1000);
        await hall.alarms.evaluate();
        await hall.alarms.evaluate();
        const list = hall.alarms.list();
        const keys = list.map(({ type, object }) => `${type} ${object.kind} ${object.id}`);
        expect(new Set(keys).size).toBe(keys.length);
        const roots = list.flatMap(({ root }) => root ?? []);
        expect(roots.filter((root) => list.find(({ id }) => id === root)?.root !== null)).toEqual([]);
        if (act === 'acknowledge' || act === 'comment') {
          const one = act === 'comment' ? ({ act, text: 'x' } as const) : ({ act } as const);
          if (list[0]) await hall.alarms.act(list[0].id, one, wang);
        }
        const before = hall.alarms.list();
        if (act !== 'restart') continue;
        hall = await hall.restart(0);
        hall.wrong = wrong;
        await hall.alarms.evaluate();
        expect(hall.alarms.list()).toEqual(before);
      }
      hall.db.close();
    }),
    { numRuns: 60 },
  );
});
