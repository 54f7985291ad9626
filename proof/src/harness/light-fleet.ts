/** A thousand light agents in a process of their own, so that they are not the server's load; asked over the parent's channel. */
import { fork, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { connect } from 'node:net';
import { fileURLToPath } from 'node:url';
import type { LiveField } from '@hall/contracts';
import { startLightAgent, type LightAgent, type Traffic } from './light-agent.ts';

export interface LightLogin {
  readonly id: string;
  readonly password: string;
}
export interface FleetOrder {
  readonly hall: string;
  readonly port: number;
  readonly agents: readonly LightLogin[];
  /** As `LightAgentOptions.talks`. */
  readonly talks?: boolean;
}
/** A change that an agent was told. */
export interface FleetHeard {
  /** Place of the agent in the order, from 0. */
  readonly agent: number;
  /** The changed fields as JSON. */
  readonly fields: string;
  /** `process.hrtime`, the same clock in every process, ms. */
  readonly atMs: number;
}
export interface FleetState {
  readonly connects: number;
  readonly welcomed: number;
  readonly settled: number;
  readonly reported: number;
  /** All agents together. */
  readonly traffic: Traffic;
}

export interface LightFleet {
  state(): Promise<FleetState>;
  /** More agents; their places follow those before. */
  join(agents: readonly LightLogin[]): void;
  /** Who is told of changes from now on; only in a fleet that talks. */
  listen(heard: (change: FleetHeard) => void): void;
  close(): Promise<void>;
}

type FromFleet = FleetState | FleetHeard;
const file = fileURLToPath(import.meta.url);

/** Starts the agents; they connect as fast as they can. */
export async function startLightFleet(order: FleetOrder): Promise<LightFleet> {
  const child: ChildProcess = fork(file, [], { execArgv: ['--conditions=@hall/source', '--import', 'tsx'] });
  let told: (state: FleetState) => void = () => {};
  let heard: (change: FleetHeard) => void = () => {};
  child.on('message', (message: FromFleet) => {
    if ('fields' in message) heard(message);
    else told(message);
  });
  child.send(order);
  return {
    state: () =>
      new Promise((resolve) => {
        told = resolve;
        child.send('state');
      }),
    join: (agents) => void child.send({ ...order, agents }),
    listen: (listener) => {
      heard = listener;
    },
    close: async () => {
      const exited = once(child, 'exit');
      child.kill('SIGTERM');
      await exited;
    },
  };
}

if (process.argv[1] === file && process.send) {
  const agents: LightAgent[] = [];
  process.on('message', (message: FleetOrder | 'state') => {
    if (message !== 'state') {
      const { hall, port, agents: logins, talks = false } = message;
      const dial = () => connect({ port, host: '127.0.0.1', noDelay: true });
      for (const login of logins) {
        const agent = agents.length;
        const onChanged = (fields: readonly LiveField[]) => {
          const atMs = Number(process.hrtime.bigint()) / 1e6;
          process.send?.({ agent, fields: JSON.stringify(fields), atMs } satisfies FleetHeard);
        };
        agents.push(startLightAgent({ hall, ...login, dial, ...(talks && { talks, onChanged }) }));
      }
      return;
    }
    const count = (holds: (agent: LightAgent) => boolean) => agents.filter(holds).length;
    const total = (of: (agent: LightAgent) => number) => agents.reduce((sum, agent) => sum + of(agent), 0);
    process.send?.({
      connects: total(({ connects }) => connects),
      welcomed: count(({ welcomed }) => welcomed),
      settled: count(({ settled }) => settled),
      reported: count(({ applied }) => applied.size > 0),
      traffic: { up: total(({ traffic }) => traffic.up), down: total(({ traffic }) => traffic.down) },
    } satisfies FleetState);
  });
  process.once('disconnect', () => process.exit());
}
