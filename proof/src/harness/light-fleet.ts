/** A thousand light agents in a process of their own, so that they are not the server's load; asked over the parent's channel. */
import { fork, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { connect } from 'node:net';
import { fileURLToPath } from 'node:url';
import { startLightAgent, type LightAgent } from './light-agent.ts';

export interface FleetOrder {
  readonly hall: string;
  readonly port: number;
  readonly agents: readonly { readonly id: string; readonly password: string }[];
}
export interface FleetState {
  readonly connects: number;
  readonly welcomed: number;
  readonly settled: number;
  readonly reported: number;
}

export interface LightFleet {
  state(): Promise<FleetState>;
  close(): Promise<void>;
}

const file = fileURLToPath(import.meta.url);

/** Starts the agents; they connect as fast as they can. */
export async function startLightFleet(order: FleetOrder): Promise<LightFleet> {
  const child: ChildProcess = fork(file, [], { execArgv: ['--conditions=@hall/source', '--import', 'tsx'] });
  child.send(order);
  return {
    state: async () => {
      const answered = once(child, 'message') as Promise<[FleetState]>;
      child.send('state');
      const [state] = await answered;
      return state;
    },
    close: async () => {
      const exited = once(child, 'exit');
      child.kill('SIGTERM');
      await exited;
    },
  };
}

if (process.argv[1] === file && process.send) {
  let agents: LightAgent[] = [];
  process.on('message', (message: FleetOrder | 'state') => {
    if (message !== 'state') {
      const { hall, port, agents: logins } = message;
      const dial = () => connect({ port, host: '127.0.0.1', noDelay: true });
      agents = logins.map(({ id, password }) => startLightAgent({ hall, id, password, dial }));
      return;
    }
    const count = (holds: (agent: LightAgent) => boolean) => agents.filter(holds).length;
    process.send?.({
      connects: agents.reduce((sum, { connects }) => sum + connects, 0),
      welcomed: count(({ welcomed }) => welcomed),
      settled: count(({ settled }) => settled),
      reported: count(({ applied }) => applied.size > 0),
    } satisfies FleetState);
  });
  process.once('disconnect', () => process.exit());
}
