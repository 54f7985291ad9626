/** A thousand light agents in a process of their own, so that they are not the server's load; asked over the parent's channel. */
import { fork, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { connect } from 'node:net';
import type { Duplex } from 'node:stream';
import { connect as connectTls } from 'node:tls';
import { fileURLToPath } from 'node:url';
import { systemClock } from '@hall/contracts';
import { startLightAgent, type LightAgent } from './light-agent.ts';

export interface FleetOrder {
  readonly hall: string;
  readonly port: number;
  readonly agents: readonly LightIdentity[];
  /** Each agent makes a fact this often, ms. */
  readonly recordEveryMs?: number;
}
/** How an agent signs in: with a password over TCP, or over TLS with a certificate, judging the server by `ca`. PEM. */
export type LightIdentity = { readonly id: string } & (
  | { readonly password: string }
  | { readonly key: string; readonly cert: string; readonly ca: string }
);
export interface FleetState {
  readonly connects: number;
  readonly welcomed: number;
  readonly settled: number;
  readonly reported: number;
  /** Facts made, and those not yet acknowledged. */
  readonly made: number;
  readonly waiting: number;
}

export interface LightFleet {
  state(): Promise<FleetState>;
  /** No more facts are made from now on. */
  quiet(): void;
  close(): Promise<void>;
}

const file = fileURLToPath(import.meta.url);

/** Starts the agents; they connect as fast as they can. */
export async function startLightFleet(order: FleetOrder): Promise<LightFleet> {
  const child: ChildProcess = fork(file, [], { execArgv: ['--conditions=@hall/source', '--import', 'tsx'] });
  child.send(order);
  return {
    quiet: () => void child.send('quiet'),
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
  const silence = new AbortController();
  const start = async ({ hall, port, agents: identities, recordEveryMs }: FleetOrder): Promise<void> => {
    const place = { port, host: '127.0.0.1' };
    agents = identities.map(({ id, ...secret }) => {
      if ('password' in secret) {
        const dial = () => connect({ ...place, noDelay: true });
        return startLightAgent({ hall, id, password: secret.password, dial });
      }
      const dial = (): Duplex => connectTls({ ...place, ...secret }).setNoDelay(true);
      return startLightAgent({ hall, id, dial, ready: 'secureConnect' });
    });
    if (recordEveryMs === undefined) return;
    const { machine } = systemClock();
    while (!silence.signal.aborted) {
      for (const agent of agents) agent.record();
      await machine.sleep(recordEveryMs, silence.signal).catch(() => {});
    }
  };
  process.on('message', (message: FleetOrder | 'state' | 'quiet') => {
    if (message === 'quiet') return silence.abort();
    if (message !== 'state') return void start(message);
    const count = (holds: (agent: LightAgent) => boolean) => agents.filter(holds).length;
    process.send?.({
      connects: agents.reduce((sum, { connects }) => sum + connects, 0),
      welcomed: count(({ welcomed }) => welcomed),
      settled: count(({ settled }) => settled),
      reported: count(({ applied }) => applied.size > 0),
      made: agents.reduce((sum, { records }) => sum + records.made, 0),
      waiting: agents.reduce((sum, { records }) => sum + records.waiting, 0),
    } satisfies FleetState);
  });
  process.once('disconnect', () => process.exit());
}
