/** The agent's side of the conversation with the hall server: connect, be born, be welcomed, and again after every loss. */
import { codeOf, envelope, MAX_PACKET_BYTES, topics, type Clock, type Payload } from '@hall/contracts';
import type { Logger } from 'pino';
import { backoffMs } from '../backoff.ts';
import type { Beats } from './beats.ts';
import { hostOf, KEEP_ALIVE_S, openMqtt, type Credentials, type MqttConnection } from './connection.ts';
import { addressFor, filtersOf, isSpeakable, readMessage, type Incoming, type Spoken } from './messages.ts';
import type { ServerAddresses } from './server-address.ts';

/** First and longest wait between two tries to connect. */
const FIRST_MS = 200;
const CAP_MS = 2000;
/** A hello that got no welcome is said again after this, then ever more slowly. */
const HELLO_MS = 2000;
const HELLO_CAP_MS = 20_000;
/** Another agent holds the session: look again after this. */
const FENCED_MS = 30_000;

/** A lease that has overtaken the welcome sent before it still counts when that comes at most so much later, ms. */
const OVERTAKEN_MS = 250;
/** Messages kept that have overtaken the welcome; a document for each of the most devices, and a few. */
const MOST_EARLY = 2100;

/** A welcomed agent says this often that it lives; brokers differ in when and whether they tell that it does not. */
export const HEARTBEAT_MS = (KEEP_ALIVE_S * 1000) / 2;
/** A server renews its leases every five seconds at most; after three that did not come it is gone, whatever its broker says. */
const SERVER_SILENT_MS = 15_000;
/** A heartbeat that is so late shows that this process stood still; what came meanwhile has not been read yet. */
const STOOD_STILL_MS = 1000;

export type UplinkState = 'offline' | 'connected' | 'welcomed' | 'fenced' | 'stopped';

export interface UplinkOptions {
  readonly hall: string;
  readonly agent: string;
  readonly url: string;
  readonly addresses: ServerAddresses;
  /** How to sign in, asked for at every try; the broker has refused what was given `refusals` times in a row. */
  readonly credentials: (refusals: number) => Promise<Credentials>;
  readonly epoch: string;
  /** Numbers heartbeats; hello has one too. */
  readonly beats: Pick<Beats, 'next'>;
  /** What the agent has applied, asked for at every birth. */
  hello(): Payload<'hello'>;
  /** Every valid message but welcomes that do not answer this session. Welcomes come only when accepted. */
  onMessage(message: Incoming): void;
  onState(state: UplinkState): void;
  /** Something was dropped or refused; `name` is a counter. */
  count(name: string): void;
}

export interface Uplink {
  readonly state: UplinkState;
  /** False when there is no connection, the message is unfit, or the connection ended before the acknowledgement. */
  publish<N extends Spoken>(name: N, data: Payload<N>, device?: string): Promise<boolean>;
  /** Ends the connection, without a goodbye, and makes it anew with the credentials of now. */
  reconnect(): Promise<void>;
  /** Says goodbye: presence `stopped`. */
  close(): Promise<void>;
}

export interface UplinkDeps {
  readonly clock: Clock;
  readonly log: Logger;
  /** In [0, 1). */
  readonly random: () => number;
}

/** The broker is there and does not take what it was given (MQTT 3.1.1 §3.2.2.3, return codes 4 and 5). */
const wasRefused = (error: unknown): boolean => {
  const { cause } = error as { cause?: { code?: unknown } };
  return cause?.code === 4 || cause?.code === 5;
};

export function startUplink(options: UplinkOptions, { clock, log, random }: UplinkDeps): Uplink {
  const { hall, agent, epoch } = options;
  const stop = new AbortController();
  let state: UplinkState = 'offline';
  let connection: MqttConnection | undefined;
  let messages = 0;
  let serverEpoch: string | undefined;
  /** Brokers keep the order within a topic, not all between topics. */
  let early: { readonly message: Incoming; readonly atMs: number }[] = [];
  let onWelcome = () => {};
  let onFenced = () => {};
  let onForsaken = () => {};
  /** When the server was last heard of, machine time. */
  let heardMs = 0;

  const become = (next: UplinkState) => {
    if (state === next) return;
    state = next;
    options.onState(next);
  };
  const wrap = <N extends Spoken>(name: N, data: Payload<N>): string => {
    messages += 1;
    const id = `${epoch}-${messages}`;
    return JSON.stringify(envelope(name, `/hall/${hall}/agent/${agent}`, id, clock.wall.nowMs(), data));
  };
  const presence = (is: Payload<'presence'>['state']): Payload<'presence'> => ({ state: is, epoch });

  async function publish<N extends Spoken>(name: N, data: Payload<N>, device?: string): Promise<boolean> {
    const topic = addressFor(name, { hall, agent, ...(device === undefined ? {} : { device }) });
    const payload = topic !== undefined && isSpeakable(name, data) ? wrap(name, data) : '';
    if (topic === undefined || payload === '' || Buffer.byteLength(payload) > MAX_PACKET_BYTES) {
      options.count('unsendable');
      log.error({ topic: name, device }, 'message is unfit to be sent');
      return false;
    }
    return (await connection?.publish(topic, payload, { qos: topics[name].qos, retain: topics[name].retain })) ?? false;
  }

  /** The server is gone while its broker stays: the agent is alone until hello is answered again. */
  function forsaken(): void {
    if (state !== 'welcomed') return;
    become('connected');
    early = [];
    onForsaken();
  }

  function receive(topic: string, bytes: Uint8Array, retained: boolean): void {
    const message = readMessage(topic, bytes, { hall, agent }, retained);
    if ('dropped' in message) {
      options.count(`dropped.${message.dropped}`);
      log.debug({ topic, why: message.dropped }, 'message dropped');
      return;
    }
    if (message.name === 'serverState') {
      const another = serverEpoch !== undefined && serverEpoch !== message.data.epoch;
      serverEpoch = message.data.epoch;
      // A server that was restarted behind a broker that stayed knows nothing of this session; one that came after the agent has
      // missed its hello.
      const missed = state === 'welcomed' ? another : state === 'connected' && !retained;
      if (message.data.state !== 'online') forsaken();
      else if (missed) void publish('hello', options.hello());
      options.onMessage(message);
    } else if (message.name === 'welcome') {
      if (message.data.epoch !== epoch) return options.count('dropped.epoch');
      if (message.data.verdict === 'fenced') return onFenced();
      if (message.data.verdict === 'unknown') return void publish('hello', options.hello());
      heardMs = clock.machine.nowMs();
      become('welcomed');
      onWelcome();
      options.onMessage(message);
      const overtaken = early;
      early = [];
      for (const { message: sent, atMs } of overtaken) {
        if (sent.name !== 'lease' || clock.machine.nowMs() - atMs <= OVERTAKEN_MS) options.onMessage(sent);
      }
    } else if (state === 'welcomed') {
      heardMs = clock.machine.nowMs();
      options.onMessage(message);
    } else if (early.length < MOST_EARLY) {
      early.push({ message, atMs: clock.machine.nowMs() });
    } else {
      options.count('dropped.early');
    }
  }

  /** Says hello until somebody answers. */
  async function introduce(over: AbortSignal): Promise<void> {
    for (let attempt = 1; !over.aborted; attempt += 1) {
      void publish('hello', options.hello());
      await clock.machine.sleep(backoffMs(attempt, HELLO_MS, HELLO_CAP_MS, random()), over).catch(() => {});
    }
  }

  /** Shows that this session lives and looks whether the server does, until the session is over. */
  async function beat(over: AbortSignal): Promise<void> {
    while (!over.aborted) {
      const fromMs = clock.machine.nowMs();
      await clock.machine.sleep(HEARTBEAT_MS, over).catch(() => {});
      if (over.aborted || state !== 'welcomed') continue;
      const nowMs = clock.machine.nowMs();
      if (nowMs - fromMs > HEARTBEAT_MS + STOOD_STILL_MS) heardMs = nowMs;
      if (nowMs - heardMs > SERVER_SILENT_MS) forsaken();
      else void publish('heartbeat', { epoch, beat: options.beats.next() });
    }
  }

  /** One connection from birth to end. */
  async function session(live: MqttConnection): Promise<'lost' | 'fenced'> {
    connection = live;
    early = [];
    let over = new AbortController();
    const ended = new AbortController();
    const outcome = new Promise<'lost' | 'fenced'>((resolve) => {
      onFenced = () => resolve('fenced');
      void live.closed.then(() => resolve('lost'));
    });
    onWelcome = () => over.abort();
    onForsaken = () => {
      if (ended.signal.aborted) return;
      over = new AbortController();
      void introduce(over.signal);
    };
    void outcome.then(() => {
      over.abort();
      ended.abort();
    });
    void beat(ended.signal);
    try {
      const { needed, extra } = filtersOf(hall, agent);
      await live.subscribe(needed);
      await live.subscribe(extra).catch((error: unknown) => {
        if (codeOf(error) !== 'DEVICE_REFUSED') throw error;
        options.count('refused.filter');
      });
      become('connected');
      void publish('presence', presence('online'));
      await introduce(over.signal);
      const ending = await outcome;
      if (ending === 'fenced') {
        log.warn({ agent }, 'another agent with this id holds the session');
        await publish('presence', presence('fenced'));
      }
      return ending;
    } finally {
      connection = undefined;
      await live.end();
    }
  }

  async function open(credentials: Credentials): Promise<MqttConnection> {
    const { url, addresses } = options;
    const host = hostOf(url);
    const [address] = await addresses.of(host);
    const will = { topic: addressFor('presence', { hall, agent }) ?? '', payload: wrap('presence', presence('lost')) };
    try {
      const live = await openMqtt({ url, address, agent, credentials, will, onMessage: receive }, clock, stop.signal);
      addresses.worked(host, address);
      return live;
    } catch (error) {
      addresses.failed(host);
      throw error;
    }
  }

  async function run(): Promise<void> {
    let attempt = 0;
    let refusals = 0;
    while (!stop.signal.aborted) {
      let outcome: 'lost' | 'fenced' = 'lost';
      try {
        const live = await open(await options.credentials(refusals));
        if (stop.signal.aborted) {
          await live.end();
          break;
        }
        outcome = await session(live);
        if (state === 'welcomed') attempt = refusals = 0;
      } catch (error) {
        if (wasRefused(error)) refusals += 1;
        if (attempt === 0 && !stop.signal.aborted) {
          const cause = error instanceof Error && error.cause instanceof Error ? error.cause.message : undefined;
          log.warn({ code: codeOf(error), cause, url: options.url }, 'hall server is out of reach');
        }
      }
      if (stop.signal.aborted) break;
      become(outcome === 'fenced' ? 'fenced' : 'offline');
      attempt += 1;
      const waitMs = outcome === 'fenced' ? FENCED_MS : backoffMs(attempt, FIRST_MS, CAP_MS, random());
      await clock.machine.sleep(waitMs, stop.signal).catch(() => {});
    }
  }
  const running = run();

  return {
    get state() {
      return state;
    },
    publish,
    reconnect: async () => connection?.end(),
    async close() {
      const live = connection;
      if (live) {
        const waited = new AbortController();
        const said = publish('presence', presence('stopped')).finally(() => waited.abort());
        await Promise.race([said, clock.machine.sleep(FIRST_MS, waited.signal).catch(() => {})]);
      }
      stop.abort();
      await live?.end();
      await running;
      become('stopped');
    },
  };
}
