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
      ,
      'commandState',
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
      ,
      'command',
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
      'command',
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
      'commandState',
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

const vocabulary = [
  'hall',
  '1',
  'demo',
  'other',
  'agent',
  'platform',
  'server',
  'device',
  'state',
  'hello',
  'welcome',
  'presence',
  'tables',
  'desired',
  'reported',
  'live',
  'lease',
  'resync',
  'up',
  'upack',
  'command',
  'command-state',
  'events',
  'outcome',
  'a1',
  'a2',
  'd1',
  'd2',
  'city',
  'town',
  '+',
  '#',
  '',
  '$SYS',
  '$share',
  'A1',
  'a1 ',
  'а1',
  '\u0000',
];

/** A slow model, by enumeration: everything of the vocabulary that a principal could need. */
function* allowed(principal: Principal, kind: 'publish' | 'subscribe'): Generator<string> {
  const ids = vocabulary.filter((word) => /^[a-z0-9]+$/.test(word));
  for (const name of own[principal.role][kind]) {
    const keys = [...topics[name].address.matchAll(/\{(\w+)\}/g)].map(([, key]) => key ?? '');
    const choices = keys.map((key) => {
      if (key === 'hall') return ['demo'];
      if (key === principal.role) return [principal.id];
      const any = kind === 'subscribe' && (key === 'device' || principal.role === 'server');
      return any ? [...ids, '+'] : ids;
    });
    const rows = choices.reduce<string[][]>(
      (rest, values) => rest.flatMap((row) => values.map((value) => [...row, value])),
      [[]],
    );
    for (const row of rows) yield topics[name].address.replace(/\{(\w+)\}/g, (_, key: string) => row[keys.indexOf(key)] ?? '');
  }
}

test('50,000 made-up filters and topics are judged as by the slow model', () => {
  const word = fc.constantFrom(...vocabulary);
  const near = fc
    .tuple(
      fc.constantFrom(...(Object.keys(topics) as TopicName[])),
      fc.array(word, { minLength: 3, maxLength: 3 }),
      fc.nat(9),
      word,
    )
    .map(([name, words, at, replacement]) => {
      let next = 0;
      const levels = topics[name].address
        .split('/')
        .map((level) => (level === '{hall}' ? 'demo' : level.startsWith('{') ? (words[next++] ?? '') : level));
      if (at < levels.length) levels[at] = replacement;
      return levels.join('/');
    });
  const address = fc.oneof(
    near,
    fc.array(word, { maxLength: 9 }).map((levels) => levels.join('/')),
  );
  const models = [agent, platform, server].map((principal) => ({
    principal,
    publish: new Set(allowed(principal, 'publish')),
    subscribe: new Set(allowed(principal, 'subscribe')),
  }));
  fc.assert(
    fc.property(address, (text) => {
      for (const { principal, publish, subscribe } of models) {
        expect(mayPublish(principal, text) !== undefined).toBe(publish.has(text));
        expect(maySubscribe(principal, text) !== undefined).toBe(subscribe.has(text));
      }
    }),
    { numRuns: 16_700 },
  );
});
