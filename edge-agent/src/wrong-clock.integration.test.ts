import { systemClock, type Clock, type Layer, type Payload } from '@hall/contracts';
import { createOnbonKSimulator, listenTcp } from '@hall/simulators';
import { expect, onTestFinished, test, vi } from 'vitest';
import { GEN, calling, createHall, dataFolder, desired, hallTime, startAgent, tables, welcome, within } from './fixture.ts';

const HOUR_MS = 3_600_000;
const YEAR_MS = 365.25 * 24 * HOUR_MS;
const NEUTRAL = '请以窗口叫号为准';
const NOTICE = '午间检修';

/** The clock of a machine that woke up in another year. */
function clockOf(year: number): Clock {
  const real = systemClock();
  const ahead = Date.UTC(year, 0, 1) - real.wall.nowMs();
  const shifted = { nowMs: () => real.wall.nowMs() + ahead };
  return { machine: real.machine, wall: shifted, hall: shifted };
}

/** A hall that answers a hello only when it is told to, and a strip with a notice over its window until an hour from now. */
async function setup() {
  const hall = await createHall();
  const card = createOnbonKSimulator({ clock: systemClock() });
  const tcp = await listenTcp(card);
  onTestFinished(async () => {
    card.close();
    await tcp.close();
  });
  const notice: Layer = {
    id: 'notice',
    class: 'takeover',
    seq: 1,
    content: { template: 'strip-identify', parameters: { name: NOTICE }, bindings: [] },
    validTo: hallTime().hallMs + HOUR_MS,
    source: { kind: 'person', id: 'p' },
  };
  const plain = desired(tcp.port);
  const document: Payload<'desired'> = {
    ...plain,
    ...(plain.plan && {
      plan: { ...plain.plan, regions: plain.plan.regions.map((one) => ({ ...one, layers: [...one.layers, notice] })) },
    }),
  };
  let isAway = false;
  hall.on(({ name, data }) => {
    if (name === 'up') void hall.say('upack', { installId: data.installId, seq: data.records.at(-1)?.seq ?? 0 });
    if (name === 'timeRequest' && !isAway) {
      const nowMs = systemClock().wall.nowMs();
      const { epoch, number } = data;
      void hall.say('timeReply', { epoch, number, receivedMs: nowMs, repliedMs: nowMs, hallTime: hallTime() });
    }
    if (name !== 'hello' || isAway) return;
    void (async () => {
      await hall.say('welcome', welcome(data.epoch));
      await hall.say('tables', tables);
      await hall.say('desired', document, 'strip-1');
      await hall.say('live', { gen: GEN, after: 0, head: 1, full: true, fields: [calling('A001', 1)] });
      await hall.say('lease', { gen: GEN, head: 1, fresh: true, hallTime: hallTime() });
    })();
  });
  return {
    hall,
    card,
    goAway: () => {
      isAway = true;
    },
    comeBack: () => {
      isAway = false;
    },
  };
}

test.each([1970, 2040])(
  'an agent that starts with a clock of %i says so, shows what is certain, and trusts the server',
  async (year) => {
    const { hall, card, goAway, comeBack } = await setup();
    const folder = dataFolder();
    const first = await startAgent(hall.url, folder);
    await vi.waitFor(() => expect(card.texts()).toContain(NOTICE), within);
    await vi.waitFor(() => expect(first.state().time.trust).toBe('told'), within);
    await vi.waitFor(() => expect(first.state().live.head).toBe(1), within);
    const seenMs = hallTime().hallMs;
    await first.close();

    goAway();
    const clock = clockOf(year);
    const agent = await startAgent(hall.url, folder, { clock });
    await vi.waitFor(() => expect(agent.state().uplink).toBe('connected'), within);
    expect(agent.state().time.trust).toBe('untrusted');
    // The notice ends some time, and may be over: the neutral text of the window is right whatever the time.
    await vi.waitFor(() => expect(card.texts()).toContain(NEUTRAL), within);
    expect(card.texts()).not.toContain(NOTICE);
    expect(card.texts()).not.toContain('A001');

    comeBack();
    await vi.waitFor(() => expect(agent.state().time.trust).toBe('told'), { timeout: 30_000, interval: 20 });
    await vi.waitFor(() => expect(card.texts()).toContain(NOTICE), within);
    await vi.waitFor(() => expect(hall.saidOf('status').at(-1)?.clock.skewMs).toBeDefined(), within);
    const told = hall.saidOf('status').at(-1)?.clock;
    expect(told).toMatchObject({ trust: 'told' });
    expect(Math.round((told?.skewMs ?? 0) / YEAR_MS)).toBe(Math.round((Date.UTC(year, 0, 1) - seenMs) / YEAR_MS));
    // Hall time is that of the server, whatever year the machine believes in.
    expect(Math.abs((told?.highestMs ?? 0) - hallTime().hallMs)).toBeLessThan(60_000);
    await agent.close();
    // Records of the untrusted time carry the highest hall time seen, and never the year of the clock.
    const records = hall.saidOf('up').flatMap(({ records: some }) => some);
    expect(records.filter(({ at }) => Math.abs(at - seenMs) > HOUR_MS)).toEqual([]);
  },
);
