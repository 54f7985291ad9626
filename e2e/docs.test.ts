import { spawnSync } from 'node:child_process';
import { envelope, eventSchemas, topics } from '@hall/contracts';
import asyncApiSpecs from '@asyncapi/specs';
import { Ajv } from 'ajv';
import { expect, test } from 'vitest';
import { readText, root } from './architecture/repository.ts';

interface AsyncApi {
  channels: Record<string, { address: string }>;
  operations: Record<string, { action: string; bindings: { mqtt: { qos: number; retain: boolean } } }>;
  components: { messages: Record<string, { payload: object }>; schemas: Record<string, object> };
}
const asyncApi = JSON.parse(readText('docs/asyncapi.json')) as AsyncApi;

test('the generated pages are current', () => {
  const { status, stderr } = spawnSync(process.execPath, ['scripts/docs.mjs', '--check'], { cwd: root, encoding: 'utf8' });
  expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
});

test('asyncapi.json is a valid AsyncAPI 3.0 document', () => {
  const ajv = new Ajv({ strict: false, validateFormats: false, meta: false, validateSchema: false });
  const validate = ajv.compile(asyncApiSpecs.schemas['3.0.0'] as object);
  validate(asyncApi);
  expect(validate.errors ?? []).toEqual([]);
  expect(validate({ ...asyncApi, channels: [] })).toBe(false);
});

test('every reference in asyncapi.json leads somewhere', () => {
  const follow = (reference: string): unknown =>
    reference
      .slice(2)
      .split('/')
      .reduce<unknown>((at, key) => (at as Record<string, unknown> | undefined)?.[key], asyncApi);
  const references = [...readText('docs/asyncapi.json').matchAll(/"\$ref": "([^"]+)"/g)].map(([, reference = '']) => reference);
  expect(references.length).toBeGreaterThan(50);
  expect(references.filter((reference) => follow(reference) === undefined)).toEqual([]);
});

test.each(Object.entries(topics))('topic %s is described as it is', (name, { address, direction, qos, retain }) => {
  expect(asyncApi.channels[name]?.address).toBe(address);
  const operation = asyncApi.operations[name];
  expect(operation?.action).toBe(direction === 'up' || direction === 'in' ? 'receive' : 'send');
  expect(operation?.bindings.mqtt).toMatchObject({ qos, retain });
});

test('a message of ours matches its description, and another one does not', () => {
  const ajv = new Ajv({ strict: false });
  const presence = ajv.compile(asyncApi.components.messages['presence']?.payload ?? {});
  const message = envelope('presence', '/hall/h/agent/a', '1', 0, { state: 'online', epoch: 'e' });
  expect(presence(message)).toBe(true);
  expect(presence({ ...message, type: 'hall.1.hello' })).toBe(false);
  expect(presence({ ...message, data: { state: 'asleep', epoch: 'e' } })).toBe(false);
});

test('every event of the platform is described with its data', () => {
  expect(Object.keys(asyncApi.components.schemas).toSorted()).toEqual([...Object.keys(eventSchemas), 'PlatformEvent'].toSorted());
  const ajv = new Ajv({ strict: false });
  const called = ajv.compile(asyncApi.components.schemas['ticket.called'] ?? {});
  const event = {
    specversion: '1.0',
    id: 'e1',
    source: '/platform',
    type: 'ticket.called',
    subject: 't1',
    sequence: '2',
    time: '2026-11-23T10:20:00+08:00',
    data: { ticket: 'A012', window: 'w1' },
  };
  expect(called(event)).toBe(true);
  expect(called({ ...event, data: { ticket: 'A012' } })).toBe(false);
});
