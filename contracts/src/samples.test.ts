/** Messages recorded from a running hall of each release, read with the schemas of today: old and new run side by side during an update. */
import { readFileSync, readdirSync } from 'node:fs';
import { Value } from 'typebox/value';
import type { TSchema } from 'typebox';
import { describe, expect, test } from 'vitest';
import { CloudEventAttributes, EventOutcome, eventSchemas, isEventType } from './events.ts';
import { Envelope, topicOf, topics, type TopicName } from './topics.ts';

interface Sample {
  readonly topic: string;
  readonly will?: true;
  readonly payload: unknown;
}

const folder = new URL('../samples/', import.meta.url);
const { version } = JSON.parse(readFileSync(new URL('../package.json', import.meta.url), 'utf8')) as { version: string };
const names = Object.keys(topics) as TopicName[];
const releases = readdirSync(folder).map((release) => ({
  release,
  samples: readdirSync(new URL(`${release}/`, folder)).flatMap((file) =>
    (JSON.parse(readFileSync(new URL(`${release}/${file}`, folder), 'utf8')) as Sample[]).map((sample, at) => ({
      name: file.replace('.json', ''),
      at: at + 1,
      ...sample,
    })),
  ),
}));
type Named = (typeof releases)[number]['samples'][number];

const wrong = (schema: TSchema, value: unknown): string[] =>
  [...Value.Errors(schema, value)].map(({ instancePath, message }) => `${instancePath} ${message}`);
const fieldOf = (value: unknown, key: string): unknown => (value as Record<string, unknown> | null)?.[key];

/** Why a receiver of today would not understand a payload; empty if it does. Platform events are CloudEvents by themselves. */
function misunderstood(name: string, payload: unknown): string[] {
  if (name === 'platformEvents') {
    return [payload].flat().flatMap((event) => {
      const type = String(fieldOf(event, 'type'));
      const data = isEventType(type) ? wrong(eventSchemas[type], fieldOf(event, 'data')) : [`${type} is no event type`];
      return [...wrong(CloudEventAttributes, event), ...data];
    });
  }
  if (!names.includes(name as TopicName)) return [`${name} is no topic`];
  const data = fieldOf(payload, 'data');
  const own = [...wrong(Envelope, payload), ...wrong(topics[name as TopicName].payload, data)];
  if (fieldOf(payload, 'type') !== `hall.1.${name}`) own.push('another type');
  if (name !== 'platformOutcome') return own;
  const outcomes = fieldOf(data, 'outcomes') as readonly unknown[];
  return [...own, ...outcomes.flatMap((outcome) => wrong(EventOutcome, outcome))];
}

const isForServer = ({ name }: Named) => ['up', 'in'].includes(topics[name as TopicName]?.direction);
const isForOthers = (sample: Named) => !isForServer(sample);

describe.each(releases)('messages recorded from release $release', ({ samples }) => {
  test.each(samples.filter(isForServer))('the server of today reads $name $at', ({ name, topic, payload }) => {
    expect(topicOf(topic)?.name).toBe(name);
    expect(misunderstood(name, payload)).toEqual([]);
  });

  test.each(samples.filter(isForOthers))('an agent or platform of today reads $name $at', ({ name, topic, payload }) => {
    expect(topicOf(topic)?.name).toBe(name);
    expect(misunderstood(name, payload)).toEqual([]);
  });
});

test('every topic has samples of this release, and the states with a last will have that too', () => {
  const own = releases.find(({ release }) => release === version)?.samples ?? [];
  expect(names.filter((name) => !own.some((sample) => sample.name === name))).toEqual([]);
  expect(new Set(own.filter(({ will }) => will).map(({ name }) => name))).toEqual(new Set(['serverState', 'presence']));
});

test('a field that a release had and the contract has no more is found out', () => {
  const [hello] = releases.flatMap(({ samples }) => samples.filter(({ name }) => name === 'hello'));
  const data = { ...(fieldOf(hello?.payload, 'data') as object), gone: 1 };
  expect(misunderstood('hello', { ...(hello?.payload as object), data })).not.toEqual([]);
  expect(misunderstood('presence', hello?.payload)).not.toEqual([]);
  const event = { specversion: '1.0', id: '1', source: '/s', type: 'ticket.called', time: '2026-11-23T10:20:00Z' };
  expect(misunderstood('platformEvents', [{ ...event, data: { ticket: 'A001' } }])).not.toEqual([]);
});

test('no sample holds the whole name of a person, a password or a secret', () => {
  const all = releases.flatMap(({ samples }) => samples);
  const events = all.filter(({ name }) => name === 'platformEvents').flatMap(({ payload }) => [payload].flat());
  const data = events.map((event) => fieldOf(event, 'data'));
  const tables = all.filter(({ name }) => name === 'tables').map(({ payload }) => fieldOf(fieldOf(payload, 'data'), 'tables'));
  const staff = tables.flatMap((table) => Object.values(fieldOf(fieldOf(table, 'names'), 'staff') as object) as unknown[]);
  const people = [...data.map((one) => fieldOf(one, 'name')), ...data.map((one) => fieldOf(one, 'applicant')), ...staff];
  const named = people.filter((name) => name !== undefined);
  expect(named.length).toBeGreaterThan(2);
  expect(named.filter((name) => !(typeof name === 'string' && /^.\*+$/u.test(name)))).toEqual([]);
  expect(JSON.stringify(all)).not.toMatch(/password|secret/i);
});
