/** Debian's nats-server as the broker of a hall: MQTT topics are subjects with dots for slashes, QoS 1 needs JetStream. */
import { execFile } from 'node:child_process';
import { rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { promisify } from 'node:util';
import { MAX_PACKET_BYTES } from '@hall/contracts';
import { freePort } from './free-port.ts';
import { brokerProcess, INTRUDER, rightsOf, runBroker, SERVER, type BrokerUser, type OutsideBroker } from './outside-broker.ts';

const run = promisify(execFile);
const env = { ...process.env, PATH: `${process.env['PATH']}:/usr/sbin` };

/** Ids have no dots, so a topic of ours and its subject stand for each other. */
export const subjectOf = (filter: string): string => filter.replaceAll('/', '.').replaceAll('+', '*');
/** Where the server hands QoS 1 messages to a client; every MQTT client must be allowed to hear it. */
const INBOX = '$MQTT.sub.>';

export interface NatsPlaces {
  readonly mqttPort: number;
  readonly natsPort: number;
  readonly store: string;
}

/** The configuration for these users of a hall. */
export function natsConfig(hall: string, users: readonly BrokerUser[], { mqttPort, natsPort, store }: NatsPlaces): string {
  const entries = users.map((user) => {
    const { publish, subscribe } = rightsOf(hall, user);
    const permissions = { publish: publish.map(subjectOf), subscribe: [...subscribe.map(subjectOf), INBOX] };
    return { user: user.id, password: user.password, permissions };
  });
  const intruder = { user: INTRUDER.username, password: INTRUDER.password };
  return JSON.stringify({
    server_name: 'hall',
    listen: `127.0.0.1:${natsPort}`,
    max_payload: MAX_PACKET_BYTES,
    // Counted for each subscription; all of a client together may not be more than 65,535, or it is refused the next one.
    mqtt: { listen: `127.0.0.1:${mqttPort}`, max_ack_pending: 2000 },
    jetstream: { store_dir: store },
    authorization: { users: [...entries, intruder] },
  });
}

/** Starts a broker of its own in the folder. Rejects if nats-server is not installed. */
export async function startNats(folder: string, hall: string): Promise<OutsideBroker> {
  const at = (name: string) => path.join(folder, name);
  const passwordFile = at('server.mqtt-password');
  await writeFile(passwordFile, SERVER.password, { mode: 0o600 });
  const places = { mqttPort: await freePort(), natsPort: await freePort(), store: at('jetstream') };
  const { stdout } = await run('nats-server', ['--version'], { env });
  return runBroker({
    name: 'nats',
    version: /: v(\S+)/.exec(stdout)?.[1] ?? 'unknown',
    port: places.mqttPort,
    passwordFile,
    write: (users) => writeFile(at('nats.conf'), natsConfig(hall, users, places), { mode: 0o600 }),
    begin: async (keepStore) => {
      if (!keepStore) await rm(places.store, { recursive: true, force: true });
      const broker = brokerProcess('nats-server', ['-c', at('nats.conf')]);
      await broker.saying('Server is ready');
      return broker;
    },
    // It names each option as it is read; only then it lets the new users in, and says this.
    reload: async (broker) => {
      const reloaded = broker.saying('Reloaded server configuration');
      broker.signal('SIGHUP');
      await reloaded;
    },
  });
}
