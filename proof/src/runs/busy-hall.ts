/** A hall of processes under load, judged all the while: what kills, cuts and a nemesis are let loose on. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { isDeepStrictEqual } from 'node:util';
import { systemClock, type Clock, type HallContent } from '@hall/contracts';
import { createHallDay, demoContent, type PlatformEvent, seeded } from '@hall/simulators';
import type { Tally } from '@hall/virtual-hall';
import { HALL, SOURCE } from '../harness/hall.ts';
import { createJudge, type Evidence, type Judge } from '../harness/judge.ts';
import { prepareProcesses, type ProcessHall, type ProductProcess, type ServerPlace } from '../harness/processes.ts';
import { openTestStrips, type TestStrip } from '../harness/strips.ts';
import { DAY } from './day.ts';
import { readStored } from './stored.ts';

export interface BusyHallOptions {
  readonly seed: number;
  readonly windows: number;
  readonly agents: readonly string[];
  readonly eventsPerSecond: number;
  readonly place?: ServerPlace;
  /** Whether something on the way to this device, or the agent it hangs on, is cut on purpose. */
  readonly cut?: (agent: string, device: string) => boolean;
}

/** What is true of every such hall in the end. */
export interface Account {
  readonly sent: number;
  readonly acknowledged: number;
  /** Acknowledged events that the database does not hold. */
  readonly lost: readonly string[];
  /** Sent events that were never answered for, or facts that nobody sent. */
  readonly unanswered: number;
  readonly invented: number;
  readonly twice: number;
  /** Strips that showed an earlier call after a later one. */
  readonly steppedBack: readonly string[];
  readonly differingStrips: readonly string[];
  readonly differingWindows: readonly string[];
  readonly outboxGaps: number;
  readonly integrity: string;
  readonly flashWrites: number;
  /** Ends that nobody asked for, with what was said last. */
  readonly crashes: readonly string[];
  readonly exitCodes: readonly (number | null)[];
  readonly tally: Tally;
  readonly evidence: readonly Evidence[];
}

export interface BusyHall {
  readonly clock: Clock;
  readonly content: HallContent;
  readonly strips: ReadonlyMap<string, TestStrip>;
  readonly hall: ProcessHall;
  readonly judge: Judge;
  /** Server first. */
  readonly processes: readonly ProductProcess[];
  /** Ends the load, waits until all is even, ends the processes and counts. */
  account(): Promise<Account>;
  /** Kills what still runs and takes everything away. */
  close(): Promise<void>;
}

const SETTLE_MS = 60_000;
/** Windows are open and calls are many. */
const BUSY_FROM_MS = Date.parse(`${DAY}T09:30:00+08:00`);
/** Share of events that are sent twice. */
const TWICE = 0.05;

/** Whether nothing was lost, nothing happened twice, and everything is as the model says. */
export const isClean = (result: Account): boolean =>
  result.lost.length === 0 &&
  result.unanswered === 0 &&
  result.invented === 0 &&
  result.twice === 0 &&
  result.steppedBack.length === 0 &&
  result.differingStrips.length === 0 &&
  result.differingWindows.length === 0 &&
  result.outboxGaps === 0 &&
  result.integrity === 'ok' &&
  result.flashWrites === 0 &&
  result.crashes.length === 0 &&
  result.exitCodes.every((code) => code === 0) &&
  result.tally.wrong === 0;

/** Starts it and resolves when every strip is right; the load begins then. */
export async function openBusyHall(options: BusyHallOptions): Promise<BusyHall> {
  const { seed, windows, agents: names, eventsPerSecond, place, cut = () => false } = options;
  const random = seeded(seed);
  const folder = await mkdtemp(path.join(tmpdir(), 'hall-busy-'));
  // After the day's last event, so that none of them lies in the future.
  const offsetMs = Math.round(Date.parse(`${DAY}T19:00:00+08:00`) - Date.now());
  const clock = systemClock({ offsetMs, speed: 1 });
  const stripPorts = Array.from({ length: windows }, () => 0);
  const free = demoContent({ windows, departments: Math.ceil(windows / 3), agents: names, boards: false, stripPorts });
  const { content, strips } = await openTestStrips(free, clock, 'tcp');
  const hall = await prepareProcesses({ folder, content, offsetMs, ...(place && { place }) });
  const { server, agents } = hall;
  const processes = [server, ...agents.values()];
  const agentOf = new Map(content.devices.map(({ id, agent }) => [id, agent]));
  const up = (one: ProductProcess | undefined) => one?.state === 'ready';
  const isCut = (device: string): boolean => {
    const agent = agentOf.get(device) ?? '';
    return !up(server) || !up(agents.get(agent)) || cut(agent, device);
  };
  const judge = createJudge({
    clock,
    content,
    strips,
    hall: HALL,
    baseUrl: hall.baseUrl,
    secret: hall.secret,
    maxBatch: 20,
    cut: isCut,
  });
  const load = new AbortController();
  let loading = Promise.resolve();

  async function keepSending(events: readonly PlatformEvent[]): Promise<void> {
    const pauseMs = 1000 / eventsPerSecond;
    for (const event of events) {
      if (load.signal.aborted) return;
      judge.send(event);
      if (random() < TWICE) judge.send(event);
      await clock.machine.sleep(pauseMs, load.signal).catch(() => {});
    }
  }

  async function close(): Promise<void> {
    load.abort();
    for (const one of processes) await one.kill();
    await judge.close();
    await Promise.all([...strips.values()].map((strip) => strip.close()));
    await rm(folder, { recursive: true, force: true });
  }

  async function account(): Promise<Account> {
    load.abort();
    await loading;
    const even = await judge.settled(SETTLE_MS);
    const differingStrips = even ? [] : judge.differing();
    const tally = judge.checker.tally();
    const flashWrites = [...strips.values()].reduce((sum, { simulator }) => sum + simulator.state.flashWrites, 0);
    const exitCodes = [...(await hall.close()).values()];
    const stored = readStored(hall.database, SOURCE);
    const facts = new Set(stored.facts);
    return {
      sent: judge.sent.size,
      acknowledged: judge.acknowledged.size,
      lost: [...judge.acknowledged].filter((key) => !facts.has(key)),
      unanswered: judge.sent.size - judge.acknowledged.size,
      invented: stored.facts.filter((key) => !judge.sent.has(key)).length,
      twice: stored.facts.length - facts.size,
      steppedBack: [...judge.steppedBack],
      differingStrips,
      differingWindows: content.windows
        .map(({ id }) => id)
        .filter((id) => !isDeepStrictEqual(stored.windows.get(id), JSON.parse(JSON.stringify(judge.truth.window(id) ?? null)))),
      outboxGaps: stored.outboxGaps,
      integrity: stored.integrity,
      flashWrites,
      crashes: processes.flatMap(({ crashes }) => crashes),
      exitCodes,
      tally,
      evidence: [...judge.evidence],
    };
  }

  try {
    for (const one of processes) one.start();
    await Promise.all(processes.map((one) => one.ready()));
    const { events } = createHallDay({ seed, content, day: DAY, tickets: windows * 500, source: SOURCE });
    const busyFrom = events.findIndex(({ atHallMs }) => atHallMs >= BUSY_FROM_MS);
    for (const { event } of events.slice(0, busyFrom)) judge.send(event);
    if (!(await judge.settled(SETTLE_MS))) throw new Error(`no even start: ${judge.differing().join(' ')}`);
    judge.checker.reset();
    loading = keepSending(events.slice(busyFrom).map(({ event }) => event));
    return { clock, content, strips, hall, judge, processes, account, close };
  } catch (error) {
    await close();
    throw error;
  }
}
