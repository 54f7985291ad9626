/** Alarms of a whole hall over real sockets, in fake time: ten minutes pass in seconds. */
import { FakeClock, systemClock, type AlarmView, type Clock, type HallContent } from '@hall/contracts';
import { startHall, type HallOptions, type RunningHall } from '@hall/proof';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';

const STEP_MS = 500;
/** While files, sockets and threads take real time. */
const WAITING_MS = 10;
/** Enough turns of the event loop for a message to pass all sockets between a strip and the server. */
const TURNS = 40;
const HEARTBEAT_MS = 20_000;
const SECOND = 1000;
const MINUTE = 60_000;
const real = systemClock().machine;
const asker = { by: 'wang', address: '127.0.0.1' };

let clock: FakeClock;
let hall: RunningHall;
let heardMs: number;
/** Everything that was told, also over restarts of the server. */
let news: string[];

/** Wall and hall time as the system gives them: in whole milliseconds, also when a timer is due in between. */
const inWholeMs = ({ machine, hall: time, wall }: Clock): Clock => ({
  machine,
  hall: { nowMs: () => Math.floor(time.nowMs()) },
  wall: { nowMs: () => Math.floor(wall.nowMs()) },
});

async function step(alive = true, stepMs = STEP_MS): Promise<void> {
  await clock.advance(stepMs);
  for (let turn = 0; turn < TURNS; turn += 1) {
    await new Promise<void>((resolve) => {
      setImmediate(resolve);
    });
  }
  await real.sleep(1);
  if (!alive || clock.machine.nowMs() - heardMs < HEARTBEAT_MS) return;
  heardMs = clock.machine.nowMs();
  const { status, body } = await hall.feed.send(hall.feed.event('feed.heartbeat', 'made-heartbeat', {}));
  if (body.accepted !== 1) throw new Error(`the heartbeat was not accepted: ${status} ${JSON.stringify(body)}`);
}
/** Lets time go on, slowly, until something that waits for it is done. */
async function driven<T>(work: Promise<T>): Promise<T> {
  let done = false;
  const settled = work.finally(() => void (done = true));
  // Whoever awaits the work below hears of its failure.
  settled.catch(() => {});
  while (!done) await step(false, WAITING_MS);
  return settled;
}
async function pass(ms: number, alive = true): Promise<void> {
  for (let at = 0; at < ms; at += STEP_MS) await step(alive);
}
/** Fake time until it holds; sockets and commits take real time meanwhile. */
async function until(holds: () => boolean, longestMs = 5 * MINUTE): Promise<number> {
  const from = clock.machine.nowMs();
  while (!holds()) {
    if (clock.machine.nowMs() - from > longestMs) throw new Error(`did not come true; alarms: ${JSON.stringify(open())}`);
    await step();
  }
  return clock.machine.nowMs() - from;
}
const alarms = () => hall.server.services.alarms;
const open = (): readonly AlarmView[] => alarms().list();
const active = () => open().filter((alarm) => alarm.active && alarm.root === null);
const types = () => active().map(({ type }) => type);
const listen = () =>
  void alarms().onAlarmNews(({ what, alarm }) => void (what === 'raised' && news.push(`${alarm.type} ${alarm.object.id}`)));
const online = () =>
  hall.server.services.devices
    .list()
    .every(({ agentPresence, reported }) => agentPresence === 'online' && reported?.link === 'online');
async function restart(awayMs: number): Promise<void> {
  await driven(hall.stopServer());
  await clock.advance(awayMs);
  await driven(hall.startServer());
  listen();
}
async function start(options: HallOptions, startMs?: number): Promise<void> {
  clock = new FakeClock(startMs);
  news = [];
  heardMs = Number.NEGATIVE_INFINITY;
  hall = await startHall({ ...options, clock: inWholeMs(clock) });
  listen();
  // A broker of its own takes real time to begin with, while minutes pass here.
  await until(online, 60 * MINUTE);
}
afterEach(async () => {
  if (hall) await driven(hall.close());
});

const onSwitch =
  (name: string) =>
  (content: HallContent): HallContent => ({
    ...content,
    devices: content.devices.map((device) => ({ ...device, inventory: { switch: name } })),
  });

test('a switch with twenty devices that dies is one alarm, and all is well again when it is back', async () => {
  await start({ windows: 20, content: onSwitch('SW-1') });
  for (const strip of hall.strips.values()) strip.unplug(true);
  await until(() => types().includes('switch_lost'));
  await pass(2 * MINUTE);
  expect(types()).toEqual(['switch_lost']);
  expect(active()[0]).toMatchObject({ object: { kind: 'switch', id: 'SW-1' }, dependants: 20 });
  expect(active()[0]?.windows).toHaveLength(20);
  expect(news).toEqual(['switch_lost SW-1']);
  for (const strip of hall.strips.values()) strip.unplug(false);
  await until(() => active().length === 0 && online());
  await pass(MINUTE);
  expect(news).toEqual(['switch_lost SW-1']);
});

describe('with two agents', () => {
  beforeEach(() => start({ windows: 4, agents: ['agent-a', 'agent-b'] }));

  test('a lost agent is one alarm with its devices inside; what is broken when it is back raises by itself', async () => {
    const own = hall.content.devices.filter(({ agent }) => agent === 'agent-a');
    hall.cables.get('agent-a')?.unplug(true);
    const after = await until(() => types().includes('agent_lost'));
    expect(after).toBeGreaterThanOrEqual(20 * SECOND);
    await pass(2 * MINUTE);
    expect(types()).toEqual(['agent_lost']);
    expect(active()[0]).toMatchObject({ object: { kind: 'agent', id: 'agent-a' }, dependants: own.length });
    const inside = alarms().detail(active()[0]?.id ?? '').dependants;
    expect(inside.map(({ id }) => id).toSorted()).toEqual(own.map(({ id }) => id).toSorted());

    hall.strips.get(own[0]?.id ?? '')?.unplug(true);
    hall.cables.get('agent-a')?.unplug(false);
    await until(() => types().length === 1 && types()[0] === 'device_offline');
    expect(news).toEqual(['agent_lost agent-a', `device_offline ${own[0]?.id}`]);
  });

  test('a rule of ten minutes survives a restart of the server, and so does what people said', async () => {
    await driven(hall.stopAgent('agent-b'));
    const stoppedMs = clock.machine.nowMs();
    await pass(4 * MINUTE);
    await restart(4 * MINUTE);
    const left = stoppedMs + 10 * MINUTE - clock.machine.nowMs();
    expect(left).toBeGreaterThan(MINUTE);
    await pass(left - 10 * SECOND);
    expect(news).toEqual([]);
    await until(() => news.length > 0, 20 * SECOND);
    expect(news).toEqual(['agent_stopped agent-b']);

    const id = active()[0]?.id ?? '';
    await driven(alarms().act(id, { act: 'acknowledge' }, asker));
    await restart(MINUTE);
    await until(() => types().length === 1);
    await pass(MINUTE);
    expect(active()).toMatchObject([{ id, acknowledged: { by: 'wang' }, count: 1 }]);
    expect(news).toEqual(['agent_stopped agent-b']);

    await driven(hall.startAgent('agent-b'));
    await until(() => active().length === 0);
    expect(open()).toEqual([]);
  });

  test('under maintenance nothing is raised; afterwards the delay begins', async () => {
    const window = {
      object: { kind: 'agent', id: 'agent-a' },
      from: 0,
      until: clock.hall.nowMs() + MINUTE,
      reason: '换电源',
    } as const;
    await driven(alarms().putWindow(window, asker));
    const own = hall.content.devices.find(({ agent }) => agent === 'agent-a')?.id ?? '';
    hall.strips.get(own)?.unplug(true);
    await pass(MINUTE);
    expect(open()).toEqual([]);
    expect(await until(() => types().includes('device_offline'))).toBeGreaterThan(20 * SECOND);
    expect(news).toEqual([`device_offline ${own}`]);
  });
});

test('in closed hours a hall that is switched off raises nothing; what is still wrong when it opens does', async () => {
  // Tuesday 08:45 in the zone of the hall, a quarter of an hour before it opens.
  await start({ windows: 2 }, Date.UTC(2026, 10, 24, 0, 45));
  for (const strip of hall.strips.values()) strip.unplug(true);
  await pass(3 * MINUTE, false);
  hall.cables.get('agent-a')?.unplug(true);
  await pass(5 * MINUTE, false);
  expect([open(), news]).toEqual([[], []]);
  const opening = Date.UTC(2026, 10, 24, 1, 0);
  await driven(hall.stopServer());
  await clock.advance(opening - 30 * SECOND - clock.hall.nowMs());
  await driven(hall.startServer());
  listen();
  await until(() => clock.hall.nowMs() >= opening);
  expect(news).toEqual([]);
  await until(() => news.includes('agent_lost agent-a'));
});
