/** (i) a fleet: what 0, 100 and 1,000 light agents with one strip each cost the server, beside a bare broker with the same agents. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { systemClock } from '@hall/contracts';
import { startLightFleet, type LightFleet, type LightIdentity } from '@hall/proof/light-fleet';
import { callsOf, type Schedule } from '../arrivals.ts';
import { runCalls, watchUsage, type CallRun } from '../call-run.ts';
import { startChild, type Child } from '../child.ts';
import { median } from '../figures.ts';
import {
  fleetFigures,
  perMinute,
  SIZES,
  type CallCosts,
  type FleetWeight,
  type FleetWeights,
  type Size,
} from '../fleet-figures.ts';
import { prepareFleetHall, type FleetHall } from '../fleet-hall.ts';
import { HALL } from '../hall-events.ts';
import { startHall } from '../hall-system.ts';
import { heldBytes, probeEnv, probeFlags } from '../held-memory.ts';
import type { Part } from '../part.ts';
import { built, productFlags } from '../paths.ts';
import { callIn } from '../tickets.ts';

const [NONE, SOME, MANY] = SIZES;
/** As the server's. */
const LEASE_MS = 5000;
const CALLS_PER_S = 50;
/** All agents are connected, welcomed, and hold what they should by then, ms. */
const SETTLED_MS = 120_000;
const LOOK_MS = 100;
/** One look at the memory of a server at work is off by some hundred kB: the usual one of several counts. */
const LOOKS = 5;
/** Between two looks; no multiple of the agents' own times, ms. */
const LOOK_EACH_MS = 1700;
const KB = 1024;
const PORT = /\{"mqtt":(?<mqtt>\d+)\}/;
const { machine } = systemClock();

interface Times {
  /** Before anything is weighed, ms. */
  readonly settleMs: number;
  /** What calls leave behind fades for so long (decision 0010), ms. */
  readonly fadeMs: number;
  /** Whole minutes hold whole statuses and questions for the time, ms. */
  readonly watchMs: number;
  readonly warmUp: Schedule;
  readonly calls: Schedule;
}
const timesOf = (quick: boolean): Times =>
  quick
    ? {
        settleMs: 3000,
        fadeMs: 0,
        watchMs: 10_000,
        warmUp: { perSecond: 100, seconds: 5 },
        calls: { perSecond: CALLS_PER_S, seconds: 5 },
      }
    : {
        settleMs: 30_000,
        fadeMs: 60_000,
        watchMs: 60_000,
        warmUp: { perSecond: 250, seconds: 20 },
        calls: { perSecond: CALLS_PER_S, seconds: 20 },
      };

interface Round {
  readonly ours: FleetWeights;
  readonly floor: FleetWeights;
  readonly calls: CallCosts;
  readonly unsettled: number;
  readonly lost: number;
}

export const fleet: Part = {
  name: 'fleet',
  title: 'A fleet: 0, 100 and 1,000 agents with one strip each, beside a bare broker',
  measure: async ({ runs, quick, say }) => {
    const times = timesOf(quick);
    say(`${MANY} agents are admitted`);
    const prepared = await prepareFleetHall(MANY);
    const rounds: Round[] = [];
    try {
      for (let round = 1; round <= runs; round += 1) {
        const hall = await weighHall(prepared, times);
        const floor = await weighFloor(prepared.logins, times);
        rounds.push({ ...hall, floor: floor.weights, unsettled: hall.unsettled + floor.unsettled });
        for (const size of SIZES) {
          const [own, bare] = [hall.ours[size], floor.weights[size]];
          say(
            `${size} agents, ${round}/${runs}: ${lineOf(own)} (bare broker ${lineOf(bare)}), ` +
              `${own.upPerMinute.toFixed(0)} bytes a minute up, ${own.downPerMinute.toFixed(0)} down`,
          );
        }
        say(`a call: ${hall.calls.some.toFixed(2)} ms with ${SOME} agents, ${hall.calls.many.toFixed(2)} with ${MANY}`);
      }
    } finally {
      await prepared.remove();
    }
    const usual = (of: (round: Round) => number) => median(rounds.map(of));
    const weights = (of: 'ours' | 'floor'): FleetWeights => bySize((size) => usualWeight(rounds.map((round) => round[of][size])));
    return fleetFigures({
      ours: weights('ours'),
      floor: weights('floor'),
      calls: { some: usual(({ calls }) => calls.some), many: usual(({ calls }) => calls.many) },
      unsettled: rounds.reduce((sum, { unsettled }) => sum + unsettled, 0),
      lost: rounds.reduce((sum, { lost }) => sum + lost, 0),
    });
  },
};

const lineOf = ({ residentKb, heldKb, cpuMsPerS }: FleetWeight): string =>
  `${(residentKb / KB).toFixed(0)} MB resident, ${(heldKb / KB).toFixed(1)} held, ${cpuMsPerS.toFixed(1)} ms/s`;

const bySize = <T>(of: (size: Size) => T): Record<Size, T> => ({ [NONE]: of(NONE), [SOME]: of(SOME), [MANY]: of(MANY) });
const usualWeight = (all: readonly FleetWeight[]): FleetWeight => {
  const usual = (what: keyof FleetWeight) => median(all.map((weight) => weight[what]));
  return {
    residentKb: usual('residentKb'),
    heldKb: usual('heldKb'),
    cpuMsPerS: usual('cpuMsPerS'),
    upPerMinute: usual('upPerMinute'),
    downPerMinute: usual('downPerMinute'),
  };
};

/** Weighs the product: sizes in rising order in one process, calls between and after. */
async function weighHall(prepared: FleetHall, times: Times): Promise<Omit<Round, 'floor'>> {
  const { logins } = prepared;
  const folder = await mkdtemp(path.join(tmpdir(), 'hall-bench-memory-'));
  const hall = await startHall(prepared, { probe: folder });
  let agents: LightFleet | undefined;
  try {
    const weigh = (size: Size) => weighProcess(hall.server, folder, agents, size, times);
    const none = await weigh(NONE);
    agents = await startLightFleet({ ...fleetAt(hall.mqttUrl), agents: logins.slice(0, SOME) });
    let unsettled = await unsettledOf(agents, SOME);
    const system = {
      ...hall,
      listen: (heard: (strip: number, call: number, atMs: number) => void) => {
        const offsetMs = machine.nowMs() - Number(process.hrtime.bigint()) / 1e6;
        agents?.listen(({ agent, fields, atMs }) => heard(agent, callIn(Buffer.from(fields)), atMs + offsetMs));
      },
    };
    let made = 0;
    let lost = 0;
    const call = async (schedule: Schedule, strips: number) => {
      const run = await runCalls({ ...system, strips }, schedule, made);
      made += callsOf(schedule);
      lost += lostOf(run);
      return run.usage[0]?.cpuMsPerS ?? Number.NaN;
    };
    // Code is warm before anything is weighed that counts, and nothing is called between the two weighings: tickets weigh, too.
    await call(times.warmUp, SOME);
    const busySome = await call(times.calls, SOME);
    await machine.sleep(times.fadeMs);
    const some = await weigh(SOME);
    agents.join(logins.slice(SOME));
    unsettled += await unsettledOf(agents, MANY);
    const many = await weigh(MANY);
    const busyMany = await call(times.calls, MANY);
    const calls = {
      some: (busySome - some.cpuMsPerS) / times.calls.perSecond,
      many: (busyMany - many.cpuMsPerS) / times.calls.perSecond,
    };
    return { ours: { [NONE]: none, [SOME]: some, [MANY]: many }, calls, unsettled, lost };
  } finally {
    await agents?.close();
    await hall.close();
    await rm(folder, { recursive: true, force: true });
  }
}

/** The agents' confirmations are part of what a call costs, so each has to be on disk. */
const lostOf = ({ sent, accepted, lost, missing, acknowledged }: CallRun): number =>
  sent - accepted + lost + missing + (sent - acknowledged.length);

/** Weighs the bare broker with the same agents. */
async function weighFloor(
  logins: readonly LightIdentity[],
  times: Times,
): Promise<{ readonly weights: FleetWeights; readonly unsettled: number }> {
  const folder = await mkdtemp(path.join(tmpdir(), 'hall-bench-memory-'));
  const broker = await startChild({
    name: 'floor',
    file: built('fleet-floor'),
    args: [HALL, String(LEASE_MS)],
    nodeFlags: [...productFlags(), ...probeFlags()],
    env: probeEnv(folder, 'floor'),
    ready: PORT,
  });
  let agents: LightFleet | undefined;
  try {
    const weigh = (size: Size) => weighProcess(broker, folder, agents, size, times);
    const none = await weigh(NONE);
    agents = await startLightFleet({
      ...fleetAt(`mqtt://127.0.0.1:${broker.said?.groups?.['mqtt'] ?? ''}`),
      agents: logins.slice(0, SOME),
    });
    let unsettled = await unsettledOf(agents, SOME);
    const some = await weigh(SOME);
    agents.join(logins.slice(SOME));
    unsettled += await unsettledOf(agents, MANY);
    return { weights: { [NONE]: none, [SOME]: some, [MANY]: await weigh(MANY) }, unsettled };
  } finally {
    await agents?.close();
    await broker.stop();
    await rm(folder, { recursive: true, force: true });
  }
}

const fleetAt = (mqttUrl: string) => ({ hall: HALL, port: Number(new URL(mqttUrl).port), talks: true });

/** Waits until so many agents hold what they should; answers how many do not when time is up. */
async function unsettledOf(agents: LightFleet, size: Size): Promise<number> {
  const endMs = machine.nowMs() + SETTLED_MS;
  for (;;) {
    const { settled } = await agents.state();
    if (settled >= size || machine.nowMs() > endMs) return size - settled;
    await machine.sleep(LOOK_MS);
  }
}

/** What a process takes while the agents are connected and nothing is called. */
async function weighProcess(
  child: Child,
  folder: string,
  agents: LightFleet | undefined,
  size: Size,
  { settleMs, watchMs }: Times,
): Promise<FleetWeight> {
  await machine.sleep(settleMs);
  const traffic = async () => (await agents?.state())?.traffic ?? { up: 0, down: 0 };
  const before = await traffic();
  const startMs = machine.nowMs();
  const usage = watchUsage([child]);
  await machine.sleep(watchMs);
  const [used] = usage();
  const after = await traffic();
  const elapsedMs = machine.nowMs() - startMs;
  const looks: number[] = [];
  for (let look = 0; look < LOOKS; look += 1) {
    await machine.sleep(LOOK_EACH_MS);
    looks.push((await heldBytes(folder, child)) / KB);
  }
  return {
    residentKb: (used?.medianMb ?? Number.NaN) * KB,
    heldKb: median(looks),
    cpuMsPerS: used?.cpuMsPerS ?? Number.NaN,
    upPerMinute: perMinute(after.up - before.up, size, elapsedMs),
    downPerMinute: perMinute(after.down - before.down, size, elapsedMs),
  };
}
