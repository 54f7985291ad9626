/**
 * A nemesis: faults that come and go in an order that a seed decides, so that every failure can be had again. It knows no fault
 * by itself; whoever uses it names those of its hall.
 */
import { setMaxListeners } from 'node:events';
import type { Clock } from '@hall/contracts';
import { seeded } from '@hall/simulators';

export interface Fault {
  /** Part of the record, and of the command that replays it. */
  readonly name: string;
  /** How often it is picked, beside the others; default 1. */
  readonly weight?: number;
  /** How long it lasts, ms: at least and at most. */
  readonly lastsMs: readonly [number, number];
  /** Begins it and says how it is ended. `random` in [0, 1) decides what it meets. */
  begin(random: () => number): Promise<() => Promise<void>> | (() => Promise<void>);
}

/** One line of the record. */
export interface FaultRecord {
  /** Since the start of the nemesis, ms. */
  readonly atMs: number;
  readonly fault: string;
  readonly what: 'begins' | 'ends';
}

export interface NemesisOptions {
  readonly seed: number;
  readonly faults: readonly Fault[];
  readonly clock: Pick<Clock, 'machine'>;
  /** How many faults at one time at most. */
  readonly together: number;
  /** Between the beginnings of two faults, ms: at least and at most. */
  readonly everyMs: readonly [number, number];
  readonly forMs: number;
  readonly say?: (record: FaultRecord) => void;
}

/** What the nemesis will do: pure, by the seed alone. */
export interface Step {
  readonly atMs: number;
  readonly fault: Fault;
  readonly lastsMs: number;
  /** Seeds what the fault meets. */
  readonly seed: number;
}

const between = ([from, to]: readonly [number, number], random: number): number => from + (to - from) * random;

/** The plan of a nemesis. The same fault is never begun twice at one time, and all end by `forMs`. */
export function planOf({ seed, faults, together, everyMs, forMs }: Omit<NemesisOptions, 'clock' | 'say'>): Step[] {
  const random = seeded(seed);
  const steps: Step[] = [];
  for (let atMs = between(everyMs, random()); atMs < forMs; atMs += between(everyMs, random())) {
    const running = steps.filter((step) => step.atMs + step.lastsMs > atMs);
    const free = faults.filter((fault) => !running.some((step) => step.fault === fault));
    const total = free.reduce((sum, { weight = 1 }) => sum + weight, 0);
    let place = random() * total;
    const fault = free.find(({ weight = 1 }) => (place -= weight) < 0);
    // Drawn in any case, so that one fault more or less does not change all that follows.
    const lastsMs = between(fault?.lastsMs ?? [0, 0], random());
    const own = Math.floor(random() * 2 ** 32);
    if (!fault || running.length >= together) continue;
    steps.push({ atMs, fault, lastsMs: Math.min(lastsMs, forMs - atMs), seed: own });
  }
  return steps;
}

/**
 * Runs a plan to its end, or until the signal; every fault that began is ended before it resolves or rejects. A fault that cannot
 * begin or end breaks it off.
 * @throws Error of the first fault that could not.
 */
export async function runNemesis(options: NemesisOptions, signal?: AbortSignal): Promise<readonly FaultRecord[]> {
  const { machine } = options.clock;
  const startMs = machine.nowMs();
  const records: FaultRecord[] = [];
  const brokenOff = new AbortController();
  const over = AbortSignal.any([brokenOff.signal, ...(signal ? [signal] : [])]);
  // Every step of the plan waits on it.
  setMaxListeners(0, over);
  const note = (fault: Fault, what: FaultRecord['what']) => {
    const record = { atMs: Math.round(machine.nowMs() - startMs), fault: fault.name, what };
    records.push(record);
    options.say?.(record);
  };
  const sleepUntil = (atMs: number) => machine.sleep(Math.max(0, startMs + atMs - machine.nowMs()), over).catch(() => {});
  const take = async ({ atMs, fault, lastsMs, seed }: Step): Promise<void> => {
    await sleepUntil(atMs);
    if (over.aborted) return;
    const end = await fault.begin(seeded(seed));
    note(fault, 'begins');
    await sleepUntil(atMs + lastsMs);
    await end();
    note(fault, 'ends');
  };
  const failures: unknown[] = [];
  const fail = (error: unknown) => {
    failures.push(error);
    brokenOff.abort();
  };
  await Promise.all(planOf(options).map((step) => take(step).catch(fail)));
  if (failures.length > 0) throw failures[0];
  await sleepUntil(options.forMs);
  return records;
}
