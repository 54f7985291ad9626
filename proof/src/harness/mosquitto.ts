/** Debian's mosquitto as the broker of a hall, with users and rules made from the topics the product declares. */
import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { writeFile } from 'node:fs/promises';
import path from 'node:path';
import { promisify } from 'node:util';
import { filterOf, topics, type TopicName } from '@hall/contracts';
import { freePort } from './free-port.ts';

const run = promisify(execFile);

export interface BrokerUser {
  readonly role: 'server' | 'agent' | 'platform';
  readonly id: string;
  readonly password: string;
}

/** What each role sends and hears, by the direction of a topic seen from the server. */
const sends = { server: ['down', 'out'], agent: ['up'], platform: ['in'] } as const;
const hears = { server: ['up', 'in'], agent: ['down'], platform: ['out'] } as const;

/** The password file (before hashing) and the rules file of mosquitto for these users of a hall. */
export function brokerFiles(hall: string, users: readonly BrokerUser[]): { readonly passwords: string; readonly rules: string } {
  const names = Object.keys(topics) as TopicName[];
  const rulesOf = ({ role, id }: BrokerUser): string => {
    const own: Record<string, string> = role === 'server' ? {} : { [role]: id };
    const lines = names.flatMap((name) => {
      const { direction } = topics[name];
      const filter = filterOf(name, { hall, ...own });
      const write = (sends[role] as readonly string[]).includes(direction);
      const read = (hears[role] as readonly string[]).includes(direction);
      return [...(write ? [`topic write ${filter}`] : []), ...(read ? [`topic read ${filter}`] : [])];
    });
    return [`user ${id}`, ...lines].join('\n');
  };
  return {
    passwords: users.map(({ id, password }) => `${id}:${password}\n`).join(''),
    rules: `${users.map(rulesOf).join('\n\n')}\n`,
  };
}

export interface Mosquitto {
  readonly url: string;
  /** The setting `mqtt.external` of a hall server. */
  readonly serverLink: { readonly url: string; readonly username: string; readonly passwordFile: string };
  /** Lets a user in. */
  admit(role: 'agent' | 'platform', id: string, password: string): Promise<void>;
  /** Ends the broker and starts an empty one on the same port. */
  restart(): Promise<void>;
  close(): Promise<void>;
}

interface BrokerProcess {
  reload(): Promise<void>;
  stop(): Promise<void>;
}

/** Resolves when the broker listens. */
async function startBroker(config: string): Promise<BrokerProcess> {
  const broker = spawn('mosquitto', ['-c', config], {
    stdio: ['ignore', 'ignore', 'pipe'],
    env: { ...process.env, PATH: `${process.env['PATH']}:/usr/sbin` },
  });
  let heard = '';
  let waiting: { readonly words: string; readonly resolve: () => void; readonly reject: (error: Error) => void } | undefined;
  const look = () => {
    if (waiting && heard.includes(waiting.words)) waiting.resolve();
  };
  broker.stderr.on('data', (chunk: Buffer) => {
    heard += chunk.toString();
    look();
  });
  broker.once('error', (error) => waiting?.reject(error));
  broker.once('exit', () => waiting?.reject(new Error(`mosquitto ended: ${heard}`)));
  const saying = (words: string) =>
    new Promise<void>((resolve, reject) => {
      waiting = { words, resolve, reject };
      look();
    });
  await saying(' running');
  return {
    reload: async () => {
      heard = '';
      const reloaded = saying('Reloading config');
      broker.kill('SIGHUP');
      await reloaded;
    },
    stop: async () => {
      if (broker.exitCode !== null || broker.signalCode !== null) return;
      const exited = once(broker, 'exit');
      broker.kill('SIGTERM');
      await exited;
    },
  };
}

/** Starts a broker of its own in the folder. Rejects if mosquitto is not installed. */
export async function startMosquitto(folder: string, hall: string): Promise<Mosquitto> {
  const at = (name: string) => path.join(folder, name);
  const serverPassword = 'server-of-the-test-hall';
  const users: BrokerUser[] = [{ role: 'server', id: 'server', password: serverPassword }];
  const write = async () => {
    const { passwords, rules } = brokerFiles(hall, users);
    await writeFile(at('mosquitto.passwords'), passwords, { mode: 0o600 });
    await run('mosquitto_passwd', ['-U', at('mosquitto.passwords')]);
    await writeFile(at('mosquitto.rules'), rules);
  };
  await write();
  await writeFile(at('server.mqtt-password'), serverPassword, { mode: 0o600 });
  const port = await freePort();
  await writeFile(
    at('mosquitto.conf'),
    [
      `listener ${port} 127.0.0.1`,
      'allow_anonymous false',
      `password_file ${at('mosquitto.passwords')}`,
      `acl_file ${at('mosquitto.rules')}`,
      'set_tcp_nodelay true',
      'persistence false',
      ...(process.getuid?.() === 0 ? ['user root'] : []),
      '',
    ].join('\n'),
  );
  let broker = await startBroker(at('mosquitto.conf'));
  const url = `mqtt://127.0.0.1:${port}`;
  return {
    url,
    serverLink: { url, username: 'server', passwordFile: at('server.mqtt-password') },
    admit: async (role, id, password) => {
      users.push({ role, id, password });
      await write();
      await broker.reload();
    },
    restart: async () => {
      await broker.stop();
      broker = await startBroker(at('mosquitto.conf'));
    },
    close: () => broker.stop(),
  };
}
