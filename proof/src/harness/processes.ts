/** Server and agents as processes of their own, set up with the product's own commands, so that they can be killed. */
import { execFile, spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { writeFile } from 'node:fs/promises';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import type { HallContent } from '@hall/contracts';
import { openCable, type Cable } from './cable.ts';
import { chosenBroker, startBroker } from './brokers.ts';
import { freePort } from './free-port.ts';
import { HALL, PLATFORM, SOURCE } from './hall.ts';
import { createMessages, type Messages, type SeenMessage } from './messages.ts';
import type { BrokerName, OutsideBroker } from './outside-broker.ts';

const run = promisify(execFile);
const root = fileURLToPath(new URL('../../../', import.meta.url));
const fromSource = ['--conditions=@hall/source', '--import', 'tsx'];
const SERVER = 'hall-server/src/main.ts';
const AGENT = 'edge-agent/src/main.ts';
const MOST_OUTPUT = 4000;
const MOST_LAST_WORDS = 1500;

export type ProcessState = 'down' | 'starting' | 'ready';

/** One process of the product. */
export interface ProductProcess {
  readonly name: string;
  readonly state: ProcessState;
  readonly pid: number | undefined;
  /** What it said last, each time that it ended without having been told to. */
  readonly crashes: readonly string[];
  /** The end of what it printed. */
  readonly output: string;
  /** Starts it; does not wait. */
  start(): void;
  /** Resolves when it says that it works; rejects if it ends instead. */
  ready(): Promise<void>;
  /** SIGKILL; resolves when it is gone. */
  kill(): Promise<void>;
  /** SIGTERM; resolves with the exit code. */
  stop(): Promise<number | null>;
}

/** A run that is broken off leaves no process behind. */
const living = new Set<ChildProcess>();
process.once('exit', () => {
  for (const one of living) one.kill('SIGKILL');
});

interface ProcessOptions {
  readonly name: string;
  readonly args: readonly string[];
  /** Words before the command, e.g. of the namespace it runs in. */
  readonly inside?: readonly string[];
  readonly readyWords: string;
  readonly env?: Readonly<Record<string, string>>;
}

export function productProcess({ name, args, inside = [], readyWords, env = {} }: ProcessOptions): ProductProcess {
  let child: ChildProcess | undefined;
  let state: ProcessState = 'down';
  let output = '';
  const crashes: string[] = [];
  let told = false;
  let waiting: Array<{ resolve: () => void; reject: (error: Error) => void }> = [];
  const end = async (signal: 'SIGKILL' | 'SIGTERM'): Promise<number | null> => {
    const ending = child;
    if (!ending || ending.exitCode !== null || ending.signalCode !== null) return ending?.exitCode ?? null;
    told = true;
    const exited = once(ending, 'exit');
    ending.kill(signal);
    await exited;
    return ending.exitCode;
  };
  return {
    name,
    get state() {
      return state;
    },
    get pid() {
      return child?.pid;
    },
    crashes,
    get output() {
      return output;
    },
    start() {
      told = false;
      state = 'starting';
      let heard = '';
      const started = spawn('env', [...inside, process.execPath, ...fromSource, ...args], {
        cwd: root,
        stdio: ['ignore', 'pipe', 'pipe'],
        env: { ...process.env, ...env },
      });
      child = started;
      living.add(started);
      const hear = (chunk: Buffer) => {
        output = (output + chunk.toString()).slice(-MOST_OUTPUT);
        if (state !== 'starting' || child !== started) return;
        heard += chunk.toString();
        if (!heard.includes(readyWords)) return;
        state = 'ready';
        for (const { resolve } of waiting.splice(0)) resolve();
      };
      started.stdout.on('data', hear);
      started.stderr.on('data', hear);
      started.once('exit', (code, signal) => {
        living.delete(started);
        if (child !== started) return;
        state = 'down';
        if (!told) crashes.push(`${name} ended (${code ?? signal}): ${output.slice(-MOST_LAST_WORDS)}`);
        for (const { reject } of waiting.splice(0)) reject(new Error(`${name} ended (${code ?? signal}): ${output}`));
      });
    },
    ready: () =>
      state === 'ready'
        ? Promise.resolve()
        : new Promise((resolve, reject) => {
            waiting.push({ resolve, reject });
          }),
    kill: async () => {
      waiting = [];
      await end('SIGKILL');
    },
    stop: () => end('SIGTERM'),
  };
}

export interface ProcessHall {
  readonly server: ProductProcess;
  readonly agents: ReadonlyMap<string, ProductProcess>;
  readonly baseUrl: string;
  readonly mqttPort: number;
  /** Where it was asked for. */
  readonly mqttsPort: number | undefined;
  readonly secret: string;
  readonly mqttPassword: string;
  /** The broker, where it is a process of its own; it runs already. */
  readonly broker: OutsideBroker | undefined;
  /** The server's database. */
  readonly database: string;
  /** The network cable between an agent and the broker, by agent; none where the server is on another machine. */
  readonly cables: ReadonlyMap<string, Cable>;
  /** Every MQTT message between the agents and the broker, and every last will they left with it. */
  readonly messages: Messages;
  /** Ends what runs; answers the exit codes by name. Rejects if a message was not as the AsyncAPI document says. */
  close(): Promise<ReadonlyMap<string, number | null>>;
}

export interface ProcessHallOptions {
  readonly folder: string;
  readonly content: HallContent;
  /** Added to the wall clock, ms. */
  readonly offsetMs: number;
  /** Default: as chosen for the whole suite, or embedded. */
  readonly broker?: BrokerName;
  /** For the server process alone, and for the agents alone; read at every start. */
  readonly serverEnv?: Readonly<Record<string, string>>;
  readonly agentEnv?: Readonly<Record<string, string>>;
  /** Looks at every message between the agents and the broker. */
  readonly see?: (message: SeenMessage) => void;
  /** The embedded broker listens for TLS too. */
  readonly mqtts?: boolean;
  /** Where the server runs if not beside everything else. Its messages are not looked at then. */
  readonly place?: ServerPlace;
}

/** Another machine for the server, as it is reached. */
export interface ServerPlace {
  /** Words before the command that start it there. */
  readonly inside: readonly string[];
  /** Its address for the platform. */
  readonly platform: string;
  /** Its address for an agent. */
  agent(agent: string): string;
}

/** Writes configurations, content and credentials with the product's commands. Nothing runs yet. */
export async function prepareProcesses(options: ProcessHallOptions): Promise<ProcessHall> {
  const { folder, content, offsetMs, place } = options;
  const listen = place === undefined ? {} : { host: '0.0.0.0' };
  const at = (name: string) => path.join(folder, name);
  const write = (name: string, value: unknown) => writeFile(at(name), JSON.stringify(value), { mode: 0o600 });
  const broker = await startBroker(options.broker ?? chosenBroker() ?? 'embedded', folder, HALL);
  const http = await freePort();
  const mqtts = options.mqtts ? await freePort() : undefined;
  const mqtt = broker ? Number(new URL(broker.url).port) : await freePort();
  await write('server.json', {
    hall: HALL,
    data: at('server'),
    http: { ...listen, port: http },
    mqtt: broker ? { external: broker.serverLink } : { ...listen, port: mqtt },
    ...(mqtts === undefined ? {} : { mqtts: { ...listen, port: mqtts } }),
    simulation: { offsetMs, speed: 1 },
    ballastMb: 0,
    log: 'warn',
  });
  await write('content.json', content);
  const command = async (...words: string[]): Promise<Record<string, unknown>> => {
    const { stdout } = await run(process.execPath, [...fromSource, SERVER, ...words, '-c', at('server.json'), '--json'], {
      cwd: root,
    });
    return JSON.parse(stdout) as Record<string, unknown>;
  };
  await command('content', 'import', '--file', at('content.json'));
  const messages = createMessages(options.see === undefined ? {} : { also: options.see });
  const cables = new Map<string, Cable>();
  const platform = await command('platform', 'add', PLATFORM, '--source', SOURCE);
  await broker?.admit('platform', PLATFORM, String(platform['mqttPassword']));
  const server = productProcess({
    name: 'server',
    args: [SERVER, 'start', '-c', at('server.json')],
    ...(place === undefined ? {} : { inside: place.inside }),
    readyWords: 'MQTT: mqtt://',
    ...(options.serverEnv === undefined ? {} : { env: options.serverEnv }),
  });
  const agents = new Map<string, ProductProcess>();
  for (const agent of new Set(content.devices.map((device) => device.agent))) {
    const { password } = await command('agent', 'add', agent);
    let url = `mqtt://${place?.agent(agent)}:${mqtt}`;
    if (place === undefined) {
      const cable = await openCable({ target: () => ({ host: '127.0.0.1', port: mqtt }), see: messages.see });
      cables.set(agent, cable);
      url = `mqtt://127.0.0.1:${cable.port}`;
    }
    await broker?.admit('agent', agent, String(password));
    await writeFile(at(`${agent}.password`), String(password), { mode: 0o600 });
    await write(`${agent}.json`, {
      hall: HALL,
      agent,
      server: { url, passwordFile: at(`${agent}.password`) },
      data: at(agent),
      kiosk: { port: 0 },
      log: 'info',
    });
    agents.set(
      agent,
      productProcess({
        name: agent,
        args: [AGENT, 'start', '--config', at(`${agent}.json`)],
        readyWords: '"agent started"',
        ...(options.agentEnv === undefined ? {} : { env: options.agentEnv }),
      }),
    );
  }
  return {
    server,
    agents,
    cables,
    baseUrl: `http://${place?.platform ?? '127.0.0.1'}:${http}`,
    mqttPort: mqtt,
    mqttsPort: mqtts,
    secret: String(platform['secret']),
    mqttPassword: String(platform['mqttPassword']),
    broker,
    database: path.join(at('server'), 'hall.db'),
    messages,
    close: async () => {
      const codes = new Map<string, number | null>();
      for (const one of [...agents.values(), server]) codes.set(one.name, await one.stop());
      for (const cable of cables.values()) await cable.close();
      await broker?.close();
      messages.verify();
      return codes;
    },
  };
}
