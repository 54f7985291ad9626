/** A thousand light agents in a process of their own, so that they are not the server's load; asked over the parent's channel. */
import { fork, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { connect } from 'node:net';
import { connect as connectTls } from 'node:tls';
import { fileURLToPath } from 'node:url';
import { systemClock, type LiveField } from '@hall/contracts';
import { startLightAgent, type LightAgent, type LightAgentOptions, type Traffic } from './light-agent.ts';

export interface FleetOrder {
  readonly hall: string;
  readonly port: number;
  readonly agents: readonly LightIdentity[];
  /** Each agent makes a fact this often, ms. */
  readonly recordEveryMs?: number;
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
  /** All agents together. */
  readonly traffic: Traffic;
}

export interface LightFleet {
  state(): Promise<FleetState>;
  /** No more facts are made from now on. */
  quiet(): void;
  /** More agents; their places follow those before. */
  join(agents: readonly LightIdentity[]): void;
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
    quiet: () => void child.send('quiet'),
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
  const silence = new AbortController();
  const dialOf = (identity: LightIdentity, port: number): Pick<LightAgentOptions, 'password' | 'dial' | 'ready'> => {
    const place = { port, host: '127.0.0.1' };
    if ('password' in identity) return { password: identity.password, dial: () => connect({ ...place, noDelay: true }) };
    const { key, cert, ca } = identity;
    return { dial: () => connectTls({ ...place, key, cert, ca }).setNoDelay(true), ready: 'secureConnect' };
  };
  const start = async ({ hall, port, agents: identities, recordEveryMs, talks = false }: FleetOrder): Promise<void> => {
    for (const identity of identities) {
      const agent = agents.length;
      const onChanged = (fields: readonly LiveField[]) => {
        const atMs = Number(process.hrtime.bigint()) / 1e6;
        process.send?.({ agent, fields: JSON.stringify(fields), atMs } satisfies FleetHeard);
      };
      const more = talks ? { talks, onChanged } : {};
      agents.push(startLightAgent({ hall, id: identity.id, ...dialOf(identity, port), ...more }));
    }
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
    const total = (of: (agent: LightAgent) => number) => agents.reduce((sum, agent) => sum + of(agent), 0);
    process.send?.({
      connects: total(({ connects }) => connects),
      welcomed: count(({ welcomed }) => welcomed),
      settled: count(({ settled }) => settled),
      reported: count(({ applied }) => applied.size > 0),
      made: total(({ records }) => records.made),
      waiting: total(({ records }) => records.waiting),
      traffic: { up: total(({ traffic }) => traffic.up), down: total(({ traffic }) => traffic.down) },
    } satisfies FleetState);
  });
  process.once('disconnect', () => process.exit());
}
