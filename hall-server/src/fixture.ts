/** For tests: a whole hall server over real sockets and files, and a platform that signs with a library not ours. */
import { createHmac } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { addressOf, systemClock, topics, type HallContent, type Payload, type TopicName } from '@hall/contracts';
import mqtt, { type MqttClient } from 'mqtt';
import { pino } from 'pino';
import { Webhook } from 'standardwebhooks';
import { onTestFinished } from 'vitest';
import { createHallServer, type HallServer, type HallServerOptions } from './app.ts';
import { parseConfig } from './config.ts';

export const SOURCE = 'urn:city:queue';

export const content: HallContent = {
  settings: { zh: '示范大厅', staffNamePolicy: 'surname', liveMaxAgeS: 30, safeAfterS: 300, feedMaxAgeS: 60 },
  calendar: {
    zone: 'Asia/Shanghai',
    week: Array.from({ length: 7 }, () => [{ from: '09:00', to: '17:00' }]),
    tailMinutes: 30,
    lunchWindows: [],
    holidays: [],
    makeUpDays: [],
    windowHours: [],
  },
  departments: [{ id: 'tax', zh: '税务局' }],
  services: [
    { id: 'invoice', zh: '发票', department: 'tax', prefix: 'A' },
    { id: 'permit', zh: '许可', department: 'tax', prefix: 'B' },
  ],
  staff: [{ id: 'zhang', name: '张伟', department: 'tax' }],
  windows: ['w1', 'w2', 'w3'].map((id, at) => ({
    id,
    number: String(at + 1),
    department: 'tax',
    services: ['invoice', 'permit'],
  })),
  devices: ['w1', 'w2'].map((window) => ({
    id: `strip-${window}`,
    name: window,
    agent: 'edge-1',
    driver: 'onbon-k',
    settings: {},
    screen: { template: 'window-strip', widthPx: 192, heightPx: 32, window },
  })),
};

export interface Event {
  specversion: string;
  id: string;
  source: string;
  type: string;
  subject?: string;
  sequence?: string;
  time: string;
  data?: unknown;
  [extension: string]: unknown;
}

const { wall } = systemClock();
let made = 0;
/** A correct event; fields of `more` replace its own. */
export function event(type: string, subject: string, sequence: number, data: object, more: Partial<Event> = {}): Event {
  made += 1;
  const id = `e-${process.pid}-${made}`;
  return {
    specversion: '1.0',
    id,
    source: SOURCE,
    type,
    subject,
    sequence: String(sequence),
    time: new Date(wall.nowMs() - 1000).toISOString(),
    data,
    ...more,
  };
}
export const called = (ticket = 'A001', window = 'w1', more: Partial<Event> = {}) =>
  event('ticket.called', `t-${ticket}`, 1, { ticket, window }, more);

export interface Hall extends HallServer {
  readonly data: string;
  readonly secret: string;
  readonly mqttPassword: string;
  readonly agentPassword: string;
  /** Signs and posts a body; headers replace those made here. */
  post(body: string | Uint8Array, headers?: Record<string, string>, path?: string): Promise<Response>;
  send(given: Event | readonly Event[]): Promise<Response>;
  end(): Promise<void>;
}

/** The signature headers of a body. */
export function sign(
  secret: string,
  body: string | Uint8Array,
  id = `msg_${(made += 1)}`,
  at = new Date(wall.nowMs()),
): Record<string, string> {
  const timestamp = String(Math.floor(at.getTime() / 1000));
  // The library takes text only; bytes that are not text are signed here.
  const signature =
    typeof body === 'string'
      ? new Webhook(secret).sign(id, at, body)
      : `v1,${createHmac('sha256', Buffer.from(secret.slice('whsec_'.length), 'base64'))
          .update(`${id}.${timestamp}.`)
          .update(body)
          .digest('base64')}`;
  return { 'webhook-id': id, 'webhook-timestamp': timestamp, 'webhook-signature': signature };
}

export interface HallSettings extends HallServerOptions {
  readonly data?: string;
  readonly config?: object;
}

/** A hall with content, a platform `city` and an agent `edge-1`, until the test ends. */
export async function startHall(settings: HallSettings = {}): Promise<Hall> {
  const hall = await openHall(settings);
  onTestFinished(hall.end);
  return hall;
}

/** The same until `end` is called; a folder given from outside is left there. */
export async function openHall({ data: given, config, ...options }: HallSettings = {}): Promise<Hall> {
  const data = given ?? mkdtempSync(join(tmpdir(), 'hall-server-'));
  const server = await createHallServer(
    parseConfig({
      hall: 'demo',
      data,
      http: { port: 0, console: join(data, 'no-console') },
      mqtt: { port: 0 },
      ballastMb: 0,
      ...config,
    }),
    { log: pino({ level: 'silent' }), ...options },
  );
  const end = async () => {
    await server.close();
    if (given === undefined) rmSync(data, { recursive: true, force: true });
  };
  const { content: contents, platforms, agents } = server.services;
  if (contents.version() === 0) await contents.replace({ by: 'system', address: '' }, content);
  if (platforms.list().length > 0) await platforms.remove('city');
  const { secret, mqttPassword } = await platforms.add('city', [SOURCE]);
  const { password: agentPassword } = await agents.admit('edge-1');
  const post: Hall['post'] = (body, headers = {}, path = '/api/v1/halls/demo/platform/events') =>
    fetch(server.httpUrl + path, {
      method: 'POST',
      headers: { 'content-type': 'application/cloudevents+json', ...sign(secret, body), ...headers },
      body,
    });
  const send: Hall['send'] = (events) =>
    post(JSON.stringify(events), {
      'content-type': `application/cloudevents${Array.isArray(events) ? '-batch' : ''}+json`,
    });
  return Object.defineProperties(
    { data, secret, mqttPassword, agentPassword, post, send, end },
    Object.getOwnPropertyDescriptors(server),
  ) as Hall;
}

/** An agent by hand: what it received, and how to send. */
export interface TestAgent {
  readonly client: MqttClient;
  readonly received: Array<{ name: string; data: unknown }>;
  /** The newest message of a topic, once there is one that passes. */
  next<N extends TopicName>(name: N, passes?: (data: Payload<N>) => boolean): Promise<Payload<N>>;
  hello(more?: Partial<Payload<'hello'>>): void;
  send<N extends TopicName>(name: N, data: Payload<N>, names?: Record<string, string>): void;
}

export async function connectAgent(
  hall: Hall,
  {
    id = 'edge-1',
    epoch = 'epoch-1',
    installId = 'install-1',
    reconnect = false,
  }: { id?: string; epoch?: string; installId?: string; reconnect?: boolean } = {},
): Promise<TestAgent> {
  let sent = 0;
  const wrap = (name: TopicName, data: unknown) => {
    sent += 1;
    return JSON.stringify({
      specversion: '1.0',
      id: `${epoch}-${sent}`,
      source: `/hall/demo/agent/${id}`,
      type: `hall.1.${name}`,
      time: new Date(wall.nowMs()).toISOString(),
      data,
    });
  };
  const client = await mqtt.connectAsync(hall.mqttUrl, {
    clientId: id,
    username: id,
    password: hall.agentPassword,
    reconnectPeriod: reconnect ? 100 : 0,
    will: {
      topic: `hall/1/demo/agent/${id}/presence`,
      payload: Buffer.from(wrap('presence', { state: 'lost', epoch })),
      qos: 1,
      retain: true,
    },
  });
  client.on('error', () => {});
  onTestFinished(async () => {
    await client.endAsync(true);
  });
  const received: TestAgent['received'] = [];
  const waiting = new Set<() => void>();
  client.on('message', (address, payload) => {
    const name =
      Object.keys(topics).find((one) => address.endsWith(`/${topics[one as TopicName].address.split('/').at(-1) ?? ''}`)) ?? '';
    const { type, data } = JSON.parse(payload.toString()) as { type: string; data: unknown };
    received.push({ name: type.slice('hall.1.'.length) || name, data });
    for (const wake of waiting) wake();
  });
  await client.subscribeAsync(
    [`hall/1/demo/server/state`, `hall/1/demo/agent/${id}/device/+/desired`].concat(
      ['welcome', 'tables', 'live', 'lease', 'upack', 'time-reply'].map((name) => `hall/1/demo/agent/${id}/${name}`),
    ),
    { qos: 1 },
  );
  const send: TestAgent['send'] = (name, data, names = {}) => {
    client.publish(addressOf(name, { hall: 'demo', agent: id, ...names } as never), wrap(name, data), { qos: 1 });
  };
  return {
    client,
    received,
    send,
    next: (name, passes = () => true) =>
      new Promise((resolve) => {
        const look = () => {
          const found = received.findLast((message) => message.name === name && passes(message.data as never));
          if (!found) return;
          waiting.delete(look);
          resolve(found.data as never);
        };
        waiting.add(look);
        look();
      }),
    hello: (more = {}) =>
      send('hello', {
        epoch,
        installId,
        version: '0.1.0',
        drivers: [],
        applied: { devices: {}, live: { gen: '', seq: 0 } },
        outbox: { tail: 0, head: 0 },
        wallMs: wall.nowMs(),
        ...more,
      }),
  };
}
