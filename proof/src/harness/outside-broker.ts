/** A broker of somebody else as a process that the tests start and end: what all of them have in common. */
import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { filterOf, topics, type TopicName } from '@hall/contracts';

export const outsideBrokers = ['mosquitto', 'rabbitmq', 'nats'] as const;
export type OutsideName = (typeof outsideBrokers)[number];
export type BrokerName = 'embedded' | OutsideName;
export const brokerNames: readonly BrokerName[] = ['embedded', ...outsideBrokers];

export interface BrokerUser {
  readonly role: 'server' | 'agent' | 'platform';
  readonly id: string;
  readonly password: string;
}

/** Somebody who may say and hear everything: what the rules of the broker do not keep out, the product must. */
export const INTRUDER = { username: 'intruder', password: 'intruder-of-the-test-hall' } as const;
export const SERVER = { username: 'server', password: 'server-of-the-test-hall' } as const;

export interface OutsideBroker {
  readonly name: BrokerName;
  /** As the program says it. */
  readonly version: string;
  readonly url: string;
  /** The setting `mqtt.external` of a hall server. */
  readonly serverLink: { readonly url: string; readonly username: string; readonly passwordFile: string };
  readonly pid: number | undefined;
  /** Lets a user in. */
  admit(role: 'agent' | 'platform', id: string, password: string): Promise<void>;
  /** The same for many at once. */
  admitAll(users: readonly BrokerUser[]): Promise<void>;
  /** SIGKILL; resolves when it is gone. */
  kill(): Promise<void>;
  /** Starts one on the same port, once the former is gone, empty unless it is to keep its store; resolves when it listens. */
  start(options?: { readonly keepStore: boolean }): Promise<void>;
  /** Ends the broker in peace and starts an empty one on the same port. */
  restart(): Promise<void>;
  close(): Promise<void>;
}

/** What each role sends and hears, by the direction of a topic seen from the server. */
const sends = { server: ['down', 'out'], agent: ['up'], platform: ['in'] } as const;
const hears = { server: ['up', 'in'], agent: ['down'], platform: ['out'] } as const;

export interface Rights {
  /** Topic filters of MQTT. */
  readonly publish: readonly string[];
  readonly subscribe: readonly string[];
}

/** What a user of a hall may publish and subscribe, from the topics that the product declares. */
export function rightsOf(hall: string, { role, id }: Pick<BrokerUser, 'role' | 'id'>): Rights {
  const own: Record<string, string> = role === 'server' ? {} : { [role]: id };
  const of = (directions: readonly string[]) =>
    (Object.keys(topics) as TopicName[])
      .filter((name) => directions.includes(topics[name].direction))
      .map((name) => filterOf(name, { hall, ...own }));
  return { publish: of(sends[role]), subscribe: of(hears[role]) };
}

/** The client id of a user: for the server, as the product connects. */
export const clientIdOf = (hall: string, { role, id }: Pick<BrokerUser, 'role' | 'id'>): string =>
  role === 'server' ? `server-${hall}` : id;

export interface BrokerProcess {
  readonly pid: number | undefined;
  /** Resolves when the words are said from now on; rejects when the process ends first. */
  saying(words: string): Promise<void>;
  signal(signal: NodeJS.Signals): void;
  /** Ends it; resolves when it and its children are gone. */
  end(signal: 'SIGTERM' | 'SIGKILL'): Promise<void>;
}

/** The end of what a broker said, for the message of an error. */
const MOST_HEARD = 20_000;

/** Ends the whole group when the other end of the pipe at descriptor 3 is gone: nobody leaves a broker behind, not even a killed test. */
const WATCHED = '(cat <&3 >/dev/null 2>&1; kill -KILL 0) & exec 3<&-; exec "$@"';

/** A process in a group of its own, so that its children end with it, and with whoever started it. */
export function brokerProcess(
  command: string,
  args: readonly string[],
  env: Readonly<Record<string, string>> = {},
  cwd?: string,
): BrokerProcess {
  const child: ChildProcess = spawn('sh', ['-c', WATCHED, 'sh', command, ...args], {
    stdio: ['ignore', 'pipe', 'pipe', 'pipe'],
    detached: true,
    ...(cwd === undefined ? {} : { cwd }),
    env: { ...process.env, PATH: `${process.env['PATH']}:/usr/sbin`, ...env },
  });
  let heard = '';
  const waiting = new Set<{ readonly words: string; readonly resolve: () => void; readonly reject: (error: Error) => void }>();
  const fail = (error: Error) => {
    for (const one of waiting) one.reject(error);
    waiting.clear();
  };
  const hear = (chunk: Buffer) => {
    heard = (heard + chunk.toString()).slice(-MOST_HEARD);
    for (const one of waiting) {
      if (!heard.includes(one.words)) continue;
      waiting.delete(one);
      one.resolve();
    }
  };
  child.stdout?.on('data', hear);
  child.stderr?.on('data', hear);
  child.once('error', fail);
  child.once('exit', () => fail(new Error(`${command} ended: ${heard.slice(-2000)}`)));
  const send = (signal: NodeJS.Signals) => {
    try {
      if (child.pid !== undefined) process.kill(-child.pid, signal);
    } catch {
      // The group is gone already.
    }
  };
  return {
    pid: child.pid,
    saying: (words) => {
      heard = '';
      return new Promise((resolve, reject) => {
        waiting.add({ words, resolve, reject });
        if (child.exitCode !== null || child.signalCode !== null) fail(new Error(`${command} has ended`));
      });
    },
    signal: (signal) => void child.kill(signal),
    end: async (signal) => {
      if (child.pid !== undefined && child.exitCode === null && child.signalCode === null) {
        const exited = once(child, 'exit');
        send(signal);
        await exited;
      }
      send('SIGKILL');
    },
  };
}

/** How one kind of broker is run; the rest is the same for all. */
export interface BrokerKind {
  readonly name: BrokerName;
  readonly version: string;
  readonly port: number;
  readonly passwordFile: string;
  /** Writes the configuration for these users. */
  write(users: readonly BrokerUser[]): Promise<void>;
  /** Starts it, with an empty store unless that is to be kept; resolves when it listens. */
  begin(keepStore: boolean): Promise<BrokerProcess>;
  /** Makes a running one take the users that were written last. */
  reload(running: BrokerProcess): Promise<void>;
  /** After the broker itself is gone for good. */
  finish?(): Promise<void>;
}

/** Runs a broker of this kind. */
export async function runBroker(kind: BrokerKind): Promise<OutsideBroker> {
  let users: readonly BrokerUser[] = [{ role: 'server', id: SERVER.username, password: SERVER.password }];
  await kind.write(users);
  let running = await kind.begin(false);
  const url = `mqtt://127.0.0.1:${kind.port}`;
  const admitAll = async (more: readonly BrokerUser[]): Promise<void> => {
    const given = new Set(more.map(({ role, id }) => `${role} ${id}`));
    users = [...users.filter(({ role, id }) => !given.has(`${role} ${id}`)), ...more];
    await kind.write(users);
    await kind.reload(running);
  };
  return {
    name: kind.name,
    version: kind.version,
    url,
    serverLink: { url, username: SERVER.username, passwordFile: kind.passwordFile },
    get pid() {
      return running.pid;
    },
    admit: (role, id, password) => admitAll([{ role, id, password }]),
    admitAll,
    kill: () => running.end('SIGKILL'),
    start: async ({ keepStore } = { keepStore: false }) => {
      running = await kind.begin(keepStore);
    },
    restart: async () => {
      await running.end('SIGTERM');
      running = await kind.begin(false);
    },
    close: async () => {
      await running.end('SIGTERM');
      await kind.finish?.();
    },
  };
}
