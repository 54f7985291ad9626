/** The way between server and agents cut without a word, losing packets, or slow: on a network of the kernel. */
import { openNetwork, type Network, type NetworkLink } from '@hall/fault-rig';
import { seeded } from '@hall/simulators';
import { followLatency } from '../harness/latency.ts';
import type { ServerPlace } from '../harness/processes.ts';
import { openBusyHall, type Account, type BusyHall } from './busy-hall.ts';

const AGENTS = ['agent-a', 'agent-b'];
const PLATFORM = 'platform';
const WINDOWS = 8;
const LOOK_MS = 20;
/** A cut that is not healed after this is counted as never, ms. */
const LONGEST_HEAL_MS = 60_000;

/** A hall whose server is on another machine of the kernel's. */
async function openFarHall(
  seed: number,
  eventsPerSecond: number,
  cut: (agent: string) => boolean,
): Promise<{ network: Network; linkOf: (agent: string) => NetworkLink; busy: BusyHall; close: () => Promise<void> }> {
  const network = await openNetwork([PLATFORM, ...AGENTS]);
  const linkOf = (name: string): NetworkLink => {
    const link = network.links.get(name);
    if (!link) throw new RangeError(`no link ${name}`);
    return link;
  };
  const place: ServerPlace = {
    inside: network.inside,
    platform: linkOf(PLATFORM).there,
    agent: (agent) => linkOf(agent).there,
  };
  try {
    const busy = await openBusyHall({ seed, windows: WINDOWS, agents: AGENTS, eventsPerSecond, place, cut });
    const close = async () => {
      await busy.close();
      await network.close();
    };
    return { network, linkOf, busy, close };
  } catch (error) {
    await network.close();
    throw error;
  }
}

/** Resolves with the ms until every strip of the agent has been right once; infinite if that takes too long. */
async function untilRight({ clock, content, judge }: BusyHall, agent: string): Promise<number> {
  const fromMs = clock.machine.nowMs();
  const left = new Set(content.devices.filter((device) => device.agent === agent).map(({ id }) => id));
  while (left.size > 0) {
    judge.checker.look(left);
    for (const id of left) if (judge.checker.verdict(id) === 'right') left.delete(id);
    if (clock.machine.nowMs() - fromMs > LONGEST_HEAL_MS) return Number.POSITIVE_INFINITY;
    if (left.size > 0) await clock.machine.sleep(LOOK_MS);
  }
  return clock.machine.nowMs() - fromMs;
}

export interface PartitionOptions {
  readonly seed: number;
  /** In all, shared among the agents, whose ways are cut apart from each other. */
  readonly cuts: number;
  /** How long a cut lasts, ms: at least and at most. */
  readonly lastsMs: readonly [number, number];
  readonly say?: (text: string) => void;
}

export interface PartitionResult {
  /** From the healed way to right strips, ms, one for each cut. */
  readonly healMs: readonly number[];
  readonly account: Account;
}

/** F16: partitions between the server and one agent at a time or both, under load; nobody is told of them. */
export async function runPartitions({ seed, cuts, lastsMs, say = () => {} }: PartitionOptions): Promise<PartitionResult> {
  const cutNow = new Set<string>();
  const { linkOf, busy, close } = await openFarHall(seed, 20, (agent) => cutNow.has(agent));
  try {
    const healMs: number[] = [];
    const [least, most] = lastsMs;
    const cutAgain = async (agent: string, at: number) => {
      const random = seeded(seed * 1000 + at);
      const share = Math.floor(cuts / AGENTS.length) + (at < cuts % AGENTS.length ? 1 : 0);
      for (let cut = 0; cut < share; cut += 1) {
        await busy.clock.machine.sleep(2000 + random() * 3000);
        const lengthMs = least + random() * (most - least);
        cutNow.add(agent);
        await linkOf(agent).down(true);
        await busy.clock.machine.sleep(lengthMs);
        await linkOf(agent).down(false);
        cutNow.delete(agent);
        const ms = await untilRight(busy, agent);
        healMs.push(ms);
        say(`${agent} cut for ${(lengthMs / 1000).toFixed(1)} s: right again after ${(ms / 1000).toFixed(2)} s`);
      }
    };
    await Promise.all(AGENTS.map(cutAgain));
    return { healMs, account: await busy.account() };
  } finally {
    await close();
  }
}

export interface LossResult {
  /** From an event's leaving the platform to its picture, ms. */
  readonly latencyMs: readonly number[];
  readonly account: Account;
}

/** F17 and F19: a way that loses packets, or is slow, for a while, under a load a hall has on its busiest day. */
export async function runWeakLink(options: {
  readonly seed: number;
  readonly forMs: number;
  weaken(link: NetworkLink): Promise<void>;
}): Promise<LossResult> {
  const { seed, forMs, weaken } = options;
  const { linkOf, busy, close } = await openFarHall(seed, 8, () => false);
  try {
    const latency = followLatency(busy.clock, busy.judge.truth, busy.strips.values());
    await Promise.all(AGENTS.map((agent) => weaken(linkOf(agent))));
    await busy.clock.machine.sleep(forMs);
    latency.stop();
    await Promise.all(AGENTS.map((agent) => linkOf(agent).clear()));
    return { latencyMs: latency.ms, account: await busy.account() };
  } finally {
    await close();
  }
}
