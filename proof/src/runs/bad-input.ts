/** Bad input against a whole running hall: each answered as the table says, good events around it all arrive. */
import { createHmac } from 'node:crypto';
import type { EventOutcome } from '@hall/contracts';
import mqtt, { type MqttClient } from 'mqtt';
import type { PlatformEvent } from '@hall/simulators';
import { keyOf } from '../harness/judge.ts';
import { HALL, PLATFORM, SOURCE, startHall, type RunningHall } from '../harness/hall.ts';
import { badEvents, badRequests, type BadEvent } from './bad-requests.ts';
import { readStored } from './stored.ts';

export interface BadInputResult {
  /** Requests and messages tried. */
  readonly tried: number;
  /** Where the answer was another one than the table says. */
  readonly unexpected: readonly string[];
  /** Good events sent around the bad ones, and those of them that the store does not hold. */
  readonly good: number;
  readonly lost: readonly string[];
  /** Facts that nobody sent. */
  readonly invented: number;
  /** Whether the newest good call stands on its strip in the end. */
  readonly shown: boolean;
}

interface Answer {
  readonly status: number;
  readonly code?: string;
  readonly field?: string;
  readonly outcomes?: readonly EventOutcome[];
}

const JSON_TYPE = 'application/cloudevents+json';
const BATCH_TYPE = 'application/cloudevents-batch+json';
const ANSWER_MS = 10_000;
/** The broker lets a connection at fault stand still for ten seconds before it cuts it. */
const CUT_MS = 20_000;
/** More than the broker takes in one packet. */
const OVERSIZE_BYTES = 10_000_000;
const TEN_MINUTES_MS = 600_000;

export async function runBadInput(): Promise<BadInputResult> {
  const hall = await startHall({ windows: 2, badOnPurpose: ['platformEvents'] });
  try {
    return await against(hall);
  } finally {
    await hall.close();
  }
}

async function against(hall: RunningHall): Promise<BadInputResult> {
  const { clock, feed, secret } = hall;
  const unexpected: string[] = [];
  const good: PlatformEvent[] = [];
  let tried = 0;
  let newest = '';

  const next = (): PlatformEvent => {
    newest = `G${String(good.length + 1).padStart(4, '0')}`;
    const event = feed.called('w02', newest);
    good.push(event);
    return event;
  };
  const spare = () => feed.called('w01', 'X001');
  const expect = (name: string, wanted: object, got: object) => {
    tried += 1;
    if (JSON.stringify(wanted) !== JSON.stringify(got)) {
      unexpected.push(`${name}: ${JSON.stringify(got)} instead of ${JSON.stringify(wanted)}`);
    }
  };
  /** Standard Webhooks over bytes that may be no text, which libraries do not sign. */
  function signatureOf(id: string, body: Uint8Array, agoMs = 0): Readonly<Record<string, string>> {
    const timestamp = String(Math.floor((clock.wall.nowMs() - agoMs) / 1000));
    const key = Buffer.from(secret.replace(/^whsec_/, ''), 'base64');
    const signature = createHmac('sha256', key).update(`${id}.${timestamp}.`).update(body).digest('base64');
    return { 'webhook-id': id, 'webhook-timestamp': timestamp, 'webhook-signature': `v1,${signature}` };
  }
  async function request(
    body: string | Uint8Array,
    change: (right: Readonly<Record<string, string>>) => Readonly<Record<string, string>> = () => ({}),
  ): Promise<Answer> {
    const bytes = Buffer.from(body);
    const id = `bad-${tried}-${good.length}-${bytes.length}`;
    const right = { 'content-type': JSON_TYPE, ...signatureOf(id, bytes) };
    const headers = Object.entries({ ...right, ...change(right) }).filter(([, value]) => value !== '');
    const reply = await fetch(hall.eventsUrl, { method: 'POST', headers, body: bytes });
    return { ...((await reply.json()) as object), status: reply.status };
  }
  async function goodOne(after: string): Promise<void> {
    const { status } = await request(JSON.stringify(next()));
    if (status !== 202) unexpected.push(`${after}: a good event after it was answered ${status}`);
  }

  await goodOne('the start');
  for (const { name, code, field, spoil } of badEvents) {
    const bad = spoil(spare());
    const alone = await request(bad);
    expect(name, answerOf(code, field), { code: alone.code, ...(field === undefined ? {} : { field: alone.field }) });
    const batch = `[${JSON.stringify(next())},${bad},${JSON.stringify(next())}]`;
    const { outcomes = [] } = await request(batch, () => ({ 'content-type': BATCH_TYPE }));
    expect(
      `${name}, in a batch`,
      ['accepted', code, 'accepted'],
      [outcomes[0]?.outcome, outcomes[1]?.code, outcomes[2]?.outcome],
    );
  }
  for (const { name, status, code, field, body, headers } of badRequests) {
    const got = await request(body(JSON.stringify(spare())), headers);
    expect(
      name,
      { status, ...answerOf(code, field) },
      {
        status: got.status,
        code: got.code,
        ...(field === undefined ? {} : { field: got.field }),
      },
    );
    await goodOne(name);
  }
  await replays();
  await overMqtt();

  const settledBy = clock.machine.nowMs() + ANSWER_MS;
  while (!hall.shown('w02').includes(newest) && clock.machine.nowMs() < settledBy) await clock.machine.sleep(20);
  const shown = hall.shown('w02').includes(newest);
  await hall.stopServer();
  const facts = new Set(readStored(`${hall.folder}/server/hall.db`, SOURCE).facts);
  const sent = new Set(good.map(keyOf));
  return {
    tried,
    unexpected,
    good: good.length,
    lost: [...sent].filter((key) => !facts.has(key)),
    invented: [...facts].filter((key) => !sent.has(key)).length,
    shown,
  };

  /** The public library takes a replayed message; the product must not. */
  async function replays(): Promise<void> {
    const body = JSON.stringify(next());
    const first = await request(body, () => signatureOf('replayed', Buffer.from(body)));
    const other = JSON.stringify(spare());
    const again = await request(other, () => signatureOf('replayed', Buffer.from(other)));
    expect(
      'a message id used again',
      { first: 202, again: 409, code: 'SIGNATURE_REPLAYED' },
      { first: first.status, again: again.status, code: again.code },
    );
    const late = JSON.stringify(spare());
    const old = await request(late, () => signatureOf('late', Buffer.from(late), TEN_MINUTES_MS));
    expect('a signature of ten minutes ago', { status: 401, code: 'SIGNATURE_EXPIRED' }, { status: old.status, code: old.code });
  }

  async function overMqtt(): Promise<void> {
    let client = await platformClient(hall);
    const topic = `hall/1/${HALL}/platform/${PLATFORM}/events`;
    const tell = async (payload: string | Uint8Array): Promise<Answer> => {
      const heard = client.next();
      await client.mqtt.publishAsync(topic, Buffer.from(payload), { qos: 1 });
      return { status: 0, ...(await heard) };
    };
    for (const { name, code, field, spoil } of badEvents) {
      const { outcomes } = await tell(`[${JSON.stringify(next())},${spoil(spare())}]`);
      const [first, second] = outcomes ?? [];
      expect(
        `${name}, over MQTT`,
        { first: 'accepted', ...answerOf(code, field) },
        {
          first: first?.outcome,
          code: second?.code,
          ...(field === undefined ? {} : { field: second?.field }),
        },
      );
    }
    const texts: readonly (readonly [string, string, string | Uint8Array])[] = [
      ['not UTF-8, over MQTT', 'BODY_NOT_UTF8', Uint8Array.of(0x22, 0xff, 0x22)],
      ['not JSON, over MQTT', 'BODY_NOT_JSON', '{"a":'],
      ['an empty batch, over MQTT', 'BATCH_EMPTY', '[]'],
    ];
    for (const [name, code, payload] of texts) expect(name, { code }, { code: (await tell(payload)).code });
    if (!hall.broker) await oversize();
    client.mqtt.end(true);
    client = await platformClient(hall);
    const { outcomes } = await tell(JSON.stringify(next()));
    expect('a good event after it, over MQTT', { outcome: 'accepted' }, { outcome: outcomes?.[0]?.outcome });
    await client.mqtt.endAsync();

    /** What another broker does with it is its own affair. */
    async function oversize(): Promise<void> {
      const cut = new Promise<string>((resolve) => {
        client.mqtt.once('close', () => resolve('cut'));
      });
      client.mqtt.publish(topic, Buffer.alloc(OVERSIZE_BYTES, 'x'), { qos: 1 });
      const over = new AbortController();
      const slow = clock.machine.sleep(CUT_MS, over.signal).then(
        () => 'kept',
        () => 'kept',
      );
      expect('10 MB in one packet, over MQTT', { connection: 'cut' }, { connection: await Promise.race([cut, slow]) });
      over.abort();
    }
  }
}

const answerOf = (code: string, field: BadEvent['field']) => ({ code, ...(field === undefined ? {} : { field }) });

interface PlatformClient {
  readonly mqtt: MqttClient;
  /** The next outcome that the hall tells. */
  next(): Promise<Partial<Answer>>;
}

async function platformClient({ platformMqttUrl, mqttPassword }: RunningHall): Promise<PlatformClient> {
  const client = await mqtt.connectAsync(platformMqttUrl, {
    clientId: PLATFORM,
    username: PLATFORM,
    password: mqttPassword,
    reconnectPeriod: 0,
  });
  client.on('error', () => {});
  await client.subscribeAsync(`hall/1/${HALL}/platform/${PLATFORM}/outcome`, { qos: 1 });
  return {
    mqtt: client,
    next: () =>
      new Promise((resolve) => {
        client.once('message', (_, payload) => {
          resolve((JSON.parse(payload.toString()) as { data: Partial<Answer> }).data);
        });
      }),
  };
}
