/** That every message of a hall is documented is asked of every test: a hall that was heard saying otherwise does not close in peace. */
import { addressOf, envelope } from '@hall/contracts';
import { brokersFor, HALL, PLATFORM, startHall, type HallOptions, type RunningHall } from '@hall/proof';
import mqtt, { type IClientOptions } from 'mqtt';
import { afterEach, describe, expect, test, vi } from 'vitest';

const STRANGER = 'agent-z';
const presence = addressOf('presence', { hall: HALL, agent: STRANGER });
const said = (state: string) => JSON.stringify(envelope('presence', '/x', '1', 0, { state, epoch: 'e' } as never));

describe.each(brokersFor(['embedded', 'mosquitto']))('with the broker: %s', (broker) => {
  let hall: RunningHall | undefined;
  afterEach(() => hall?.close());

  async function begin(options: HallOptions = {}): Promise<RunningHall> {
    hall = await startHall({ windows: 1, broker, ...options });
    await vi.waitFor(() => expect(hall?.agents.get('agent-a')?.state().uplink).toBe('welcomed'), { timeout: 15_000 });
    return hall;
  }
  /** An agent that the product has admitted connects, says one thing, and leaves. */
  async function say(running: RunningHall, topic: string, payload: string, options: IClientOptions = {}): Promise<void> {
    const { password } = await running.server.services.agents.admit(STRANGER);
    await running.broker?.admit('agent', STRANGER, password);
    const login = { clientId: STRANGER, username: STRANGER, password };
    const client = await mqtt.connectAsync(running.server.mqttUrl, { ...login, ...options }, false);
    // RabbitMQ ends the connection instead of acknowledging what it refuses.
    const closed = new Promise<void>((resolve) => {
      client.once('close', () => resolve());
    });
    await Promise.race([client.publishAsync(topic, payload, { qos: 1 }), closed]);
    await client.endAsync();
  }
  /** What the end of the hall says; empty if it ends in peace. */
  async function verdict(running: RunningHall): Promise<string> {
    hall = undefined;
    return running.close().then(
      () => '',
      (error: Error) => error.message,
    );
  }

  test('a hall whose messages are all documented closes in peace, and the last wills of agents were among them', async () => {
    const running = await begin();
    await say(running, presence, said('online'));
    expect(running.messages.wills.get('presence')).toBeGreaterThanOrEqual(1);
    expect(running.messages.wills.get('serverState')).toBe(broker === 'embedded' ? undefined : 1);
    expect(running.messages.seen.get('serverState')).toBeGreaterThanOrEqual(1);
    expect(await verdict(running)).toBe('');
  });

  test.each([
    ['a payload that does not match', presence, said('asleep'), {}, `in, ${STRANGER}, ${presence}: /data/state`],
    ['a payload that is no JSON', presence, '{', {}, `in, ${STRANGER}, ${presence}: the payload is not JSON in UTF-8`],
    [
      'a topic that nobody declared',
      `${presence}/more`,
      said('online'),
      {},
      `in, ${STRANGER}, ${presence}/more: the topic is not in the document`,
    ],
    [
      'a last will that does not match',
      presence,
      said('online'),
      { will: { topic: presence, payload: Buffer.from(said('dead')), qos: 1, retain: true } },
      `will, ${STRANGER}, ${presence}: /data/state`,
    ],
    [
      'another version of MQTT, in which nothing could be read',
      presence,
      said('online'),
      { protocolVersion: 5 },
      ': the connection is not MQTT 3.1.1',
    ],
  ] as const)('%s is reported', async (_, topic, payload, options, words) => {
    const running = await begin();
    // The broker may end a connection that it does not understand.
    await say(running, topic, payload, { reconnectPeriod: 0, ...options }).catch(() => {});
    expect(await verdict(running)).toContain(words);
  });

  test('what is bad on purpose is said so, for that topic alone', async () => {
    const running = await begin({ badOnPurpose: ['presence'] });
    await say(running, presence, said('asleep'));
    expect(await verdict(running)).toBe('');
    const other = await begin({ badOnPurpose: ['hello'] });
    await say(other, presence, said('asleep'));
    const words = await verdict(other);
    expect(words).toContain('/data/state');
    expect(words).toContain('hello: was to be bad on purpose and never was');
  });

  test('an outcome that no platform listens to is looked at as well', async () => {
    const running = await begin();
    const url = running.platformMqttUrl;
    const client = await mqtt.connectAsync(url, { clientId: PLATFORM, username: PLATFORM, password: running.mqttPassword });
    const beat = running.feed.event('feed.heartbeat', 'made-heartbeat', {});
    await client.publishAsync(addressOf('platformEvents', { hall: HALL, platform: PLATFORM }), JSON.stringify(beat), { qos: 1 });
    await client.endAsync();
    const heard = () => expect(running.messages.seen.get('platformOutcome')).toBeGreaterThanOrEqual(1);
    await vi.waitFor(heard, { timeout: 10_000 });
  });
});
