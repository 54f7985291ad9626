/** (h) growth: what a device more costs in memory and processor time, from 10 to 100 and from 100 to 1,000 devices. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { callsOf } from '../arrivals.ts';
import { runCalls } from '../call-run.ts';
import { figure, median, type Figure } from '../figures.ts';
import { prepareHall, startHall } from '../hall-system.ts';
import { heldBytes } from '../held-memory.ts';
import type { Part } from '../part.ts';
import { openHallStrips } from '../strips.ts';

const SIZES = [10, 100, 1000] as const;
const STRIPS_PER_WINDOW = 2;
/** Both have devices at every size. */
const AGENTS = 2;
/** The same at every size: a department costs memory too. */
const DEPARTMENTS = 5;
/** The same at every size: it is the cost of a device that is looked for, and calls in company cost less than calls alone. */
const CALLS_PER_S = 50;
/** The same at every size, so that the code is compiled alike: ten devices alone would be measured in the interpreter. */
const WARM_UP = { perSecond: 250, seconds: 20 };
const KB = 1024;
/** How far the second slope may be from the first, %. */
const TOLERANCE = 20;

interface Weight {
  /** Server and agents together, held after garbage collection, kB. */
  readonly heldKb: number;
  /** Server and agents together, resident, kB. */
  readonly residentKb: number;
  /** Server and agents together, ms of processor time per second. */
  readonly cpuMsPerS: number;
  readonly lost: number;
}

export const growth: Part = {
  name: 'growth',
  title: 'Growth: 10, 100 and 1,000 devices on two agents',
  measure: async (context) => {
    const weights = new Map<number, Weight[]>(SIZES.map((size) => [size, []]));
    for (const size of SIZES) {
      const strips = await openHallStrips('tcp', size);
      const windows = size / STRIPS_PER_WINDOW;
      const prepared = await prepareHall(
        { agents: AGENTS, windows, stripsPerWindow: STRIPS_PER_WINDOW, departments: DEPARTMENTS },
        strips,
      );
      try {
        for (let round = 1; round <= context.runs; round += 1) {
          const folder = await mkdtemp(path.join(tmpdir(), 'hall-bench-memory-'));
          const hall = await startHall(prepared, { probe: folder });
          try {
            const schedule = { perSecond: CALLS_PER_S, seconds: context.quick ? 10 : 30 };
            await runCalls(hall, WARM_UP, 0);
            const run = await runCalls(hall, schedule, callsOf(WARM_UP));
            const sum = (what: (usage: (typeof run.usage)[number]) => number) =>
              run.usage.reduce((total, usage) => total + what(usage), 0);
            let held = 0;
            for (const child of hall.processes) held += await heldBytes(folder, child);
            const weight = {
              heldKb: held / KB,
              residentKb: sum(({ medianMb }) => medianMb) * KB,
              cpuMsPerS: sum(({ cpuMsPerS }) => cpuMsPerS),
              lost: run.lost + run.missing,
            };
            weights.get(size)?.push(weight);
            context.say(
              `${size} devices, ${round}/${context.runs}: ${(weight.heldKb / KB).toFixed(1)} MB held, ` +
                `${(weight.residentKb / KB).toFixed(0)} MB resident, ${weight.cpuMsPerS.toFixed(0)} ms/s`,
            );
          } finally {
            await hall.close();
            await rm(folder, { recursive: true, force: true });
          }
        }
      } finally {
        await prepared.remove();
        await strips.close();
      }
    }
    const at = (size: number, what: keyof Weight) => median((weights.get(size) ?? []).map((weight) => weight[what]));
    const all = [...weights.values()].flat();
    return [
      ...SIZES.flatMap((size) => [
        figure(`${size} devices: held by server and agents`, at(size, 'heldKb') / KB, 'MB'),
        figure(`${size} devices: resident, server and agents`, at(size, 'residentKb') / KB, 'MB'),
        figure(`${size} devices: processor time of server and agents`, at(size, 'cpuMsPerS'), 'ms/s'),
      ]),
      ...slopes('memory', 'kB per device', (size) => at(size, 'heldKb')),
      ...slopes('processor time', 'ms/s per device', (size) => at(size, 'cpuMsPerS')),
      figure(
        'events lost, or calls that never reached their strip',
        all.reduce((sum, { lost }) => sum + lost, 0),
        'events',
        { most: 0 },
      ),
    ];
  },
};

/** Costs of a device more, and how far the second is from the first. */
export function slopes(what: string, unit: string, at: (size: number) => number): Figure[] {
  const [small, middle, large] = SIZES;
  const first = (at(middle) - at(small)) / (middle - small);
  const second = (at(large) - at(middle)) / (large - middle);
  return [
    figure(`${what}, 10 to 100`, first, unit),
    figure(`${what}, 100 to 1,000`, second, unit),
    figure(`${what}: second slope differs from the first by`, Math.abs(100 * (second / first - 1)), '%', { most: TOLERANCE }),
  ];
}
