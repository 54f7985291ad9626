/** The topic rules against a slow model of MQTT 3.1.1 §4.7, over made-up filters, topics, names and roles. */
import { topics, type TopicName } from '@hall/contracts';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { mayPublish, mayRetain, maySubscribe, mayWill, type Principal } from './acl.ts';
import { clientIdFits, isClientId } from './client-id.ts';
import { matches, mayPublishByModel, maySubscribeByModel } from './topic-model.fixture.ts';

const RUNS = 50_000;

const who = (role: Principal['role'], id: string, hall = 'demo'): Principal => ({ role, hall, id });
const roles: readonly Principal[] = [
  who('server', 'server'),
  who('server', 'server', 'other'),
  who('agent', 'a1'),
  who('agent', 'a2'),
  who('agent', 'a1', 'other'),
  who('platform', 'city'),
  who('platform', 'town'),
  who('platform', 'a1'),
];
/** Names that nobody may bear. */
const nobodies = ['', '+', '#', '$SYS', '__proto__', 'A1', 'a1 ', 'a1\u0000', '\u0430\u0031', 'a/1', '-', 'x'.repeat(33)];

const NAMES = ['demo', 'other', 'a1', 'a2', 'd1', 'city', 'town', 'server', 'device'];
const ODD = [
  '+',
  '#',
  '',
  '$SYS',
  '$share',
  '+a',
  'a+',
  '#a',
  '++',
  'A1',
  'a1 ',
  ' a1',
  '\u0430\u0031',
  'a\u0131',
  'a1\u0000',
  '\u0000',
  '..',
  '%2b',
  '\uff0b',
  '__proto__',
  'a1\u200b',
];
const WORDS = [...new Set(Object.values(topics).flatMap(({ address }) => address.split('/')))].filter(
  (word) => !word.startsWith('{'),
);

const name = fc.oneof(
  { weight: 4, arbitrary: fc.constantFrom(...NAMES) },
  { weight: 3, arbitrary: fc.constant('+') },
  fc.constantFrom(...ODD),
);
const level = fc.oneof(fc.constantFrom(...NAMES), fc.constantFrom(...WORDS), fc.constantFrom(...ODD));

/** What is done to a declared topic whose names are filled in. */
const twist = fc.oneof(
  { weight: 6, arbitrary: fc.constant((levels: readonly string[]) => levels) },
  fc.tuple(fc.nat(9), level).map(
    ([at, word]) =>
      (levels: readonly string[]) =>
        levels.with(at % levels.length, word),
  ),
  fc.tuple(fc.nat(9), level).map(
    ([at, word]) =>
      (levels: readonly string[]) =>
        levels.toSpliced(at, 0, word),
  ),
  fc.nat(9).map((at) => (levels: readonly string[]) => levels.toSpliced(at, 1)),
  fc.nat(9).map((at) => (levels: readonly string[]) => [...levels.slice(0, at), '#']),
  fc
    .constantFrom(['$share', 'g'], ['$queue'], ['$SYS'], [''])
    .map((front) => (levels: readonly string[]) => [...front, ...levels]),
  fc.constant((levels: readonly string[]) => [...levels, '']),
);
const near = fc
  .tuple(
    fc.constantFrom(...(Object.keys(topics) as TopicName[])),
    fc.array(name, { minLength: 3, maxLength: 3 }),
    fc.boolean(),
    twist,
  )
  .map(([topic, names, ownHall, change]) => {
    const filled = topics[topic].address.split('/').map((word) => {
      if (word === '{hall}' && ownHall) return 'demo';
      return word.startsWith('{') ? (names[['{hall}', '{agent}', '{device}'].indexOf(word) % 3] ?? names[0] ?? '') : word;
    });
    return change(filled).join('/');
  });
const address = fc.oneof(
  { weight: 6, arbitrary: near },
  fc.array(level, { maxLength: 9 }).map((levels) => levels.join('/')),
);

test(`${RUNS} made-up filters and topics are judged for every role as by the slow model`, () => {
  let granted = 0;
  let refused = 0;
  fc.assert(
    fc.property(address, (text) => {
      for (const principal of roles) {
        const [publish, subscribe] = [mayPublish(principal, text), maySubscribe(principal, text) !== undefined];
        if (publish !== mayPublishByModel(principal, text) || subscribe !== maySubscribeByModel(principal, text)) {
          throw new Error(`${principal.role} ${principal.id} of ${principal.hall}: ${JSON.stringify(text)}`);
        }
        if (publish !== undefined || subscribe) granted += 1;
        else refused += 1;
      }
    }),
    { numRuns: RUNS },
  );
  // Neither answer is given for want of the other: both are met often.
  expect(granted).toBeGreaterThan(RUNS / 10);
  expect(refused).toBeGreaterThan(RUNS);
}, 60_000);

test('a name that is no id owns nothing, whatever its role', () => {
  fc.assert(
    fc.property(address, fc.constantFrom(...nobodies), fc.constantFrom('agent', 'platform'), (text, id, role) => {
      const principal = who(role, id);
      const asked = [text, text.replace(/a1|a2|city|town/, () => id)];
      const none = asked.every((one) => {
        const heard = maySubscribe(principal, one);
        return mayPublish(principal, one) === undefined && (heard === undefined || heard === 'serverState');
      });
      expect(none).toBe(true);
    }),
    { numRuns: 10_000 },
  );
});

test('a will or a retained message is nothing but a state of the sender', () => {
  fc.assert(
    fc.property(address, fc.constantFrom(...roles), (text, principal) => {
      const own = {
        agent: `hall/1/${principal.hall}/agent/${principal.id}/presence`,
        server: `hall/1/${principal.hall}/server/state`,
        platform: '',
      };
      const sent = mayPublish(principal, text);
      const isOwnState = text !== '' && text === own[principal.role];
      expect([mayWill(principal, text), sent !== undefined && mayRetain(sent)]).toEqual([isOwnState, isOwnState]);
    }),
    { numRuns: 10_000 },
  );
});

test('a client id fits when it is the user, or for a platform the user, a dot and a word', () => {
  const text = fc.oneof(
    fc.constantFrom(...NAMES, ...ODD, ...nobodies, 'city.', 'city.x', 'city.x.y', 'city.+', '.x'),
    fc.string(),
  );
  fc.assert(
    fc.property(text, text, fc.constantFrom('agent', 'platform', 'server'), (user, clientId, role) => {
      const id = /^[a-z0-9](?:[a-z0-9-]{0,30}[a-z0-9])?$/;
      const [first, word, ...more] = clientId.split('.');
      const second = role === 'platform' && first === user && word !== undefined && id.test(word) && more.length === 0;
      const fits = clientIdFits(role, user, clientId);
      expect(fits).toBe(id.test(user) && (clientId === user || second));
      expect(fits && !isClientId(clientId)).toBe(false);
    }),
    { numRuns: 20_000 },
  );
});

test.each([
  ['sport/tennis/player1/#', 'sport/tennis/player1', true],
  ['sport/tennis/player1/#', 'sport/tennis/player1/score/wimbledon', true],
  ['sport/#', 'sport', true],
  ['sport/tennis/+', 'sport/tennis/player1', true],
  ['sport/tennis/+', 'sport/tennis/player1/ranking', false],
  ['sport/+', 'sport', false],
  ['sport/+', 'sport/', true],
  ['+/+', '/finance', true],
  ['/+', '/finance', true],
  ['+', '/finance', false],
  ['#', '$SYS/monitor', false],
  ['+/monitor/Clients', '$SYS/monitor/Clients', false],
  ['$SYS/#', '$SYS/monitor/Clients', true],
])('the model knows the examples of the specification: %s and %s', (filter, topic, expected) => {
  expect(matches(filter, topic)).toBe(expected);
});
