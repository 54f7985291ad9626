/** The server as a client of a broker that is not ours. */
import { readFileSync } from 'node:fs';
import { Socket } from 'node:net';
import { filterOf, topicOf } from '@hall/contracts';
import mqtt, { type IPublishPacket } from 'mqtt';
import type { Logger } from 'pino';
import type { Carrier, CarrierEars, SendOptions } from './link.ts';

/** Agents come back after 0.2 to 2 s; who says hello before the server hears it says it in vain. */
const RECONNECT_MS = 250;
const KEEPALIVE_S = 5;

export interface ExternalBroker {
  readonly url: string;
  readonly username: string;
  readonly passwordFile: string;
}

export interface ExternalCarrierOptions {
  readonly hall: string;
  readonly broker: ExternalBroker;
  readonly log: Logger;
  /** Events of a platform from its topic; the acknowledgement to the broker waits for the promise. */
  readonly platformEvents: (platform: string, payload: Uint8Array) => Promise<void>;
}

/** Connects and keeps at it; resolves at once, because the broker may come later than the server. */
export const externalCarrier =
  ({ hall, broker, log, platformEvents }: ExternalCarrierOptions) =>
  async ({ filters, heard, first, will }: CarrierEars): Promise<Carrier> => {
    const client = mqtt.connect(broker.url, {
      clientId: `server-${hall}`,
      username: broker.username,
      password: readFileSync(broker.passwordFile, 'utf8').trim(),
      protocolVersion: 4,
      clean: true,
      keepalive: KEEPALIVE_S,
      reconnectPeriod: RECONNECT_MS,
      connectTimeout: 5000,
      queueQoSZero: false,
      resubscribe: false,
      will: { topic: will.topic, payload: Buffer.from(will.text), ...qosOf(will.options) },
    });
    client.on('message', (topic, payload, { retain }) => heard(topic, payload, retain));
    // mqtt acknowledges after this callback, so the acknowledgement of an event follows its commit.
    client.handleMessage = ({ topic, payload, retain }: IPublishPacket, acknowledge) => {
      const found = topicOf(topic);
      // An event that the broker had kept was heard when it was sent, or planted.
      if (found?.name !== 'platformEvents' || retain) return acknowledge();
      const bytes = typeof payload === 'string' ? Buffer.from(payload) : payload;
      platformEvents(found.names['platform'] ?? '', bytes).then(
        () => acknowledge(),
        (error: Error) => acknowledge(error),
      );
    };
    client.on('error', (error) => log.warn({ error: error.message }, 'broker link failed'));
    client.on('close', () => log.debug({}, 'broker link closed'));
    client.on('connect', () => {
      if (client.stream instanceof Socket) client.stream.setNoDelay(true);
      client.subscribe([...filters, filterOf('platformEvents', { hall })], { qos: 1 }, (error) => {
        if (error) log.error({ error: error.message }, 'broker refused subscriptions');
        const { topic, text, options } = first();
        client.publish(topic, text, qosOf(options));
      });
    });
    return {
      get connected() {
        return client.connected;
      },
      publish: (topic, text, options) =>
        new Promise((resolve) => {
          client.publish(topic, text, qosOf(options), () => resolve());
        }),
      close: () => client.endAsync(!client.connected),
    };
  };

/** Without what else a topic declares. */
const qosOf = ({ qos, retain }: SendOptions): SendOptions => ({ qos, retain });
