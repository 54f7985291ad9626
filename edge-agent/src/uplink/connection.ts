/** One MQTT connection, from connect to close. It never reconnects by itself. */
import { isIP } from 'node:net';
import { HallError, type Clock } from '@hall/contracts';
import { connect, type IClientOptions } from 'mqtt';

/** Broker and network have this long to answer a CONNECT. */
const OPEN_MS = 5000;
/** Keep-alive, s; a silent broker is noticed after 1.5 times this. */
export const KEEP_ALIVE_S = 5;
/** A broker that does not acknowledge our goodbye is left. */
const GOODBYE_MS = 1000;

export interface MqttConnection {
  /** True after the broker's acknowledgement (at once for qos 0); false if the connection ended before. */
  publish(topic: string, payload: string, options: { qos: 0 | 1; retain: boolean }): Promise<boolean>;
  /** @throws HallError DEVICE_REFUSED `{filters}` when the broker refuses one. */
  subscribe(filters: readonly string[]): Promise<void>;
  readonly closed: Promise<Error | undefined>;
  /** Says goodbye (no last will) and closes. */
  end(): Promise<void>;
}

/** A password, or a certificate with its key; `ca` judges a server that speaks TLS. PEM. */
export type Credentials =
  | { readonly password: string; readonly ca?: string }
  | { readonly key: string; readonly cert: string; readonly ca: string };

export interface MqttTarget {
  readonly url: string;
  /** Where the host of `url` is; without it its name is looked up. */
  readonly address?: string;
  /** Client id and user name. */
  readonly agent: string;
  readonly credentials: Credentials;
  readonly will: { readonly topic: string; readonly payload: string };
  /** `retained`: the broker had kept it since before the subscription. */
  onMessage(topic: string, bytes: Uint8Array, retained: boolean): void;
}

/** Without the brackets of an IPv6 address. */
export const hostOf = (url: string): string => new URL(url).hostname.replace(/^\[(.*)\]$/, '$1');

/**
 * Clean session, MQTT 3.1.1, no store: whatever was not acknowledged when the connection ends is for the caller to say anew.
 * @throws HallError DEVICE_OFFLINE when the broker cannot be reached, refuses, or does not answer in time.
 */
export async function openMqtt(target: MqttTarget, clock: Clock, signal: AbortSignal): Promise<MqttConnection> {
  const options: IClientOptions = {
    protocolVersion: 4,
    clean: true,
    keepalive: KEEP_ALIVE_S,
    reconnectPeriod: 0,
    connectTimeout: OPEN_MS,
    resubscribe: false,
    queueQoSZero: false,
    clientId: target.agent,
    username: target.agent,
    ...target.credentials,
    will: { ...target.will, payload: Buffer.from(target.will.payload), qos: 1, retain: true },
  };
  const { address } = target;
  const host = hostOf(target.url);
  // Whoever answers at the address must still prove to be the host.
  const place = address === undefined ? {} : { hostname: address, host: address, ...(isIP(host) === 0 && { servername: host }) };
  const client = connect(target.url, { ...options, ...place });
  let failure: Error | undefined;
  const unanswered = new Set<(answered: boolean) => void>();
  const closed = new Promise<Error | undefined>((resolve) => {
    client.once('close', () => resolve(failure));
  });
  client.on('error', (error) => {
    failure ??= error;
  });
  client.on('message', (topic, bytes, { retain }) => target.onMessage(topic, bytes, retain));
  // The broker's acknowledgement is not in a hurry: what the message does to devices is written in this turn, before it.
  client.handleMessage = (_, done) => void setImmediate(done);
  void closed.then(() => {
    client.end(true);
    for (const settle of unanswered) settle(false);
  });

  const done = new AbortController();
  try {
    await new Promise<void>((resolve, reject) => {
      client.once('connect', () => {
        const { stream } = client as { stream: { setNoDelay?: (on: boolean) => void } };
        stream.setNoDelay?.(true);
        resolve();
      });
      void closed.then((reason) => reject(reason ?? new Error('closed by the broker')));
      clock.machine.sleep(OPEN_MS, AbortSignal.any([signal, done.signal])).then(
        () => reject(new Error(`no answer within ${OPEN_MS} ms`)),
        () => reject(new Error('stopped')),
      );
    });
  } catch (error) {
    client.end(true);
    throw new HallError('DEVICE_OFFLINE', { url: target.url }, error);
  } finally {
    done.abort();
  }

  return {
    closed,
    publish: (topic, payload, { qos, retain }) =>
      new Promise((resolve) => {
        const settle = (answered: boolean) => {
          unanswered.delete(settle);
          resolve(answered);
        };
        unanswered.add(settle);
        if (!client.connected) return settle(false);
        client.publish(topic, payload, { qos, retain }, (error) => settle(!error));
      }),
    async subscribe(filters) {
      const grants = await client.subscribeAsync([...filters], { qos: 1 });
      const refused = grants.filter(({ qos }) => Number(qos) === 128).map(({ topic }) => topic);
      if (refused.length > 0) throw new HallError('DEVICE_REFUSED', { filters: refused });
    },
    async end() {
      const waited = new AbortController();
      client.end(false, {}, () => waited.abort());
      await clock.machine.sleep(GOODBYE_MS, waited.signal).catch(() => {});
      client.end(true);
      await closed;
    },
  };
}
