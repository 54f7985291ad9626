import { addressOf, filterOf, topics, type TopicName } from '@hall/contracts';
import { expect, test } from 'vitest';
import { mayPublish, mayRetain, maySubscribe, mayWill, type Principal } from './acl.ts';

const agent: Principal = { role: 'agent', hall: 'demo', id: 'a1' };
const platform: Principal = { role: 'platform', hall: 'demo', id: 'city' };
const server: Principal = { role: 'server', hall: 'demo', id: 'server' };
const names = { hall: 'demo', agent: 'a1', device: 'd1', platform: 'city' };

const own: Record<Principal['role'], { publish: TopicName[]; subscribe: TopicName[] }> = {
  agent: {
    publish: [
      'hello',
      'heartbeat',
      'presence',
      'reported',
      'resync',
      'up',
      'commandState',
      'discovered',
      'traced',
      'timeRequest',
      'status',
    ],
    subscribe: [
      'serverState',
      'welcome',
      'tables',
      'desired',
      'live',
      'lease',
      'upack',
      'command',
      'discover',
      'trace',
      'timeReply',
      'waiting',
    ],
  },
  platform: { publish: ['platformEvents'], subscribe: ['platformOutcome', 'platformIsland'] },
  server: {
    publish: [
      'serverState',
      'welcome',
      'tables',
      'desired',
      'live',
      'lease',
      'upack',
      'command',
      'discover',
      'trace',
      'timeReply',
      'waiting',
      'platformOutcome',
      'platformIsland',
    ],
    subscribe: [
      'hello',
      'heartbeat',
      'presence',
      'reported',
      'resync',
      'up',
      'commandState',
      'discovered',
      'traced',
      'timeRequest',
      'status',
      'platformEvents',
    ],
  },
};

test.each([agent, platform, server])('$role: the declared topics, one by one', (principal) => {
  for (const name of Object.keys(topics) as TopicName[]) {
    const address = addressOf(name, names);
    expect(mayPublish(principal, address)).toBe(own[principal.role].publish.includes(name) ? name : undefined);
    expect(maySubscribe(principal, address)).toBe(own[principal.role].subscribe.includes(name) ? name : undefined);
  }
});

test('the server hears every agent and platform with one filter per topic', () => {
  for (const name of own.server.subscribe) expect(maySubscribe(server, filterOf(name, { hall: 'demo' }))).toBe(name);
});

test.each([
  'hall/1/demo/agent/a2/hello',
  'hall/1/other/agent/a1/hello',
  'hall/1/demo/agent/+/hello',
  'hall/1/demo/agent/#',
  'hall/1/demo/agent/a1/hello/',
  '/hall/1/demo/agent/a1/hello',
  'hall/1/demo//a1/hello',
  'hall/1/demo/agent/A1/hello',
  'hall/1/demo/agent/а1/hello',
  'hall/1/demo/agent/a1\u0000/hello',
  'hall/2/demo/agent/a1/hello',
  '$SYS/broker/clients',
  '$share/g/hall/1/demo/agent/a1/welcome',
  '#',
  '+/+/+/+/+/+',
  '',
])('an agent may neither publish nor subscribe %j', (address) => {
  expect(mayPublish(agent, address)).toBeUndefined();
  expect(maySubscribe(agent, address)).toBeUndefined();
});

test('an id that is a wildcard owns nothing', () => {
  for (const id of ['+', '#', '', '$SYS']) {
    expect(mayPublish({ ...agent, id }, `hall/1/demo/agent/${id}/hello`)).toBeUndefined();
    expect(maySubscribe({ ...agent, id }, `hall/1/demo/agent/${id}/welcome`)).toBeUndefined();
  }
});

test('a will may only say how the sender ended, and only that and presence is kept', () => {
  expect(mayWill(agent, 'hall/1/demo/agent/a1/presence')).toBe(true);
  expect(mayWill(agent, 'hall/1/demo/agent/a1/hello')).toBe(false);
  expect(mayWill(agent, 'hall/1/demo/agent/a2/presence')).toBe(false);
  expect(mayWill(agent, 'hall/1/demo/server/state')).toBe(false);
  expect((Object.keys(topics) as TopicName[]).filter(mayRetain)).toEqual(['serverState', 'presence']);
});
