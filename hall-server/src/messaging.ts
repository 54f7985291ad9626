/** MQTT of a hall server: the broker inside the process, or the way to an external one, and the server's own client. */
import { randomUUID } from 'node:crypto';
import type { Clock } from '@hall/contracts';
import type { Logger } from 'pino';
import type { ServerConfig } from './config.ts';
import { mqttIntake } from './features/intake/mqtt-intake.ts';
import { credentialCheck } from './platform/credentials.ts';
import { createBroker, type Broker } from './platform/mqtt/broker.ts';
import { embeddedCarrier } from './platform/mqtt/embedded-carrier.ts';
import { externalCarrier } from './platform/mqtt/external-carrier.ts';
import { createLink, type Link, type LinkOptions } from './platform/mqtt/link.ts';
import { mqttSignIn } from './platform/mqtt/sign-in.ts';
import { refusalLog } from './platform/refusal-log.ts';
import type { ServerParts } from './services.ts';

export interface Messaging {
  /** Of the embedded or the external broker. */
  readonly url: string;
  /** Absent with an external one. */
  readonly broker?: Broker;
  readonly link: Link;
}

export interface MessagingOptions {
  readonly config: ServerConfig;
  readonly clock: Clock;
  readonly log: Logger;
  readonly parts: ServerParts;
  /** Takes what is to be called when the server closes; the last one is called first. */
  readonly onClose: (closer: () => Promise<void> | void) => void;
}

/** Starts the embedded broker unless another is configured, and connects to whichever there is. @throws HallError PORT_TAKEN. */
export async function startMessaging({ config, clock, log, parts, onClose }: MessagingOptions): Promise<Messaging> {
  const { hall } = config;
  const { writer, hub, agentStore, senders, intake } = parts;
  const { external } = config.mqtt;
  let link: Link | undefined;
  const platformEvents = mqttIntake({ hall, platforms: senders, intake, log, link: () => link });
  const told = refusalLog();

  const embed = () =>
    createBroker({
      ...config.mqtt,
      hall,
      machine: clock.machine,
      authenticate: mqttSignIn({
        hall,
        check: credentialCheck(),
        agentHash: (id) => agentStore.get(id)?.password_hash,
        platformHash: senders.mqttHash,
      }),
      platformEvents,
      refused: (act, { role, id }, topic) => {
        const times = told(`${act} ${role} ${id} ${topic}`);
        if (times === undefined) return;
        log.warn({ act, role, id, topic, times }, 'mqtt act refused');
        const entry = {
          person: 'system',
          action: `mqtt.${act}`,
          object: `${role} ${id}`,
          outcome: 'refused',
          details: { topic, times },
        };
        writer.call('audit.append', entry).catch((error: unknown) => log.warn({ error }, 'refusal not audited'));
      },
      framing: (fault, address) => {
        const times = told(`framing ${fault} ${address}`);
        if (times !== undefined) log.warn({ fault, address, times }, 'mqtt connection cut');
      },
    });
  const linkOver = async (carrier: LinkOptions['carrier']): Promise<Link> => {
    const { handlers, gen } = hub;
    link = await createLink({ carrier, hall, gen, epoch: randomUUID(), wall: clock.wall, log, handlers });
    onClose(() => link?.close());
    hub.attach(link);
    parts.island.attach(link);
    return link;
  };

  if (external) {
    return { url: external.url, link: await linkOver(externalCarrier({ hall, broker: external, log, platformEvents })) };
  }
  const broker = await embed();
  onClose(() => broker.close());
  return { url: broker.url, broker, link: await linkOver(embeddedCarrier(broker)) };
}
