/** Systems measured in turns, so that whatever else the machine does falls on all of them alike. */
import { callsOf, type Schedule } from './arrivals.ts';
import { runCalls, watchUsage, type CallRun, type Usage } from './call-run.ts';
import { median, percentile } from './figures.ts';
import type { PartContext } from './part.ts';
import type { CallSystem } from './system.ts';

/** Not counted: a hall's processes have run all day, their code is compiled. That takes thousands of calls on one agent. */
const WARM_UP: Schedule = { perSecond: 1000, seconds: 20 };

export interface Contender<S extends CallSystem = CallSystem> {
  readonly name: string;
  start(): Promise<S>;
}

/** All runs of one system. */
export interface Measured {
  /** By rate, calls per second. */
  readonly byRate: ReadonlyMap<number, readonly CallRun[]>;
  /** Before any call, not even those to warm up; one per run. */
  readonly idle: readonly (readonly Usage[])[];
}

/** Runs every schedule on every system `context.runs` times; a system is started anew for each round and stopped after it. */
export async function sideBySide(
  context: PartContext,
  contenders: readonly Contender[],
  schedules: readonly Schedule[],
): Promise<ReadonlyMap<string, Measured>> {
  const measured = new Map(
    contenders.map(({ name }) => [
      name,
      { byRate: new Map(schedules.map(({ perSecond }) => [perSecond, [] as CallRun[]])), idle: [] as Usage[][] },
    ]),
  );
  for (let round = 1; round <= context.runs; round += 1) {
    for (const { name, start } of contenders) {
      const own = measured.get(name);
      const system = await start();
      try {
        own?.idle.push(watchUsage(system.processes)());
        let firstCall = callsOf(WARM_UP);
        await runCalls(system, WARM_UP, 0);
        for (const schedule of schedules) {
          const run = await runCalls(system, schedule, firstCall);
          firstCall += callsOf(schedule);
          own?.byRate.get(schedule.perSecond)?.push(run);
          context.say(`${round}/${context.runs} ${name}: ${lineOf(schedule, run)}`);
        }
      } finally {
        await system.close();
      }
    }
  }
  return measured;
}

const lineOf = ({ perSecond }: Schedule, { strip, accepted, sent, missing }: CallRun): string =>
  `${perSecond}/s p50 ${percentile(strip, 50).toFixed(1)} p99 ${percentile(strip, 99).toFixed(1)} ms, ${accepted}/${sent} accepted` +
  (missing > 0 ? `, ${missing} never at their strip` : '');

/** The median over runs of a percentile of one of their measurements. */
export const medianOf = (
  runs: readonly CallRun[] | undefined,
  what: 'strip' | 'acknowledged' | 'answered' | 'lateness',
  p: number,
): number => median((runs ?? []).map((run) => percentile(run[what], p)));

/** The sum over runs of a count. */
export const sumOf = (runs: readonly CallRun[] | undefined, what: (run: CallRun) => number): number =>
  (runs ?? []).reduce((sum, run) => sum + what(run), 0);

/** The median over runs of the largest memory of the processes whose name starts like this, MB. */
export const memoryOf = (usages: readonly (readonly Usage[])[] | undefined, process: string): number =>
  median(
    (usages ?? []).map((usage) => Math.max(...usage.filter(({ name }) => name.startsWith(process)).map(({ peakMb }) => peakMb))),
  );
