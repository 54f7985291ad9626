/** The server's own MQTT client: the same code for the embedded broker (a stream inside the process) and an external one. */
import { readFileSync } from 'node:fs';
import { Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import {
  Envelope,
  HallError,
  addressOf,
  filterOf,
  topicOf,
  topics,
  type HallTime,
  type Payload,
  type TopicName,
} from '@hall/contracts';
import mqtt, { MqttClient, type IClientOptions, type IPublishPacket } from 'mqtt';
import type { Logger } from 'pino';
import { Compile } from 'typebox/compile';

export type LinkTarget =
  | { readonly kind: 'embedded'; readonly open: () => Duplex; readonly password: string }
  | { readonly kind: 'external'; readonly url: string; readonly username: string; readonly passwordFile: string };

/** Topics that go up to the server. */
export type UpTopic = 'hello' | 'presence' | 'reported' | 'resync' | 'up';
type DownTopic = Exclude<TopicName, UpTopic | 'platformEvents'>;
export type UpHandlers = { readonly [N in UpTopic]: (names: Readonly<Record<string, string>>, payload: Payload<N>) => void };

export interface LinkOptions {
  readonly target: LinkTarget;
  readonly hall: string;
  readonly gen: () => string;
  /** New on every start. */
  readonly epoch: string;
  readonly wall: HallTime;
  readonly log: Logger;
  readonly handlers: UpHandlers;
  /** Only asked for an external broker: events from its topic; the acknowledgement waits for the promise. */
  readonly platformEvents: (platform: string, payload: Uint8Array) => Promise<void>;
}

export interface Link {
  readonly connected: boolean;
  /** Messages refused because they match no schema. */
  readonly invalid: number;
  /** Sends a payload, if there is a connection; what is lost is sent again after the receiver's next hello. */
  send<N extends DownTopic>(name: N, names: Parameters<typeof addressOf<N>>[1], payload: Payload<N>): void;
  /** The same with the payload as JSON text that the caller vouches for. */
  sendJson<N extends DownTopic>(name: N, names: Parameters<typeof addressOf<N>>[1], json: string): void;
  close(): Promise<void>;
}

const UP: readonly UpTopic[] = ['hello', 'presence', 'reported', 'resync', 'up'];
const RECONNECT_MS = 1000;
const KEEPALIVE_S = 5;

const envelope = Compile(Envelope);
const payloads = Object.fromEntries(UP.map((name) => [name, Compile(topics[name].payload)])) as unknown as Record<
  UpTopic,
  { Check(value: unknown): boolean }
>;

function connect(target: LinkTarget, options: IClientOptions): MqttClient {
  if (target.kind === 'embedded') {
    return new MqttClient(() => target.open() as ReturnType<ConstructorParameters<typeof MqttClient>[0]>, {
      ...options,
      password: target.password,
    });
  }
  const password = readFileSync(target.passwordFile, 'utf8').trim();
  return mqtt.connect(target.url, { ...options, username: target.username, password });
}

/** Connects, subscribes and keeps at it. Resolves at the first connection for the embedded broker, at once for an external one. */
export async function createLink(options: LinkOptions): Promise<Link> {
  const { target, hall, gen, epoch, wall, log, handlers } = options;
  const source = `/hall/${hall}/server`;
  let sent = 0;
  let invalid = 0;

  const wrap = (name: TopicName, json: string): string => {
    sent += 1;
    const time = new Date(wall.nowMs()).toISOString();
    return `{"specversion":"1.0","id":"${epoch}-${sent}","source":"${source}","type":"hall.1.${name}","time":"${time}","data":${json}}`;
  };
  const state = (value: 'online' | 'stopped' | 'lost') =>
    wrap('serverState', JSON.stringify({ state: value, gen: gen(), epoch }));
  const stateTopic = addressOf('serverState', { hall });

  const client = connect(target, {
    clientId: target.kind === 'embedded' ? 'server' : `server-${hall}`,
    username: 'server',
    protocolVersion: 4,
    clean: true,
    keepalive: KEEPALIVE_S,
    reconnectPeriod: RECONNECT_MS,
    connectTimeout: 5000,
    queueQoSZero: false,
    resubscribe: false,
    will: { topic: stateTopic, payload: Buffer.from(state('lost')), qos: 1, retain: true },
  });

  const received = (address: string, payload: Buffer): void => {
    const found = topicOf(address);
    const name = found?.name as UpTopic | undefined;
    if (!found || name === undefined || !Object.hasOwn(payloads, name)) return;
    let message: unknown;
    try {
      message = JSON.parse(payload.toString());
    } catch {
      message = undefined;
    }
    if (!envelope.Check(message) || message.type !== `hall.1.${name}` || !payloads[name].Check(message.data)) {
      invalid += 1;
      // Powers of two: a sender that never stops must not fill the disk.
      if ((invalid & (invalid - 1)) === 0) log.warn({ address, invalid, code: 'MESSAGE_INVALID' }, 'message refused');
      return;
    }
    handlers[name](found.names, message.data as never);
  };
  client.on('message', (address, payload) => {
    if (topicOf(address)?.name !== 'platformEvents') received(address, payload);
  });
  // mqtt acknowledges after this callback, so the acknowledgement of an event follows its commit.
  client.handleMessage = (packet: IPublishPacket, acknowledge) => {
    const found = topicOf(packet.topic);
    if (found?.name !== 'platformEvents') return acknowledge();
    const payload = typeof packet.payload === 'string' ? Buffer.from(packet.payload) : packet.payload;
    options.platformEvents(found.names['platform'] ?? '', payload).then(
      () => acknowledge(),
      (error: Error) => acknowledge(error),
    );
  };
  client.on('error', (error) => log.warn({ error: error.message }, 'broker link failed'));
  client.on('close', () => log.debug({}, 'broker link closed'));

  const ready = new Promise<void>((resolve) => {
    client.on('connect', () => {
      if (client.stream instanceof Socket) client.stream.setNoDelay(true);
      const filters = UP.map((name) => filterOf(name, { hall }));
      if (target.kind === 'external') filters.push(filterOf('platformEvents', { hall }));
      client.subscribe(filters, { qos: 1 }, (error) => {
        if (error) log.error({ error: error.message }, 'broker refused subscriptions');
        client.publish(stateTopic, state('online'), { qos: 1, retain: true }, () => resolve());
      });
    });
  });
  if (target.kind === 'embedded') await ready;

  const sendJson = (name: DownTopic, names: Record<string, string>, json: string): void => {
    if (!client.connected) return;
    const { qos, retain } = topics[name];
    client.publish(addressOf(name, names as never), wrap(name, json), { qos, retain });
  };
  return {
    get connected() {
      return client.connected;
    },
    get invalid() {
      return invalid;
    },
    send: (name, names, payload) => sendJson(name, names as unknown as Record<string, string>, JSON.stringify(payload)),
    sendJson: (name, names, json) => sendJson(name, names as unknown as Record<string, string>, json),
    close: async () => {
      if (client.connected) {
        await client.publishAsync(stateTopic, state('stopped'), { qos: 1, retain: true }).catch((error: Error) => {
          throw new HallError('INTERNAL', {}, error);
        });
      }
      await client.endAsync(!client.connected);
    },
  };
}
