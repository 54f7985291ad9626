import { addressOf, envelope, topics, type TopicName } from '@hall/contracts';
import { expect, test } from 'vitest';
import { heard, readMessage } from './messages.ts';

const own = { hall: 'a', agent: 'agent-a' };
const names = { ...own, device: 'strip-w01' };
const bytes = (name: TopicName, data: unknown) => Buffer.from(JSON.stringify(envelope(name, '/x', '1', 0, data as never)));

test('nothing is taken from what a broker had kept but whether the server is there', () => {
  for (const name of heard) {
    const planted = readMessage(addressOf(name, names), bytes(name, {}), own, true);
    expect(planted).toEqual({ dropped: topics[name].retain ? 'payload' : 'retained' });
  }
  const state = { state: 'online', gen: 'g', epoch: 'e' };
  expect(readMessage(addressOf('serverState', names), bytes('serverState', state), own, true)).toMatchObject({ data: state });
});

test.each([
  ['of another agent', 'hall/1/a/agent/agent-b/lease'],
  ['of another hall', 'hall/1/b/agent/agent-a/lease'],
  ['that goes up', 'hall/1/a/agent/agent-a/hello'],
  ['that nobody declared', 'hall/1/a/agent/agent-a/lease/more'],
])('a topic %s is not listened to', (_, topic) => {
  expect(readMessage(topic, bytes('lease', {}), own)).toEqual({ dropped: 'topic' });
});
