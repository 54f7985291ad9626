/** What the server says over MQTT and what it hears: envelopes out, checked payloads in. How they travel is a carrier's matter. */
import {
  Envelope,
  MAX_PACKET_BYTES,
  addressOf,
  filterOf,
  topicOf,
  topics,
  upTopics,
  type HallTime,
  type Payload,
  type TopicName,
  type UpTopic,
} from '@hall/contracts';
import type { Logger } from 'pino';
import { Compile } from 'typebox/compile';

type DownTopic = Exclude<TopicName, UpTopic | 'platformEvents'>;
export type UpHandlers = { readonly [N in UpTopic]: (names: Readonly<Record<string, string>>, payload: Payload<N>) => void };

export interface SendOptions {
  readonly qos: 1;
  readonly retain: boolean;
}

/** How messages travel: through the broker of this process, or as a client of another one. */
export interface Carrier {
  readonly connected: boolean;
  /** Resolves when the message has left; what is lost with a connection is not said again here. */
  publish(topic: string, text: string, options: SendOptions): Promise<void>;
  close(): Promise<void>;
}

/** What a carrier is given. */
export interface CarrierEars {
  /** Filters of what the server hears. */
  readonly filters: readonly string[];
  /** `retained`: the broker had kept it since before this connection. */
  heard(topic: string, payload: Uint8Array, retained?: boolean): void;
  /** Every time a connection stands: what to say first. */
  readonly first: () => Message;
  /** What the broker is to say when the connection is lost. */
  readonly will: Message;
}

interface Message {
  readonly topic: string;
  readonly text: string;
  readonly options: SendOptions;
}

export interface LinkOptions {
  /** Resolves when messages may be sent, or at once if that can take long. */
  readonly carrier: (ears: CarrierEars) => Promise<Carrier>;
  readonly hall: string;
  readonly gen: () => string;
  /** New on every start. */
  readonly epoch: string;
  readonly wall: HallTime;
  readonly log: Logger;
  readonly handlers: UpHandlers;
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

const envelope = Compile(Envelope);
const payloads = Object.fromEntries(upTopics.map((name) => [name, Compile(topics[name].payload)])) as unknown as Record<
  UpTopic,
  { Check(value: unknown): boolean }
>;

export async function createLink(options: LinkOptions): Promise<Link> {
  const { hall, gen, epoch, wall, log, handlers } = options;
  const source = `/hall/${hall}/server`;
  let sent = 0;
  let invalid = 0;

  const wrap = (name: TopicName, json: string): string => {
    sent += 1;
    const time = new Date(wall.nowMs()).toISOString();
    return `{"specversion":"1.0","id":"${epoch}-${sent}","source":"${source}","type":"hall.1.${name}","time":"${time}","data":${json}}`;
  };
  const state = (value: 'online' | 'stopped' | 'lost'): Message => ({
    topic: addressOf('serverState', { hall }),
    text: wrap('serverState', JSON.stringify({ state: value, gen: gen(), epoch })),
    options: topics.serverState,
  });

  const heard = (address: string, payload: Uint8Array, retained = false): void => {
    const found = topicOf(address);
    const name = found?.name as UpTopic | undefined;
    if (!found || name === undefined || !Object.hasOwn(payloads, name)) return;
    let message: unknown;
    try {
      // Another broker than the embedded one may let through what is larger.
      if (payload.byteLength <= MAX_PACKET_BYTES)
        message = JSON.parse(Buffer.from(payload.buffer, payload.byteOffset, payload.byteLength).toString());
    } catch {
      message = undefined;
    }
    // What is never sent to be kept was planted in the broker.
    const planted = retained && !topics[name].retain;
    if (planted || !envelope.Check(message) || message.type !== `hall.1.${name}` || !payloads[name].Check(message.data)) {
      invalid += 1;
      // Powers of two: a sender that never stops must not fill the disk.
      if ((invalid & (invalid - 1)) === 0) log.warn({ address, invalid, code: 'MESSAGE_INVALID' }, 'message refused');
      return;
    }
    handlers[name](found.names, message.data as never);
  };

  const carrier = await options.carrier({
    filters: upTopics.map((name) => filterOf(name, { hall })),
    heard,
    first: () => state('online'),
    will: state('lost'),
  });

  const sendJson = (name: DownTopic, names: Record<string, string>, json: string): void => {
    if (!carrier.connected) return;
    void carrier.publish(addressOf(name, names as never), wrap(name, json), topics[name]);
  };
  return {
    get connected() {
      return carrier.connected;
    },
    get invalid() {
      return invalid;
    },
    send: (name, names, payload) => sendJson(name, names as unknown as Record<string, string>, JSON.stringify(payload)),
    sendJson: (name, names, json) => sendJson(name, names as unknown as Record<string, string>, json),
    close: async () => {
      if (carrier.connected) {
        const { topic, text, options: how } = state('stopped');
        await carrier.publish(topic, text, how);
      }
      await carrier.close();
    },
  };
}
