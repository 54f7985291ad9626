import { addressOf, envelope, type LiveField, type Payload, type TopicName, type WindowLive } from '@hall/contracts';
import { expect, test } from 'vitest';
import { createLightTalk } from './light-talk.ts';
import { createMessages } from './messages.ts';

test('what a light agent says is as the contracts have it, and its records follow one another', () => {
  const said: { readonly name: TopicName; readonly data: unknown }[] = [];
  const messages = createMessages();
  const say = <N extends TopicName>(name: N, data: Payload<N>) => {
    said.push({ name, data });
    const topic = addressOf(name, { hall: 'north', agent: 'a1', device: 'strip-1' } as never);
    const payload = Buffer.from(JSON.stringify(envelope(name, '/hall/north/agent/a1', String(said.length), 0, data)));
    messages.see({ topic, payload, client: 'a1', way: 'in' });
  };
  const talk = createLightTalk({
    epoch: 'e',
    installId: 'i',
    status: (data) => say('status', data),
    timeRequest: (data) => say('timeRequest', data),
    shown: (_, screen) => say('reported', { epoch: 'e', seq: 1, at: 0, link: 'online', since: 0, screen, counters: {} }),
    up: (data) => say('up', data),
    devices: () => 1,
  });
  talk.welcomed();
  talk.parted();
  const value: WindowLive = { kind: 'window', window: 'w1', state: 'serving', ticket: 'A00012', department: 'd', services: [] };
  const field: LiveField = { key: 'window/w1', seq: 7, sourceTime: 1, value };
  talk.show('strip-1', [field]);
  talk.show('strip-1', [field]);
  expect(said.map(({ name }) => name)).toEqual(['status', 'timeRequest', 'reported', 'up', 'reported', 'up']);
  expect(messages.faults).toEqual([]);
  expect(said[3]?.data).toMatchObject({ records: [{ seq: 1, device: 'strip-1', data: { text: ['A00012'] } }] });
  expect(talk.head).toBe(2);
});
