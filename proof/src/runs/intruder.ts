/**
 * Somebody with the credential of another agent and of the platform, and somebody who has got into the broker itself: neither may put
 * anything on a screen, and the former hears nothing. What is forged is what the hall really said, changed a little.
 */
import { addressOf, filterOf, topicOf, topics, type TopicName } from '@hall/contracts';
import mqtt, { type IClientOptions, type MqttClient } from 'mqtt';
import { HALL, PLATFORM, startHall, type RunningHall } from '../harness/hall.ts';
import { INTRUDER, type BrokerName } from '../harness/outside-broker.ts';

export interface IntruderOptions {
  /** Default: as chosen for the whole suite. */
  readonly broker?: BrokerName;
  readonly planted: number;
}

export interface IntruderResult {
  /** Publishes and wills under the stolen credentials, and subscriptions. */
  readonly said: number;
  readonly asked: number;
  /** Messages of others that came to the thief. */
  readonly heard: number;
  /** Retained messages put into the broker, and those of them that the agent dropped because they had been kept. */
  readonly planted: number;
  readonly dropped: number;
  /** Texts of strips with something forged in them. */
  readonly shown: readonly string[];
  /** Whether everything is right in the end: the newest call on its strip, the agent online, no forged fact. */
  readonly right: boolean;
}

const VICTIM = 'agent-a';
const THIEF = 'agent-z';
/** In no call of this hall. */
const FORGED = 'Z666';
/** Called at the other window; on the strip of the first it is as wrong as a forged one. */
const ELSEWHERE = 'B777';
const WITHIN_MS = 60_000;
const LOOK_MS = 20;

export async function runIntruder({ broker, planted }: IntruderOptions): Promise<IntruderResult> {
  const real = new Map<string, string>();
  const hall = await startHall({
    windows: 2,
    ...(broker === undefined ? {} : { broker }),
    also: ({ topic, payload, way }) => {
      if (way !== 'will' && typeof payload !== 'string') real.set(topic, Buffer.from(payload).toString());
    },
  });
  try {
    return await against(hall, real, planted);
  } finally {
    await hall.close();
  }
}

async function against(hall: RunningHall, real: ReadonlyMap<string, string>, planted: number): Promise<IntruderResult> {
  const { clock, feed } = hall;
  const url = hall.server.mqttUrl;
  const shown = new Set<string>();
  for (const [id, { simulator }] of hall.strips) {
    simulator.onChange(() => {
      const text = simulator.texts().join(' ');
      if (text.includes(FORGED) || (id === 'strip-w01' && text.includes(ELSEWHERE))) shown.add(`${id}: ${text}`);
    });
  }
  const until = async (what: string, holds: () => boolean): Promise<void> => {
    for (const endMs = clock.machine.nowMs() + WITHIN_MS; !holds(); await clock.machine.sleep(LOOK_MS)) {
      if (clock.machine.nowMs() > endMs) throw new Error(`not within ${WITHIN_MS / 1000} s: ${what}`);
    }
  };
  let calls = 0;
  const call = async (): Promise<void> => {
    calls += 1;
    const ticket = `A${String(calls).padStart(3, '0')}`;
    await feed.send(feed.called('w01', ticket));
    await until(`${ticket} is shown`, () => hall.shown('w01').includes(ticket));
  };
  /** A broker may close a connection under a client id whose former one it has not yet seen end (NATS does). */
  const connected = async (who: IClientOptions): Promise<MqttClient> => {
    for (const endMs = clock.machine.nowMs() + WITHIN_MS; ; await clock.machine.sleep(LOOK_MS)) {
      try {
        return await mqtt.connectAsync(url, { protocolVersion: 4, reconnectPeriod: 0, ...who }, false);
      } catch (error) {
        if (clock.machine.nowMs() > endMs) throw error;
      }
    }
  };
  const open = async (who: IClientOptions): Promise<{ readonly client: MqttClient; readonly closed: Promise<void> }> => {
    const client = await connected(who);
    client.on('error', () => {});
    const closed = new Promise<void>((resolve) => {
      client.once('close', () => resolve());
    });
    return { client, closed };
  };
  /** A broker acknowledges what it drops, refuses it, or ends the connection. */
  const act = async (who: IClientOptions, deed: (client: MqttClient) => Promise<unknown>): Promise<void> => {
    const { client, closed } = await open(who);
    await Promise.race([deed(client).catch(() => {}), closed]);
    await client.endAsync(true);
  };

  await feed.send([
    feed.event('window.opened', 'made-w01', { window: 'w01' }),
    feed.event('window.opened', 'made-w02', { window: 'w02' }),
    feed.called('w02', ELSEWHERE),
  ]);
  await until('the other call is shown', () => hall.shown('w02').includes(ELSEWHERE));
  await call();
  await until('the agent has beaten', () => (hall.messages.seen.get('heartbeat') ?? 0) > 0);

  const { password } = await hall.server.services.agents.admit(THIEF);
  await hall.broker?.admit('agent', THIEF, password);
  const agent = { clientId: THIEF, username: THIEF, password };
  const platform = (at: number) => ({ clientId: `${PLATFORM}.w${at}`, username: PLATFORM, password: hall.mqttPassword });
  const victims = [...real].filter(([topic]) => !topic.includes(`/${THIEF}/`) && topicOf(topic)?.name !== 'platformEvents');
  const forgeries = victims.map(([topic, text]) => ({ topic, text: forge(topicOf(topic)?.name, text) }));

  let said = 0;
  for (const { topic, text } of forgeries) {
    for (const retain of [true, false]) {
      await act(agent, (client) => client.publishAsync(topic, text, { qos: 1, retain }));
      said += 1;
    }
    const will = { topic, payload: Buffer.from(text), qos: 1 as const, retain: true };
    const { client, closed } = await open({ ...platform(said), will });
    client.stream.destroy();
    await closed;
    said += 1;
  }
  await call();

  let heard = 0;
  let asked = 0;
  const foreign = (Object.keys(topics) as TopicName[]).map((name) =>
    filterOf(name, { hall: HALL, agent: VICTIM, platform: PLATFORM }),
  );
  const wide = [
    `hall/1/${HALL}/agent/+/live`,
    `hall/1/${HALL}/agent/#`,
    '#',
    '+/+/+/+/+/+',
    `$share/g/hall/1/${HALL}/agent/${VICTIM}/live`,
  ];
  for (const filter of [...foreign.filter((one) => !one.endsWith('/server/state')), ...wide]) {
    const { client, closed } = await open(agent);
    client.on('message', (topic) => {
      if (!topic.endsWith('/server/state') && !topic.includes(`/${THIEF}/`)) heard += 1;
    });
    asked += 1;
    await Promise.race([client.subscribeAsync(filter, { qos: 1 }).catch(() => {}), closed]);
    await call();
    await client.endAsync(true);
  }

  // While nobody listens, so that all they hear of it is what the broker kept.
  hall.cables.get(VICTIM)?.unplug(true);
  await hall.stopServer();
  const before = hall.agents.get(VICTIM)?.state().counters['dropped.retained'] ?? 0;
  const plants = hall.broker ? await plant() : 0;
  hall.cables.get(VICTIM)?.unplug(false);
  await hall.startServer();
  const online = () => hall.server.services.agents.list().some(({ id, presence }) => id === VICTIM && presence === 'online');
  await until('the agent is online', online);
  await call();
  const forged = hall.server.services.facts.list({ limit: 200 }).filter((fact) => JSON.stringify(fact).includes(FORGED));
  return {
    said,
    asked,
    heard,
    planted: plants,
    dropped: (hall.agents.get(VICTIM)?.state().counters['dropped.retained'] ?? 0) - before,
    shown: [...shown],
    right: forged.length === 0 && hall.shown('w02').includes(ELSEWHERE),
  };

  /** Puts retained forgeries into the broker as somebody whom it refuses nothing. Where the broker is ours there is no such person. */
  async function plant(): Promise<number> {
    const { client } = await open({ clientId: INTRUDER.username, ...INTRUDER });
    const desired = forgeries.find(({ topic }) => topicOf(topic)?.name === 'desired');
    const kept = forgeries.filter(({ topic }) => topicOf(topic)?.name !== 'serverState');
    const more = Array.from({ length: planted - kept.length }, (_, at) => ({
      topic: addressOf('desired', { hall: HALL, agent: VICTIM, device: `ghost-${at}` }),
      text: desired?.text ?? '',
    }));
    for (const { topic, text } of [...kept, ...more]) {
      await client.publishAsync(topic, text, { qos: 1, retain: true });
    }
    await client.endAsync();
    return kept.length + more.length;
  }
}

/** A real message, changed so that it would be believed and would be seen. */
function forge(name: TopicName | undefined, text: string): string {
  if (name !== 'live') {
    const wrong =
      name === 'desired' ? text.replaceAll('window/w01', 'window/w02') : text.replaceAll(/"devices":\[[^\]]*\]/g, '"devices":[]');
    return wrong.replaceAll(/"ver":(\d+)/g, (_, ver: string) => `"ver":${Number(ver) + 1000}`);
  }
  return text
    .replaceAll(/"(seq|head)":(\d+)/g, (_, key: string, value: string) => `"${key}":${Number(value) + 1000}`)
    .replaceAll(/"ticket":"[^"]*"/g, `"ticket":"${FORGED}"`)
    .replaceAll('"full":false', '"full":true');
}
