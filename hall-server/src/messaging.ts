/** MQTT of a hall server: the broker inside the process, or the way to an external one, and the server's own client. */
import { randomUUID } from 'node:crypto';
import type { Clock } from '@hall/contracts';
import type { Logger } from 'pino';
import type { ServerConfig } from './config.ts';
import { passwordMark } from './features/enrolment/service.ts';
import { mqttIntake } from './features/intake/mqtt-intake.ts';
import { credentialCheck } from './platform/credentials.ts';
import { createBroker, type Broker } from './platform/mqtt/broker.ts';
import { embeddedCarrier } from './platform/mqtt/embedded-carrier.ts';
import { externalCarrier } from './platform/mqtt/external-carrier.ts';
import { createLink, type Link, type LinkOptions, type UpHandlers } from './platform/mqtt/link.ts';
import { mqttSignIn } from './platform/mqtt/sign-in.ts';
import type { TlsPeer } from './platform/mqtt/tls-listener.ts';
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
  const { writer, hub, courier, agentStore, senders, intake, fleet, tls, discovery, deviceTraces } = parts;
  const { external } = config.mqtt;
  const { mqtts } = config;
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
        mark: passwordMark,
      }),
      ...(mqtts && {
        tls: {
          ...mqtts,
          material: tls.material,
          identify: (peer: TlsPeer, claim: { clientId: string; username: string }) => {
            const who = fleet.identify(peer, claim);
            if ('principal' in who) return who.principal;
            const times = told(`certificate ${who.refused} ${peer.name}`);
            if (times !== undefined) log.warn({ ...claim, name: peer.name, why: who.refused, times }, 'certificate refused');
            return undefined;
          },
        },
      }),
      handshake: (reason, address) => {
        const times = told(`handshake ${reason} ${address}`);
        if (times !== undefined) log.warn({ reason, address, times }, 'TLS handshake refused');
      },
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
    const { gen } = hub;
    const handlers: UpHandlers = {
      ...hub.handlers,
      ...courier.handlers,
      discovered: ({ agent = '' }, message) => discovery.discovered(agent, message),
      traced: ({ agent = '', device = '' }, message) => deviceTraces.traced(agent, device, message),
    };
    link = await createLink({ carrier, hall, gen, epoch: randomUUID(), wall: clock.wall, log, handlers });
    onClose(() => link?.close());
    hub.attach(link);
    courier.attach(link);
    parts.attach(link);
    parts.island.attach(link);
    return link;
  };

  if (external) {
    const { protocol, hostname, port } = new URL(external.url);
    const outside = protocol === 'mqtts:' ? { host: hostname, port: Number(port) || 8883 } : undefined;
    fleet.attach({ of: () => undefined, expel: () => {} }, () => outside);
    return { url: external.url, link: await linkOver(externalCarrier({ hall, broker: external, log, platformEvents })) };
  }
  const broker = await embed();
  onClose(() => broker.close());
  tls.onRenewed(broker.renewTls);
  const { tls: secure } = broker;
  fleet.attach({ of: broker.session, expel: broker.expel }, () => secure && { port: secure.port });
  return { url: broker.url, broker, link: await linkOver(embeddedCarrier(broker)) };
}
