/** Debian's mosquitto as the broker of a hall, with users and rules made from the topics the product declares. */
import { execFile } from 'node:child_process';
import { rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { promisify } from 'node:util';
import { MAX_PACKET_BYTES } from '@hall/contracts';
import { freePort } from './free-port.ts';
import { brokerProcess, INTRUDER, rightsOf, runBroker, SERVER, type BrokerUser, type OutsideBroker } from './outside-broker.ts';

const run = promisify(execFile);
const env = { ...process.env, PATH: `${process.env['PATH']}:/usr/sbin` };

/** The password file (before hashing) and the rules file of mosquitto for these users of a hall. */
export function brokerFiles(hall: string, users: readonly BrokerUser[]): { readonly passwords: string; readonly rules: string } {
  const rulesOf = (user: BrokerUser): string => {
    const { publish, subscribe } = rightsOf(hall, user);
    const lines = [...publish.map((filter) => `topic write ${filter}`), ...subscribe.map((filter) => `topic read ${filter}`)];
    return [`user ${user.id}`, ...lines].join('\n');
  };
  return {
    passwords: users.map(({ id, password }) => `${id}:${password}\n`).join(''),
    rules: `${users.map(rulesOf).join('\n\n')}\n`,
  };
}

/** Starts a broker of its own in the folder. Rejects if mosquitto is not installed. */
export async function startMosquitto(folder: string, hall: string): Promise<OutsideBroker> {
  const at = (name: string) => path.join(folder, name);
  const port = await freePort();
  const passwordFile = at('server.mqtt-password');
  await writeFile(passwordFile, SERVER.password, { mode: 0o600 });
  await writeFile(
    at('mosquitto.conf'),
    [
      `listener ${port} 127.0.0.1`,
      'allow_anonymous false',
      `password_file ${at('mosquitto.passwords')}`,
      `acl_file ${at('mosquitto.rules')}`,
      'set_tcp_nodelay true',
      `message_size_limit ${MAX_PACKET_BYTES}`,
      'max_queued_messages 10000',
      // As Debian configures it.
      'persistence true',
      `persistence_location ${at('')}`,
      ...(process.getuid?.() === 0 ? ['user root'] : []),
      '',
    ].join('\n'),
  );
  // It answers -h with an exit code of 3.
  const help = await run('mosquitto', ['-h'], { env }).catch((error: { stdout?: string }) => ({ stdout: error.stdout ?? '' }));
  return runBroker({
    name: 'mosquitto',
    version: /version (\S+)/.exec(help.stdout)?.[1] ?? 'unknown',
    port,
    passwordFile,
    write: async (users) => {
      const { passwords, rules } = brokerFiles(hall, users);
      await writeFile(at('mosquitto.passwords'), `${passwords}${INTRUDER.username}:${INTRUDER.password}\n`, { mode: 0o600 });
      await run('mosquitto_passwd', ['-U', at('mosquitto.passwords')], { env });
      await writeFile(at('mosquitto.rules'), `${rules}\nuser ${INTRUDER.username}\ntopic readwrite #\n`);
    },
    begin: async (keepStore) => {
      if (!keepStore) await rm(at('mosquitto.db'), { force: true });
      const broker = brokerProcess('mosquitto', ['-c', at('mosquitto.conf')]);
      await broker.saying(' running');
      return broker;
    },
    reload: async (broker) => {
      const reloaded = broker.saying('Reloading config');
      broker.signal('SIGHUP');
      await reloaded;
    },
  });
}
