import { addressOf, topics, type TopicName } from '@hall/contracts';
import { expect, test } from 'vitest';
import { brokersFor, chosenBroker } from './brokers.ts';
import { natsConfig, subjectOf } from './nats.ts';
import { clientIdOf, rightsOf, type BrokerUser } from './outside-broker.ts';
import { keysOf, rabbitDefinitions } from './rabbitmq.ts';

const users: readonly BrokerUser[] = [
  { role: 'server', id: 'server', password: 's' },
  { role: 'agent', id: 'agent-a', password: 'a' },
  { role: 'platform', id: 'city', password: 'c' },
];
const all = Object.keys(topics) as TopicName[];
const names = (agent: string) => ({ hall: 'a', agent, device: 'd1', platform: 'city' });

test('the server and the other side of each topic have opposite rights, and nobody has the whole tree', () => {
  const [server, agent, platform] = users.map((user) => rightsOf('a', user));
  expect((server?.publish.length ?? 0) + (server?.subscribe.length ?? 0)).toBe(all.length);
  expect((agent?.publish.length ?? 0) + (platform?.publish.length ?? 0)).toBe(server?.subscribe.length);
  expect(
    [server, agent, platform].flatMap((rights) => [...(rights?.publish ?? []), ...(rights?.subscribe ?? [])]).join(),
  ).not.toContain('#');
});

test('the routing keys of RabbitMQ that an agent may use are its own, whatever stands between', () => {
  const { publish, subscribe } = rightsOf('a', { role: 'agent', id: 'agent-a' });
  const [write, read] = [new RegExp(keysOf(publish)), new RegExp(keysOf(subscribe))];
  for (const name of all) {
    const key = (agent: string) => addressOf(name, names(agent)).replaceAll('/', '.');
    expect(write.test(key('agent-a'))).toBe(topics[name].direction === 'up');
    expect(read.test(key('agent-a'))).toBe(topics[name].direction === 'down');
    expect(write.test(key('agent-b'))).toBe(false);
    expect(write.test(`${key('agent-a')}.more`)).toBe(false);
    expect(read.test('hall.1.a.agent.*.welcome')).toBe(false);
  }
  expect(new RegExp(keysOf([])).test('hall.1.a.server.state')).toBe(false);
});

test('RabbitMQ lets a user touch the queue of its own client id alone', () => {
  const { permissions } = rabbitDefinitions('a', users) as { permissions: { user: string; configure: string }[] };
  const may = (user: string, queue: string) =>
    new RegExp(permissions.find((one) => one.user === user)?.configure ?? '^$').test(queue);
  expect(users.map((user) => may(user.id, `mqtt-subscription-${clientIdOf('a', user)}qos1`))).toEqual([true, true, true]);
  expect(may('agent-a', 'mqtt-subscription-agent-bqos1')).toBe(false);
});

test('NATS knows the topics as subjects, and the way back is the same', () => {
  expect(subjectOf('hall/1/a/agent/+/device/+/reported')).toBe('hall.1.a.agent.*.device.*.reported');
  const { authorization } = JSON.parse(natsConfig('a', users, { mqttPort: 1, natsPort: 2, store: '/s' })) as {
    authorization: { users: { user: string; permissions?: { publish: string[]; subscribe: string[] } }[] };
  };
  const agent = authorization.users.find(({ user }) => user === 'agent-a')?.permissions;
  expect(agent?.publish.every((subject) => subject.startsWith('hall.1.a.agent.agent-a.'))).toBe(true);
  expect(agent?.subscribe).toContain('hall.1.a.server.state');
});

test('one variable chooses the broker of the whole suite', () => {
  expect(chosenBroker({})).toBeUndefined();
  expect(chosenBroker({ HALL_TEST_BROKER: 'nats' })).toBe('nats');
  expect(() => chosenBroker({ HALL_TEST_BROKER: 'emqx' })).toThrow(/one of embedded, mosquitto, rabbitmq, nats/);
  expect(brokersFor(['nats']).length).toBe(1);
});
