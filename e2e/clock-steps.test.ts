/** Somebody sets the clock of an agent's machine: no connection, no lease and no picture takes notice. */
import { writeFileSync } from 'node:fs';
import path from 'node:path';
import { systemClock, type Clock } from '@hall/contracts';
import { BUSY_MOMENT, HALL, productProcess, startHall, type RunningHall } from '@hall/proof';
import { expect, onTestFinished, test, vi } from 'vitest';

const DAY_MS = 86_400_000;
const patient = { timeout: 60_000, interval: 50 };
/** Of Debian's package `faketime`, whichever architecture. */
const FAKETIME = '/usr/$LIB/faketime/libfaketimeMT.so.1';

async function hallWithCalls(agentClock?: Clock): Promise<RunningHall> {
  const hall = await startHall({ windows: 2, ...(agentClock && { agentClock }) });
  onTestFinished(() => hall.close());
  const { feed } = hall;
  for (const window of ['w01', 'w02']) await feed.send(feed.event('window.opened', `o-${window}`, { window }));
  await feed.send(feed.called('w01', 'A101'));
  return hall;
}

/** What must not change when a clock is set. */
function watch(hall: RunningHall) {
  const { services } = hall.server;
  const counts = () => ({
    hellos: hall.messages.seen.get('hello') ?? 0,
    resyncs: hall.messages.seen.get('resync') ?? 0,
    presence: services.agents.list().map(({ presence, since }) => [presence, since]),
    pictures: services.facts.list({ type: 'screen.confirmed' }).length,
  });
  const freshness = () => services.devices.list().map(({ reported }) => reported?.screen?.freshness);
  const lease = async () => {
    const before = hall.messages.seen.get('lease') ?? 0;
    await vi.waitFor(() => expect(hall.messages.seen.get('lease') ?? 0).toBeGreaterThan(before), patient);
  };
  return { counts, freshness, lease };
}

async function stepsAreNotNoticed(hall: RunningHall, setAhead: (ms: number) => void): Promise<void> {
  const { counts, freshness, lease } = watch(hall);
  await vi.waitFor(
    () => expect([hall.shown('w01'), ...freshness()]).toEqual([expect.stringContaining('A101'), 'live', 'live']),
    patient,
  );
  // Facts come some time after what is shown.
  let before = counts();
  for (let same = 0; same < 2;) {
    await lease();
    const now = counts();
    same = JSON.stringify(now) === JSON.stringify(before) ? same + 1 : 0;
    before = now;
  }
  for (const step of [DAY_MS, -DAY_MS]) {
    setAhead(step);
    await lease();
    expect(counts()).toEqual(before);
    expect(hall.shown('w01')).toContain('A101');
    expect(freshness()).toEqual(['live', 'live']);
  }
  // A new call makes the screen decide with the clock as it was set.
  setAhead(DAY_MS);
  await hall.feed.send(hall.feed.called('w01', 'A102'));
  await vi.waitFor(() => expect(hall.shown('w01')).toContain('A102'), patient);
  await vi.waitFor(() => expect(counts().pictures).toBe(before.pictures + 1), patient);
  await lease();
  expect(counts()).toEqual({ ...before, pictures: before.pictures + 1 });
  expect(freshness()).toEqual(['live', 'live']);
}

test('a day forwards and back on the injected clock: 0 disconnects, 0 leases lost, 0 pictures changed; the skew is told', async () => {
  const real = systemClock({ offsetMs: Math.round(BUSY_MOMENT - Date.now()), speed: 1 });
  let aheadMs = 0;
  const agentClock: Clock = {
    machine: real.machine,
    wall: { nowMs: () => real.wall.nowMs() + aheadMs },
    hall: { nowMs: () => real.hall.nowMs() + aheadMs },
  };
  const hall = await hallWithCalls(agentClock);
  const time = () => hall.agents.get('agent-a')?.state().time;
  await vi.waitFor(() => expect(Math.abs(time()?.skewMs ?? DAY_MS)).toBeLessThan(100), patient);
  await stepsAreNotNoticed(hall, (ms) => {
    const skewMs = time()?.skewMs ?? 0;
    aheadMs += ms;
    expect(Math.abs((time()?.skewMs ?? 0) - skewMs - ms)).toBeLessThan(100);
  });
  const conditions = () => hall.server.services.agents.list().flatMap(({ conditions: own }) => own.map(({ type }) => type));
  await vi.waitFor(() => expect(conditions()).toEqual(['clock_skew']), patient);
  aheadMs = 0;
  await vi.waitFor(() => expect(conditions()).toEqual([]), patient);
  const times = hall.server.services.devices.list().flatMap(({ reported }) => reported?.screen?.confirmedAt ?? []);
  expect(times.map((at) => Math.abs(at - real.wall.nowMs()) < DAY_MS / 2)).toEqual([true, true]);
});

test('the same with a real process whose system clock is set', async () => {
  const hall = await hallWithCalls();
  await vi.waitFor(() => expect(hall.shown('w01')).toContain('A101'), patient);
  await hall.stopAgent('agent-a');
  const file = path.join(hall.folder, 'agent-a.json');
  const config = {
    hall: HALL,
    agent: 'agent-a',
    server: { url: `mqtt://127.0.0.1:${hall.cables.get('agent-a')?.port}`, passwordFile: 'agent-a.password' },
    data: 'agent-a',
    kiosk: { port: 0 },
    log: 'info',
  };
  writeFileSync(file, JSON.stringify(config));
  const stamp = path.join(hall.folder, 'clock');
  let aheadS = 0;
  const setAhead = (ms: number) => {
    aheadS += ms / 1000;
    writeFileSync(stamp, `${aheadS < 0 ? '-' : '+'}${Math.abs(aheadS)}s`);
  };
  setAhead(0);
  const agent = productProcess({
    name: 'agent-a',
    args: ['edge-agent/src/main.ts', 'start', '--config', file],
    readyWords: '"uplink":"welcomed"',
    env: {
      LD_PRELOAD: FAKETIME,
      FAKETIME_TIMESTAMP_FILE: stamp,
      FAKETIME_DONT_FAKE_MONOTONIC: '1',
      FAKETIME_NO_CACHE: '1',
    },
  });
  onTestFinished(async () => void (await agent.stop()));
  agent.start();
  await agent.ready();
  await stepsAreNotNoticed(hall, setAhead);
  expect(agent.crashes).toEqual([]);
});
