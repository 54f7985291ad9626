/**
 * An agent's side of the conversation without devices behind it: connects, says hello, takes its documents and live fields, reports
 * them in force, beats, and comes back after every loss as the product's agent does. A thousand fit in one process.
 */
import { randomUUID } from 'node:crypto';
import type { Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import {
  addressOf,
  agentTopics,
  envelope,
  filterOf,
  systemClock,
  topicOf,
  type EdgeRecord,
  type LiveField,
  type Payload,
  type Reported,
  type TopicName,
} from '@hall/contracts';
import { connectPacket, DISCONNECT, listenTo, PING, publishPacket, subscribePacket } from './light-mqtt.ts';
import { createLightTalk, type LightTalk } from './light-talk.ts';

/** As the product's agent. */
const KEEP_ALIVE_S = 5;
const HEARTBEAT_MS = 2500;
const FIRST_MS = 200;
const CAP_MS = 2000;
const HELLO_MS = 2000;
/** Records in one message, and how long their acknowledgement is waited for, as the product's agent. */
const MOST_RECORDS = 256;
const ACK_MS = 5000;
const HEARD: readonly TopicName[] = ['serverState', 'welcome', 'tables', 'desired', 'live', 'lease', 'upack'];

const { machine } = systemClock();
/** Does it later, unless that is aborted. */
function later(ms: number, act: () => void): AbortController {
  const over = new AbortController();
  machine.sleep(ms, over.signal).then(act, () => {});
  return over;
}

/** What MQTT wrote and read, without the heads of TCP and IP, bytes. */
export interface Traffic {
  readonly up: number;
  readonly down: number;
}

/** What a stream has carried; zero for one that does not count. */
const carried = (stream: Duplex | undefined): Traffic => {
  const { bytesWritten: up = 0, bytesRead: down = 0 } = (stream ?? {}) as Partial<Socket>;
  return { up, down };
};
const sum = (one: Traffic, other: Traffic): Traffic => ({ up: one.up + other.up, down: one.down + other.down });

export interface LightAgentOptions {
  readonly hall: string;
  readonly id: string;
  /** Nothing where the connection shows a certificate. */
  readonly password?: string;
  /** Opens the connection; plain TCP, TLS or whatever else the storm is about. */
  readonly dial: () => Duplex;
  /** Event of `dial`'s stream after which it may be written to; default `connect`. */
  readonly ready?: string;
  readonly random?: () => number;
  /** Also hears and says what the product's agent does when nothing but time and calls happens; default false. */
  readonly talks?: boolean;
  /** Live fields that changed; not those of a whole set. */
  readonly onChanged?: (fields: readonly LiveField[]) => void;
}

export interface LightAgent {
  /** Welcomed on the present connection. */
  readonly welcomed: boolean;
  /** Welcomed, and it holds the newest live fields that a lease of this connection named. */
  readonly settled: boolean;
  /** Versions in force, by device. */
  readonly applied: ReadonlyMap<string, { readonly gen: string; readonly ver: number }>;
  readonly connects: number;
  /** Facts it has made, and those that the server has not yet acknowledged. */
  readonly records: { readonly made: number; readonly waiting: number };
  /** Makes a fact; it is told until the server has it. */
  record(): void;
  /** On the line so far, bytes. */
  readonly traffic: Traffic;
  close(): void;
}

export function startLightAgent(options: LightAgentOptions): LightAgent {
  const { hall, id, password, dial, ready = 'connect', random = Math.random, talks = false, onChanged = () => {} } = options;
  const epoch = randomUUID();
  const installId = randomUUID();
  const applied = new Map<string, { gen: string; ver: number }>();
  let tables: { gen: string; ver: number } | undefined;
  let live = { gen: '', seq: 0 };
  let said = 0;
  let seq = 0;
  let packetId = 1;
  let connects = 0;
  let attempt = 0;
  let welcomed = false;
  let leased = false;
  let closed = false;
  const outbox: EdgeRecord[] = [];
  let made = 0;
  let telling: AbortController | undefined;
  let stream: Duplex | undefined;
  let retry: AbortController | undefined;
  let earlier: Traffic = { up: 0, down: 0 };

  const wrap = <N extends TopicName>(name: N, data: Payload<N>): string => {
    said += 1;
    return JSON.stringify(envelope(name, `/hall/${hall}/agent/${id}`, `${epoch}-${said}`, Date.now(), data));
  };
  const say = <N extends TopicName>(name: N, data: Payload<N>, device = ''): void => {
    packetId = (packetId % 65_000) + 1;
    const topic = addressOf(name, { hall, agent: id, device, platform: '' } as never);
    stream?.write(publishPacket(topic, wrap(name, data), packetId, name === 'presence'));
  };
  const hello = () =>
    say('hello', {
      epoch,
      installId,
      version: 'light',
      drivers: [],
      applied: { ...(tables && { tables }), devices: Object.fromEntries(applied), live },
      outbox: { tail: outbox[0]?.seq ?? 0, head: talk?.head ?? made },
      wallMs: Date.now(),
      heartbeatMs: HEARTBEAT_MS,
    });
  const report = (device: string, screen?: NonNullable<Reported['screen']>) => {
    seq += 1;
    const at = Date.now();
    const version = applied.get(device);
    say(
      'reported',
      {
        epoch,
        seq,
        at,
        ...(version && { applied: version }),
        link: 'online',
        since: at,
        ...(screen && { screen }),
        counters: {},
      },
      device,
    );
  };
  const talk: LightTalk | undefined = talks
    ? createLightTalk({
        epoch,
        installId,
        status: (data) => say('status', data),
        timeRequest: (data) => say('timeRequest', data),
        shown: report,
        up: (data) => say('up', data),
        devices: () => applied.size,
      })
    : undefined;
  const heard = talks ? agentTopics : HEARD;

  /** One message at a time; without an answer the same again. */
  const tell = () => {
    if (!welcomed || telling || outbox.length === 0) return;
    say('up', { epoch, installId, records: outbox.slice(0, MOST_RECORDS) });
    telling = later(ACK_MS, () => {
      telling = undefined;
      tell();
    });
  };
  const acknowledged = (ack: number) => {
    while ((outbox[0]?.seq ?? Number.POSITIVE_INFINITY) <= ack) outbox.shift();
    telling?.abort();
    telling = undefined;
    tell();
  };

  const take = (topic: string, bytes: Buffer, retained: boolean) => {
    const name = topicOf(topic)?.name;
    const { data } = JSON.parse(bytes.toString()) as { data: never };
    if (name === 'serverState') {
      const { state } = data as Payload<'serverState'>;
      if (state === 'online' && !retained && !welcomed) hello();
    } else if (name === 'welcome') {
      const { verdict, epoch: meant, outboxAck } = data as Payload<'welcome'>;
      if (meant !== epoch) return;
      if (verdict === 'unknown') return hello();
      if (verdict !== 'accepted') return;
      welcomed = true;
      for (const device of applied.keys()) report(device);
      if (!talk) acknowledged(outboxAck);
      talk?.welcomed();
    } else if (name === 'desired') {
      const { device, version } = data as Payload<'desired'>;
      applied.set(device.id, version);
      report(device.id);
    } else if (name === 'tables') tables = (data as Payload<'tables'>).version;
    else if (name === 'live') {
      const { gen, head, full, after, fields } = data as Payload<'live'>;
      if (full || (gen === live.gen && after <= live.seq)) live = { gen, seq: head };
      if (full) return;
      onChanged(fields);
      for (const device of applied.keys()) talk?.show(device, fields);
    } else if (name === 'upack') {
      const { installId: meant, seq: ack } = data as Payload<'upack'>;
      if (meant === installId && !talk) acknowledged(ack);
    } else if (name === 'lease') {
      const { gen, head } = data as Payload<'lease'>;
      leased = gen === live.gen && head <= live.seq;
      if (!leased && welcomed) say('resync', { epoch, ...live });
    }
  };

  function connect(): void {
    const own = dial();
    stream = own;
    let helloTimer: AbortController | undefined;
    let beatTimer: AbortController;
    const beat = () => {
      if (welcomed) say('heartbeat', { epoch });
      else if (!own.destroyed) own.write(PING);
      beatTimer = later(HEARTBEAT_MS, beat);
    };
    beatTimer = later(HEARTBEAT_MS, beat);
    own.on('error', () => {});
    own.once(ready, () => {
      const will = { topic: addressOf('presence', { hall, agent: id }), payload: wrap('presence', { state: 'lost', epoch }) };
      own.write(connectPacket({ id, ...(password === undefined ? {} : { password }), keepAliveS: KEEP_ALIVE_S, will }));
    });
    const introduce = () => {
      if (welcomed || own.destroyed) return;
      hello();
      helloTimer = later(HELLO_MS * (0.5 + random() / 2), introduce);
    };
    listenTo(own, {
      connected: (code) => {
        if (code !== 0) return void own.destroy();
        connects += 1;
        own.write(subscribePacket(heard.map((name) => filterOf(name, { hall, agent: id }))));
      },
      subscribed: () => {
        say('presence', { state: 'online', epoch });
        introduce();
      },
      message: (topic, payload, retained) => {
        take(topic, payload, retained);
        if (welcomed) attempt = 0;
      },
    });
    own.once('close', () => {
      beatTimer.abort();
      helloTimer?.abort();
      welcomed = false;
      leased = false;
      telling?.abort();
      telling = undefined;
      talk?.parted();
      earlier = sum(earlier, carried(own));
      stream = undefined;
      if (closed) return;
      attempt += 1;
      const waitMs = Math.min(FIRST_MS * 2 ** Math.min(attempt - 1, 16), CAP_MS) * (0.5 + random() / 2);
      retry = later(waitMs, connect);
    });
  }
  connect();

  return {
    get welcomed() {
      return welcomed;
    },
    get settled() {
      return welcomed && leased;
    },
    applied,
    get connects() {
      return connects;
    },
    get records() {
      return { made, waiting: outbox.length };
    },
    record: () => {
      made += 1;
      const [device = 'none'] = applied.keys();
      outbox.push({ seq: made, type: 'device.link', at: Date.now(), device, data: { link: 'online', n: made } });
      tell();
    },
    get traffic() {
      return sum(earlier, carried(stream));
    },
    close: () => {
      closed = true;
      retry?.abort();
      stream?.write(DISCONNECT);
      stream?.destroy();
    },
  };
}
