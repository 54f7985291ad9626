/**
 * Debian's RabbitMQ as the broker of a hall: a node of its own with its own name, cookie, port mapper and data, all on loopback.
 * MQTT topics are routing keys with dots for slashes.
 */
import { createHash, randomBytes } from 'node:crypto';
import { readdirSync } from 'node:fs';
import { mkdir, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { freePort } from './free-port.ts';
import {
  brokerProcess,
  clientIdOf,
  INTRUDER,
  rightsOf,
  runBroker,
  SERVER,
  type BrokerUser,
  type OutsideBroker,
} from './outside-broker.ts';

const PACKAGES = '/usr/lib/rabbitmq/lib';
/** It wedges when descriptors run out, so it gets many. */
const DESCRIPTORS = 65_536;
const MANAGER = { username: 'manager', password: randomBytes(12).toString('hex') } as const;

const escaped = (text: string) => text.replaceAll(/[.*+?^${}()|[\]\\]/g, String.raw`\$&`);
/** A regular expression over routing keys that allows these filters; one that nothing matches for none. */
export const keysOf = (filters: readonly string[]): string =>
  filters.length === 0
    ? '^$'
    : `^(${filters
        .map((filter) =>
          filter
            .split('/')
            .map((level) => (level === '+' ? '[^.]+' : escaped(level)))
            .join(String.raw`\.`),
        )
        .join('|')})$`;

/** As RabbitMQ keeps passwords: salt, then SHA-256 over salt and password. */
function hashOf(password: string): string {
  const salt = randomBytes(4);
  const hash = createHash('sha256')
    .update(Buffer.concat([salt, Buffer.from(password)]))
    .digest();
  return Buffer.concat([salt, hash]).toString('base64');
}

/** Users, permissions and topic permissions of a hall, as RabbitMQ imports them. */
export function rabbitDefinitions(hall: string, users: readonly BrokerUser[]): object {
  const vhost = '/';
  const user = (name: string, password: string, tags: string[] = []) => ({
    name,
    password_hash: hashOf(password),
    hashing_algorithm: 'rabbit_password_hashing_sha256',
    tags,
    limits: {},
  });
  const all = { vhost, configure: '.*', write: '.*', read: '.*' };
  return {
    vhosts: [{ name: vhost }],
    users: [
      ...users.map(({ id, password }) => user(id, password)),
      user(INTRUDER.username, INTRUDER.password),
      user(MANAGER.username, MANAGER.password, ['administrator']),
    ],
    permissions: [
      ...users.map((one) => {
        const queue = `mqtt-subscription-${clientIdOf(hall, one)}(\\.[a-z0-9-]+)?qos[01]`;
        const touched = `^(amq\\.topic|${queue})$`;
        return { user: one.id, vhost, configure: `^${queue}$`, write: touched, read: touched };
      }),
      { user: INTRUDER.username, ...all },
      { user: MANAGER.username, ...all },
    ],
    topic_permissions: users.map((one) => {
      const { publish, subscribe } = rightsOf(hall, one);
      return { user: one.id, vhost, exchange: 'amq.topic', write: keysOf(publish), read: keysOf(subscribe) };
    }),
  };
}

interface Ports {
  readonly mqtt: number;
  readonly management: number;
  readonly epmd: number;
  readonly dist: number;
}

const configOf = (ports: Ports, definitions: string): string =>
  [
    'listeners.tcp = none',
    `mqtt.listeners.tcp.1 = 127.0.0.1:${ports.mqtt}`,
    'mqtt.allow_anonymous = false',
    'mqtt.tcp_listen_options.nodelay = true',
    'mqtt.prefetch = 1000',
    `management.tcp.ip = 127.0.0.1`,
    `management.tcp.port = ${ports.management}`,
    `definitions.import_backend = local_filesystem`,
    `definitions.local.path = ${definitions}`,
    'log.console = true',
    'log.console.level = info',
    'log.file = false',
    '',
  ].join('\n');

/** Starts a node of its own in the folder. Rejects if RabbitMQ is not installed. */
export async function startRabbitmq(folder: string, hall: string): Promise<OutsideBroker> {
  const version = readdirSync(PACKAGES)
    .map((name) => /^rabbitmq_server-(.+)$/.exec(name)?.[1])
    .find((found) => found !== undefined);
  if (version === undefined) throw new Error(`no RabbitMQ in ${PACKAGES}`);
  const at = (name: string) => path.join(folder, 'rabbitmq', name);
  await mkdir(at('.'), { recursive: true });
  const passwordFile = at('server.mqtt-password');
  await writeFile(passwordFile, SERVER.password, { mode: 0o600 });
  const ports: Ports = { mqtt: await freePort(), management: await freePort(), epmd: await freePort(), dist: await freePort() };
  await writeFile(at('rabbitmq.conf'), configOf(ports, at('definitions.json')));
  await writeFile(at('enabled_plugins'), '[rabbitmq_management,rabbitmq_mqtt].\n');
  const env = {
    HOME: at('.'),
    RABBITMQ_NODENAME: `hall${ports.mqtt}@localhost`,
    RABBITMQ_MNESIA_BASE: at('mnesia'),
    RABBITMQ_LOG_BASE: at('log'),
    RABBITMQ_CONFIG_FILE: at('rabbitmq.conf'),
    RABBITMQ_ENABLED_PLUGINS_FILE: at('enabled_plugins'),
    RABBITMQ_GENERATED_CONFIG_DIR: at('config'),
    RABBITMQ_DIST_PORT: String(ports.dist),
    RABBITMQ_SERVER_ADDITIONAL_ERL_ARGS: '-kernel inet_dist_use_interface {127,0,0,1}',
    // A test node has no business with more than two schedulers.
    RABBITMQ_SERVER_ERL_ARGS: '+S 2:2 +sbwt none',
    ERL_EPMD_PORT: String(ports.epmd),
    ERL_EPMD_ADDRESS: '127.0.0.1',
    RABBITMQ_CONF_ENV_FILE: '/dev/null',
  };
  const epmd = brokerProcess('epmd', ['-address', '127.0.0.1', '-port', String(ports.epmd), '-debug', '-debug']);
  await epmd.saying('entering the main select() loop');
  const manage = async (definitions: object): Promise<void> => {
    const login = Buffer.from(`${MANAGER.username}:${MANAGER.password}`).toString('base64');
    const reply = await fetch(`http://127.0.0.1:${ports.management}/api/definitions`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', authorization: `Basic ${login}` },
      body: JSON.stringify(definitions),
    });
    if (!reply.ok) throw new Error(`RabbitMQ does not take its definitions: ${reply.status} ${await reply.text()}`);
  };
  let written: object = {};
  return runBroker({
    name: 'rabbitmq',
    version,
    port: ports.mqtt,
    passwordFile,
    write: async (users) => {
      written = rabbitDefinitions(hall, users);
      await writeFile(at('definitions.json'), JSON.stringify(written), { mode: 0o600 });
    },
    begin: async (keepStore) => {
      if (!keepStore) await rm(at('mnesia'), { recursive: true, force: true });
      const server = path.join(PACKAGES, `rabbitmq_server-${version}`, 'sbin/rabbitmq-server');
      const broker = brokerProcess('sh', ['-c', `ulimit -n ${DESCRIPTORS} 2>/dev/null; exec "$0"`, server], env);
      await broker.saying('Server startup complete');
      return broker;
    },
    reload: () => manage(written),
    finish: () => epmd.end('SIGTERM'),
  });
}
