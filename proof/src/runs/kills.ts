/** Server, agents or all of them killed again and again at random points under load; then everything is counted. */
import { seeded } from '@hall/simulators';
import { openBusyHall, type Account } from './busy-hall.ts';

export interface KillOptions {
  readonly seed: number;
  readonly kills: number;
  readonly eventsPerSecond: number;
  readonly say?: (text: string) => void;
}

export interface KillResult extends Account {
  readonly kills: Readonly<Record<'server' | 'agent' | 'both', number>>;
  /** From the start of a killed process to its word that it works, ms. */
  readonly readyMs: readonly number[];
}

const WINDOWS = 12;
const AGENTS = ['agent-a', 'agent-b'];
/** Longer than a start takes, so that some kills fall into it and some into full work. */
const LATEST_KILL_MS = 6000;
/** Every so many kills everything is waited for and compared. */
const COMPARE_EVERY = 5;

export async function runKills({ seed, kills, eventsPerSecond, say = () => {} }: KillOptions): Promise<KillResult> {
  const random = seeded(seed);
  const busy = await openBusyHall({ seed, windows: WINDOWS, agents: AGENTS, eventsPerSecond });
  const { clock, hall, judge, processes } = busy;
  try {
    const done = { server: 0, agent: 0, both: 0 };
    const readyMs: number[] = [];
    for (let kill = 1; kill <= kills; kill += 1) {
      await clock.machine.sleep(random() * LATEST_KILL_MS);
      const what = (['server', 'agent', 'both'] as const)[Math.floor(random() * 3)] ?? 'both';
      const agent = hall.agents.get(AGENTS[Math.floor(random() * AGENTS.length)] ?? '');
      const victims = what === 'both' ? processes : processes.filter((one) => one === (what === 'server' ? hall.server : agent));
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
      await Promise.all(processes.map((one) => one.ready()));
      const acked = judge.acknowledged.size;
      say(
        `${kill} kills, ${judge.sent.size} events sent, ${acked} acknowledged, wrong ${judge.checker.tally().wrong.toFixed(0)} ms`,
      );
    }
    return { kills: done, readyMs, ...(await busy.account()) };
  } finally {
    await busy.close();
  }
}
