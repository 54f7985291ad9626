/** Server, agents or all of them killed again and again at random points under load; then everything is counted. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { isDeepStrictEqual } from 'node:util';
import { systemClock } from '@hall/contracts';
import { createHallDay, demoContent, type PlatformEvent, seeded } from '@hall/simulators';
import type { Tally } from '@hall/virtual-hall';
import { HALL, SOURCE } from '../harness/hall.ts';
import { createJudge, type Evidence } from '../harness/judge.ts';
import { prepareProcesses, type ProductProcess } from '../harness/processes.ts';
import { openTestStrips } from '../harness/strips.ts';
import { DAY } from './day.ts';
import { readStored } from './stored.ts';

export interface KillOptions {
  readonly seed: number;
  readonly kills: number;
  readonly eventsPerSecond: number;
  readonly say?: (text: string) => void;
}

export interface KillResult {
  readonly kills: Readonly<Record<'server' | 'agent' | 'both', number>>;
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
  /** Ends that nobody asked for. */
  readonly crashes: number;
  readonly exitCodes: readonly (number | null)[];
  readonly tally: Tally;
  readonly evidence: readonly Evidence[];
  /** From the start of a killed process to its word that it works, ms. */
  readonly readyMs: readonly number[];
}

const WINDOWS = 12;
const AGENTS = ['agent-a', 'agent-b'];
/** Longer than a start takes, so that some kills fall into it and some into full work. */
const LATEST_KILL_MS = 6000;
/** Every so many kills everything is waited for and compared. */
const COMPARE_EVERY = 5;
const SETTLE_MS = 60_000;
/** Windows are open and calls are many. */
const BUSY_FROM_MS = Date.parse(`${DAY}T09:30:00+08:00`);

export async function runKills({ seed, kills, eventsPerSecond, say = () => {} }: KillOptions): Promise<KillResult> {
  const random = seeded(seed);
  const folder = await mkdtemp(path.join(tmpdir(), 'hall-kills-'));
  // After the day's last event, so that none of them lies in the future.
  const offsetMs = Math.round(Date.parse(`${DAY}T19:00:00+08:00`) - Date.now());
  const clock = systemClock({ offsetMs, speed: 1 });
  const free = demoContent({
    windows: WINDOWS,
    departments: 4,
    agents: AGENTS,
    boards: false,
    stripPorts: Array.from({ length: WINDOWS }, () => 0),
  });
  const { content, strips } = await openTestStrips(free, clock, 'tcp');
  const hall = await prepareProcesses({ folder, content, offsetMs });
  const { server, agents } = hall;
  const up = (one: ProductProcess | undefined) => one?.state === 'ready';
  const agentOf = new Map(content.devices.map(({ id, agent }) => [id, agent]));
  const judge = createJudge({
    clock,
    content,
    strips,
    hall: HALL,
    baseUrl: hall.baseUrl,
    secret: hall.secret,
    maxBatch: 20,
    cut: (device) => !up(server) || !up(agents.get(agentOf.get(device) ?? '')),
  });
  const load = new AbortController();
  try {
    for (const one of [server, ...agents.values()]) one.start();
    await Promise.all([server, ...agents.values()].map((one) => one.ready()));
    const { events } = createHallDay({ seed, content, day: DAY, tickets: 6000, source: SOURCE });
    const busyFrom = events.findIndex(({ atHallMs }) => atHallMs >= BUSY_FROM_MS);
    for (const { event } of events.slice(0, busyFrom)) judge.send(event);
    if (!(await judge.settled(SETTLE_MS))) throw new Error(`no even start: ${judge.differing().join(' ')}`);
    judge.checker.reset();
    const loading = keepSending(events.slice(busyFrom).map(({ event }) => event));

    const done = { server: 0, agent: 0, both: 0 };
    const readyMs: number[] = [];
    for (let kill = 1; kill <= kills; kill += 1) {
      await clock.machine.sleep(random() * LATEST_KILL_MS);
      const what = (['server', 'agent', 'both'] as const)[Math.floor(random() * 3)] ?? 'both';
      const agent = agents.get(AGENTS[Math.floor(random() * AGENTS.length)] ?? '');
      const all = [server, ...agents.values()];
      const victims = what === 'both' ? all : all.filter((one) => one === (what === 'server' ? server : agent));
      done[what] += 1;
      await Promise.all(victims.map((one) => one.kill()));
      judge.checker.look();
      for (const one of victims) {
        one.start();
        const beganMs = clock.machine.nowMs();
        one.ready().then(
          () => readyMs.push(clock.machine.nowMs() - beganMs),
          () => {},
        );
      }
      if (kill % COMPARE_EVERY !== 0 && kill !== kills) continue;
      await Promise.all([server, ...agents.values()].map((one) => one.ready()));
      const acked = judge.acknowledged.size;
      say(
        `${kill} kills, ${judge.sent.size} events sent, ${acked} acknowledged, wrong ${judge.checker.tally().wrong.toFixed(0)} ms`,
      );
    }
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
      kills: done,
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
      crashes: [server, ...agents.values()].reduce((sum, { crashes }) => sum + crashes, 0),
      exitCodes,
      tally,
      evidence: [...judge.evidence],
      readyMs,
    };
  } finally {
    load.abort();
    for (const one of [server, ...agents.values()]) await one.kill();
    await judge.close();
    await Promise.all([...strips.values()].map((strip) => strip.close()));
    await rm(folder, { recursive: true, force: true });
  }

  async function keepSending(events: readonly PlatformEvent[]): Promise<void> {
    const pauseMs = 1000 / eventsPerSecond;
    for (const event of events) {
      if (load.signal.aborted) return;
      judge.send(event);
      if (random() < 0.05) judge.send(event);
      await clock.machine.sleep(pauseMs, load.signal).catch(() => {});
    }
  }
}
