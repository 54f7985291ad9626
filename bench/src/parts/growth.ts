/** (h) growth: what a device more costs in memory and processor time, from 10 to 100 and from 100 to 1,000 devices. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { systemClock } from '@hall/contracts';
import { callsOf, type Schedule } from '../arrivals.ts';
import { runCalls, watchUsage } from '../call-run.ts';
import { startChild, type Child } from '../child.ts';
import { figure, median, type Figure } from '../figures.ts';
import { prepareHall, startHall, type PreparedHall } from '../hall-system.ts';
import { heldBytes } from '../held-memory.ts';
import { partOfHall } from '../part-of-hall.ts';
import type { Part } from '../part.ts';
import { built } from '../paths.ts';
import { openHallStrips, openLineDevices, type Devices } from '../devices.ts';

const SIZES = [10, 100, 1000] as const;
const [, , MOST] = SIZES;
const STRIPS_PER_WINDOW = 2;
/** Both have devices at every size. */
const AGENTS = 2;
/** The same at every size: a department costs memory too. */
const DEPARTMENTS = 5;
/**
 * Every run begins with the whole hall and calls, and the sizes follow in the same processes: ten devices in a fresh process would
 * be measured in the interpreter, and what a process compiles or keeps once would count as the cost of the first devices more.
 */
const WARM_UP: Schedule = { perSecond: 250, seconds: 20 };
const CALLS_PER_S = 50;
/** Before anything is weighed: connections, first pictures, and what the change of the hall itself needed, ms. */
const SETTLE_MS = 25_000;
/** What the warm-up leaves behind fades for so long (0.8 MB of it, as much as thirty devices weigh), ms. */
const FADE_MS = 90_000;
/** One look at the memory of a hall at work is up to 0.3 MB off: the usual one of several counts. */
const LOOKS = 5;
/** Between two looks; no multiple of the devices' own time, ms. */
const LOOK_EACH_MS = 1700;
/** Before calls are made, ms. */
const READY_MS = 5000;
const KB = 1024;
/** How far the second slope of memory may be from the first, and how far above it that of processor time may be, %. */
const TOLERANCE = 20;
/** How much more a call may cost in a hall a hundred times as large: memory is farther away there, nothing else. */
const MOST_CALL_RATIO = 1.5;
const { machine } = systemClock();

/** What is measured at one size in one run; server and agents together. */
interface Weight {
  /** Held after garbage collection, kB. */
  heldKb: number;
  /** Resident, kB. */
  residentKb: number;
  /** Processor time while nothing is called, ms per second. */
  cpuMsPerS: number;
  /** Processor time of a call, ms, without that of the silent hall. */
  callMs: number;
  /** Events lost, and calls that never reached their strip. */
  lost: number;
  /** Processor time of the floor, ms per second. */
  floorMsPerS: number;
}
type Size = (typeof SIZES)[number];
type Weights = Record<Size, Weight>;

export const growth: Part = {
  name: 'growth',
  title: 'Growth: 10, 100 and 1,000 devices on two agents',
  measure: async ({ runs, quick, say }) => {
    const watchMs = quick ? 5000 : 30_000;
    const calls: Schedule = { perSecond: CALLS_PER_S, seconds: quick ? 5 : 15 };
    const all: Weights[] = [];
    const strips = await openHallStrips('tcp', MOST);
    const lines = await openLineDevices('tcp', MOST, true);
    const plan = { agents: AGENTS, windows: MOST / STRIPS_PER_WINDOW, stripsPerWindow: STRIPS_PER_WINDOW };
    const prepared = await prepareHall({ ...plan, departments: DEPARTMENTS, dealt: true }, strips);
    try {
      for (let round = 1; round <= runs; round += 1) {
        const weights = await weigh(prepared, watchMs, calls);
        for (const size of SIZES) weights[size].floorMsPerS = await floorMsPerS(lines, size, watchMs);
        all.push(weights);
        for (const size of SIZES) {
          const { heldKb, residentKb, cpuMsPerS, callMs, floorMsPerS: floor } = weights[size];
          say(
            `${size} devices, ${round}/${runs}: ${(heldKb / KB).toFixed(1)} MB held, ${(residentKb / KB).toFixed(0)} MB resident, ` +
              `${cpuMsPerS.toFixed(1)} ms/s (floor ${floor.toFixed(1)}), ${callMs.toFixed(2)} ms a call`,
          );
        }
      }
    } finally {
      await prepared.remove();
      await lines.close();
      await strips.close();
    }
    const lost = sumOf(all, (weights) => sumOf(SIZES, (size) => weights[size].lost));
    return figuresOf((size, what) => median(all.map((weights) => weights[size][what])), lost);
  },
};

/** Weighs one hall at all sizes. */
async function weigh(prepared: PreparedHall, watchMs: number, calls: Schedule): Promise<Weights> {
  const weight = (): Weight => ({ heldKb: 0, residentKb: 0, cpuMsPerS: 0, callMs: 0, lost: 0, floorMsPerS: 0 });
  const weights: Weights = { 10: weight(), 100: weight(), 1000: weight() };
  const folder = await mkdtemp(path.join(tmpdir(), 'hall-bench-memory-'));
  const hall = await startHall(prepared, { probe: folder });
  try {
    const administrator = await hall.administrator();
    let size: Size = MOST;
    const become = async (next: Size, afterMs: number) => {
      size = next;
      await administrator.replaceContent(partOfHall(prepared.content, size / STRIPS_PER_WINDOW));
      await machine.sleep(afterMs);
    };
    let made = 0;
    const call = async (schedule: Schedule) => {
      const run = await runCalls({ ...hall, strips: size }, schedule, made);
      made += callsOf(schedule);
      return run;
    };
    await call(WARM_UP);
    // No call between these: tickets weigh, too.
    for (const next of SIZES) {
      await become(next, next === SIZES[0] ? FADE_MS : SETTLE_MS);
      const usage = watchUsage(hall.processes);
      await machine.sleep(watchMs);
      const used = usage();
      weights[next].cpuMsPerS = sumOf(used, ({ cpuMsPerS }) => cpuMsPerS);
      weights[next].residentKb = sumOf(used, ({ medianMb }) => medianMb) * KB;
      weights[next].heldKb = await usualHeldKb(folder, hall.processes);
    }
    for (const next of SIZES.toReversed()) {
      if (next !== size) await become(next, READY_MS);
      const run = await call(calls);
      const cpuMsPerS = sumOf(run.usage, (usage) => usage.cpuMsPerS);
      weights[next].callMs = (cpuMsPerS - weights[next].cpuMsPerS) / calls.perSecond;
      weights[next].lost = run.lost + run.missing;
    }
    return weights;
  } finally {
    await hall.close();
    await rm(folder, { recursive: true, force: true });
  }
}

/** What the processes hold together, the usual one of several looks. */
async function usualHeldKb(folder: string, processes: readonly Child[]): Promise<number> {
  const looks: number[] = [];
  for (let look = 0; look < LOOKS; look += 1) {
    await machine.sleep(LOOK_EACH_MS);
    let held = 0;
    for (const child of processes) held += await heldBytes(folder, child);
    looks.push(held / KB);
  }
  return median(looks);
}

/** Processor time per second of bare processes, as many as agents, that only ask so many devices and read the answers. */
async function floorMsPerS({ plugs }: Devices, size: Size, watchMs: number): Promise<number> {
  const processes: Child[] = [];
  try {
    for (let agent = 0; agent < AGENTS; agent += 1) {
      const own = plugs.slice(0, size).filter((_, at) => at % AGENTS === agent);
      const args = own.map(({ address }) => address);
      processes.push(await startChild({ name: `floor-${agent + 1}`, file: built('floor-heartbeat'), args, ready: /ready/ }));
    }
    await machine.sleep(READY_MS);
    const usage = watchUsage(processes);
    await machine.sleep(watchMs);
    return sumOf(usage(), ({ cpuMsPerS }) => cpuMsPerS);
  } finally {
    for (const child of processes) await child.stop();
  }
}

const sumOf = <T>(values: readonly T[], what: (value: T) => number): number =>
  values.reduce((sum, value) => sum + what(value), 0);

/** The figures, from the usual weight at a size and what was lost in all runs. */
export function figuresOf(at: (size: Size, what: Exclude<keyof Weight, 'lost'>) => number, lost: number): Figure[] {
  const [few, , many] = SIZES;
  const memory = slopes((size) => at(size, 'heldKb'));
  const time = slopes((size) => at(size, 'cpuMsPerS'));
  const floor = slopes((size) => at(size, 'floorMsPerS'));
  return [
    ...SIZES.flatMap((size) => [
      figure(`${size} devices: held by server and agents`, at(size, 'heldKb') / KB, 'MB'),
      figure(`${size} devices: resident, server and agents`, at(size, 'residentKb') / KB, 'MB'),
      figure(`${size} devices: processor time of server and agents, no calls`, at(size, 'cpuMsPerS'), 'ms/s'),
      figure(`${size} devices: processor time of the floor`, at(size, 'floorMsPerS'), 'ms/s'),
      figure(`${size} devices: processor time of a call, server and agents`, at(size, 'callMs'), 'ms'),
    ]),
    figure('memory, 10 to 100', memory.first, 'kB per device'),
    figure('memory, 100 to 1,000', memory.second, 'kB per device'),
    figure('memory: second slope differs from the first by', Math.abs(memory.bend), '%', { most: TOLERANCE }),
    figure('processor time, 10 to 100', time.first, 'ms/s per device'),
    figure('processor time, 100 to 1,000', time.second, 'ms/s per device'),
    figure('processor time: second slope above the first by', time.bend, '%', { most: TOLERANCE }),
    figure('processor time of the floor, 10 to 100', floor.first, 'ms/s per device'),
    figure('processor time of the floor, 100 to 1,000', floor.second, 'ms/s per device'),
    figure('processor time of the floor: second slope above the first by', floor.bend, '%'),
    figure('a call with 1,000 devices as a multiple of one with 10', at(many, 'callMs') / at(few, 'callMs'), 'x', {
      most: MOST_CALL_RATIO,
    }),
    figure('events lost, or calls that never reached their strip', lost, 'events', { most: 0 }),
  ];
}

/** Cost of a device more between the sizes, and how far the second is above the first, %. */
export function slopes(at: (size: Size) => number): { first: number; second: number; bend: number } {
  const [few, some, many] = SIZES;
  const first = (at(some) - at(few)) / (some - few);
  const second = (at(many) - at(some)) / (many - some);
  return { first, second, bend: 100 * (second / first - 1) };
}
