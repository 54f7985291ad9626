/** A hall of processes under load and a nemesis that mixes what kills, cables and devices can do; then everything is counted. */
import { runNemesis, type Fault, type FaultRecord } from '@hall/fault-rig';
import type { Cable } from '../harness/cable.ts';
import type { ProductProcess } from '../harness/processes.ts';
import type { TestStrip } from '../harness/strips.ts';
import { openBusyHall, type Account, type BusyHall } from './busy-hall.ts';

export interface NemesisRunOptions {
  readonly seed: number;
  readonly forMs: number;
  readonly say?: (text: string) => void;
}

export interface NemesisResult {
  /** Machine time of the start, ms: evidence is timed by it. */
  readonly startMs: number;
  readonly records: readonly FaultRecord[];
  readonly account: Account;
}

const WINDOWS = 12;
const AGENTS = ['agent-a', 'agent-b', 'agent-c'];
const EVENTS_PER_SECOND = 20;
const NAK = 3;

type Random = () => number;

const picked = <T>(all: readonly T[], random: Random): T => {
  const one = all[Math.floor(random() * all.length)];
  if (one === undefined) throw new RangeError('there is nothing to pick from');
  return one;
};

/** What is cut now, by name; something may be cut by several faults at once. */
export interface Cuts {
  readonly begin: (name: string) => () => void;
  readonly has: (name: string) => boolean;
}

export function createCuts(): Cuts {
  const now = new Map<string, number>();
  return {
    begin(name) {
      now.set(name, (now.get(name) ?? 0) + 1);
      return () => now.set(name, (now.get(name) ?? 1) - 1);
    },
    has: (name) => (now.get(name) ?? 0) > 0,
  };
}

function signal(pid: number | undefined, name: 'SIGSTOP' | 'SIGCONT'): void {
  if (pid === undefined) return;
  try {
    process.kill(pid, name);
  } catch {
    // It was killed meanwhile.
  }
}

/** Killed at once, and started again when the fault ends. */
const killing = (name: string, victims: (random: Random) => readonly ProductProcess[], weight = 1): Fault => ({
  name,
  weight,
  lastsMs: [0, 3000],
  async begin(random) {
    const all = victims(random);
    await Promise.all(all.map((one) => one.kill()));
    return async () => {
      for (const one of all) if (one.state === 'down') one.start();
    };
  },
});

/** F40: a process that stands still and goes on, as a machine does that sleeps or swaps. */
const standingStill = (name: string, victim: (random: Random) => ProductProcess, cuts: Cuts): Fault => ({
  name,
  lastsMs: [1000, 12_000],
  begin(random) {
    const one = victim(random);
    const { pid } = one;
    const end = cuts.begin(one.name);
    signal(pid, 'SIGSTOP');
    return async () => {
      if (one.pid === pid) signal(pid, 'SIGCONT');
      end();
    };
  },
});

const onCable = (name: string, hall: BusyHall, cuts: Cuts, begin: (cable: Cable) => () => void): Fault => ({
  name,
  lastsMs: [1000, 40_000],
  begin(random) {
    const [agent, cable] = picked([...hall.hall.cables], random);
    const over = cuts.begin(agent);
    const end = begin(cable);
    return async () => {
      end();
      over();
    };
  },
});

const onCard = (name: string, hall: BusyHall, cuts: Cuts, begin: (card: TestStrip) => () => void): Fault => ({
  name,
  weight: 1.5,
  lastsMs: [500, 15_000],
  begin(random) {
    const card = picked([...hall.strips.values()], random);
    const over = cuts.begin(card.id);
    const end = begin(card);
    return async () => {
      end();
      over();
    };
  },
});

/** What can happen to this hall. What each meets is decided by random numbers of its own. */
export function faultsOf(hall: BusyHall, cuts: Cuts): readonly Fault[] {
  const { server, agents } = hall.hall;
  const agent = (random: Random) => picked([...agents.values()], random);
  const cable = (name: string, begin: (cable: Cable) => () => void) => onCable(name, hall, cuts, begin);
  const card = (name: string, begin: (card: TestStrip) => () => void) => onCard(name, hall, cuts, begin);
  return [
    killing('server killed', () => [server]),
    killing('agent killed', (random) => [agent(random)]),
    killing('all killed', () => hall.processes, 0.3),
    standingStill('server stands still', () => server, cuts),
    standingStill('agent stands still', agent, cuts),
    cable('agent unplugged', (one) => {
      one.unplug(true);
      return () => one.unplug(false);
    }),
    cable('agent half open', (one) => {
      one.faults.set('both', { lost: true });
      return () => {
        one.faults.set('both', { lost: false });
        // Bytes of a stream are missing for ever; a kernel would have broken such a connection.
        one.reset();
      };
    }),
    cable('agent delayed', (one) => {
      one.faults.set('both', { delayMs: 300 });
      return () => one.faults.set('both', { delayMs: 0 });
    }),
    cable('agent dribbles', (one) => {
      one.faults.set('down', { dribbleMs: 1 });
      return () => one.faults.set('down', { dribbleMs: undefined });
    }),
    cable('connection reset', (one) => {
      one.reset();
      return () => {};
    }),
    card('strip unplugged', (one) => {
      one.unplug(true);
      return () => one.unplug(false);
    }),
    card('card without power', ({ simulator }) => {
      simulator.power(false);
      return () => simulator.power(true);
    }),
    card('card deaf and silent', ({ simulator: { faults } }) => {
      Object.assign(faults, { deaf: true, silence: true });
      return () => void Object.assign(faults, { deaf: false, silence: false });
    }),
    card('card refuses', ({ simulator: { faults } }) => {
      faults.nakStorm = NAK;
      return () => void (faults.nakStorm = undefined);
    }),
    card('answers damaged', ({ simulator: { faults } }) => {
      faults.corruptAnswers = 0.2;
      return () => void (faults.corruptAnswers = 0);
    }),
    card('answers slow', ({ simulator: { faults } }) => {
      Object.assign(faults, { slowMs: 900, split: true });
      return () => void Object.assign(faults, { slowMs: 0, split: false });
    }),
    card('echo', ({ simulator: { faults } }) => {
      faults.echo = true;
      return () => void (faults.echo = false);
    }),
  ];
}

/** F48 for what there is: the same seed begins the same faults at the same moments. */
export async function runNemesisHall({ seed, forMs, say = () => {} }: NemesisRunOptions): Promise<NemesisResult> {
  const cuts = createCuts();
  const busy = await openBusyHall({
    seed,
    windows: WINDOWS,
    agents: AGENTS,
    eventsPerSecond: EVENTS_PER_SECOND,
    cut: (agent, device) => cuts.has('server') || cuts.has(agent) || cuts.has(device),
  });
  try {
    const startMs = busy.clock.machine.nowMs();
    const records = await runNemesis({
      seed,
      faults: faultsOf(busy, cuts),
      clock: busy.clock,
      together: 4,
      everyMs: [500, 4000],
      forMs,
      say: ({ atMs, fault, what }) => say(`${(atMs / 1000).toFixed(1)} s: ${fault} ${what}`),
    });
    for (const one of busy.processes) if (one.state === 'down') one.start();
    await Promise.all(busy.processes.map((one) => one.ready()));
    return { startMs, records, account: await busy.account() };
  } finally {
    await busy.close();
  }
}
