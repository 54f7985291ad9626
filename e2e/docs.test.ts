import { spawn, spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import asyncApiSpecs from '@asyncapi/specs';
import { alarmTypeIds, errorCodes, envelope, eventSchemas, topics } from '@hall/contracts';
import { alarmTypes } from '@hall/model';
import { Validator } from '@seriousme/openapi-schema-validator';
import { Ajv } from 'ajv';
import { Ajv2020 } from 'ajv/dist/2020.js';
import { describe, expect, onTestFinished, test } from 'vitest';
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

test.each(alarmTypeIds)('the page of alarms says what visitors see with %s and what to do first', (id) => {
  const [, after = ''] = readText('docs/alarms.md').split(`### \`${id}\``);
  const [section = ''] = after.split('\n### ');
  const { title, seen, firstStep } = alarmTypes[id];
  for (const { zh, en } of [title, seen, firstStep]) {
    expect(section).toContain(zh);
    expect(section).toContain(en);
  }
});

test('asyncapi.json is a valid AsyncAPI 3.0 document', () => {
  const ajv = new Ajv({ strict: false, validateFormats: false, meta: false, validateSchema: false });
  const validate = ajv.compile(asyncApiSpecs.schemas['3.0.0'] as object);
  validate(asyncApi);
  expect(validate.errors ?? []).toEqual([]);
  expect(validate({ ...asyncApi, channels: [] })).toBe(false);
});

test.each(['docs/asyncapi.json', 'docs/openapi.json'])('every reference in %s leads somewhere', (file) => {
  const text = readText(file);
  const document = JSON.parse(text) as unknown;
  const follow = (reference: string): unknown =>
    reference
      .slice(2)
      .split('/')
      .reduce<unknown>((at, key) => (at as Record<string, unknown> | undefined)?.[key], document);
  const references = [...text.matchAll(/"\$ref": "([^"]+)"/g)].map(([, reference = '']) => reference);
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

interface OpenApi {
  openapi: string;
  paths: Record<string, Record<string, Operation>>;
  components: { schemas: Record<string, object> };
}
interface Operation {
  summary?: string;
  security?: Array<Record<string, unknown>>;
  parameters?: Array<{ in: string; name: string; required?: boolean }>;
  requestBody?: { content: Record<string, { schema: object }> };
  responses: Record<string, { description: string; headers?: object; content?: Record<string, { schema: object }> }>;
}
const openApi = JSON.parse(readText('docs/openapi.json')) as OpenApi;
const operations = Object.entries(openApi.paths).flatMap(([path, methods]) =>
  Object.entries(methods).map(([method, operation]) => ({ name: `${method.toUpperCase()} ${path}`, ...operation })),
);
const eventsOperation = openApi.paths['/api/v1/halls/{hall}/platform/events']?.['post'];

test('openapi.json is a valid OpenAPI 3.1 document', async () => {
  const validator = new Validator();
  expect(await validator.validate(structuredClone({ ...openApi }))).toMatchObject({ valid: true });
  expect(validator.version).toBe('3.1');
  const broken = { ...openApi, paths: { '/x': { get: { responses: 'none' } } } };
  expect(await new Validator().validate(broken)).toMatchObject({ valid: false });
});

test('no two schemas of openapi.json are one thing in two places', () => {
  const { schemas } = openApi.components;
  expect(Object.keys(schemas)).toEqual(expect.arrayContaining([...Object.keys(eventSchemas), 'ErrorReply', 'PlatformSnapshot']));
  const texts = Object.values(openApi.paths).map((path) => JSON.stringify(path));
  expect(texts.filter((text) => text.includes('"requestId":{'))).toEqual([]);
});

test.each(operations)(
  '$name says what it does, who may use it, and what it answers',
  ({ name, summary, security, responses }) => {
    expect(summary).toMatch(/^[A-Z]/);
    expect(
      security !== undefined || /bootstrap|POST .*sessions$|POST .*enrolments(?:$|.*answer$)|GET .*updates.*bundle$/.test(name),
    ).toBe(true);
    const statuses = Object.keys(responses);
    expect(statuses.some((status) => status.startsWith('2'))).toBe(true);
    expect(statuses.some((status) => status.startsWith('4'))).toBe(true);
    expect(statuses.some((status) => status.startsWith('5'))).toBe(true);
  },
);

test('the intake is documented in its three modes, with its signature and its refusals', () => {
  expect(Object.keys(eventsOperation?.requestBody?.content ?? {}).toSorted()).toEqual([
    'application/cloudevents+json',
    'application/cloudevents-batch+json',
    'application/json',
  ]);
  expect(eventsOperation?.security).toEqual([{ webhook: [] }]);
  const headers = eventsOperation?.parameters?.filter((parameter) => parameter.in === 'header') ?? [];
  expect(headers.filter(({ required }) => required).map(({ name }) => name)).toEqual(['webhook-id', 'webhook-timestamp']);
  expect(headers.map(({ name }) => name)).toEqual(expect.arrayContaining(['ce-id', 'ce-source', 'ce-type', 'ce-time']));
  const named = Object.entries(eventsOperation?.responses ?? {}).flatMap(([status, { description }]) =>
    [...description.matchAll(/`([A-Z_]+)`/g)].map(([, code = '']) => [code, Number(status)] as const),
  );
  expect(named.length).toBeGreaterThan(15);
  for (const [code, status] of named) expect([code, status]).toEqual([code, errorCodes[code as keyof typeof errorCodes].http]);
  expect(eventsOperation?.responses['503']?.headers).toHaveProperty('retry-after');
  expect(eventsOperation?.responses['422']?.headers).toBeUndefined();
});

test('an event of the platform is described alike for HTTP and for MQTT', () => {
  const ajv = new Ajv2020({ strict: false });
  ajv.addSchema({ $id: 'openapi', components: openApi.components });
  const event = {
    specversion: '1.0',
    id: 'e1',
    source: '/platform',
    type: 'window.paused',
    subject: 'w1',
    sequence: '2',
    time: '2026-11-23T10:20:00+08:00',
    data: { window: 'w1', reason: 'meeting' },
  };
  const viaHttp = ajv.getSchema('openapi#/components/schemas/PlatformEvent');
  const viaMqtt = new Ajv({ strict: false }).compile(asyncApi.components.schemas['window.paused'] ?? {});
  for (const [given, good] of [
    [event, true],
    [{ ...event, data: { window: 'w1', reason: 'tired' } }, false],
    [{ ...event, type: 'window.napping' }, false],
  ] as const) {
    expect([viaHttp?.(given), viaMqtt(given)]).toEqual([good, good]);
  }
});

describe('operations.md', () => {
  const operations = readText('docs/operations.md');
  const SERVER = 'hall-server/bundle/main.js';
  const tsx = pathToFileURL(createRequire(import.meta.url).resolve('tsx')).href;
  const source = [process.execPath, '--import', tsx, '--conditions=@hall/source', path.join(root, 'hall-server/src/main.ts')];
  const help = (...words: string[]): string => {
    const [node = '', ...args] = source;
    return spawnSync(node, [...args, ...words, '--help'], { encoding: 'utf8' }).stdout;
  };
  const subcommands = (text: string): string[] =>
    [...(text.split('Commands:')[1] ?? '').matchAll(/^ {2}([a-z]+)/gm)]
      .map(([, name = '']) => name)
      .filter((name) => name !== 'help');

  test('its table of commands is what the command says of itself', () => {
    const [, table = ''] = operations.split('## The commands of the server');
    const told = [...(table.split('\n## ')[0] ?? '').matchAll(/^\| `([a-z]+(?: [a-z]+)?)/gm)].map(([, command = '']) => command);
    const groups = ['platform', 'agent', 'content'];
    const real = subcommands(help()).flatMap((name) =>
      groups.includes(name) ? subcommands(help(name)).map((inner) => `${name} ${inner}`) : [name],
    );
    expect(told.toSorted()).toEqual(real.toSorted());
  });

  test('its commands work in the order in which they stand, on the configuration that it shows', async () => {
    const folder = mkdtempSync(path.join(tmpdir(), 'hall-operations-'));
    onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
    const [, shown = ''] = /```json\n(\{[^`]*"mqtt"[^`]*\})\n```/.exec(operations) ?? [];
    const config = JSON.parse(shown) as { http: object; mqtt: object; mqtts: object };
    const here = { host: '127.0.0.1', port: 0 };
    const local = { ...config, data: 'data', http: { ...config.http, ...here }, mqtt: { ...config.mqtt, ...here }, mqtts: here };
    writeFileSync(path.join(folder, 'server.json'), JSON.stringify(local));

    const commands = [...operations.matchAll(/^hall-server\/bundle\S+ .*$/gm)].map(([command]) =>
      command.replace(SERVER, source.join(' ')).replaceAll('/etc/hall/', `${folder}/`),
    );
    const [start = '', ...others] = commands;
    expect(start).toContain(' start ');
    expect(others.length).toBeGreaterThanOrEqual(4);
    const server = spawn('sh', ['-c', `exec ${start}`], { cwd: folder, stdio: ['ignore', 'pipe', 'inherit'] });
    onTestFinished(() => void server.kill('SIGKILL'));
    const ended = new Promise((resolve) => {
      server.once('close', resolve);
    });
    let said = '';
    for await (const chunk of server.stdout) {
      said += String(chunk);
      if (/one-time code.*\S\n/.test(said)) break;
    }
    for (const command of others) {
      const { status, stderr } = spawnSync('sh', ['-c', command], { cwd: folder, encoding: 'utf8' });
      expect({ command, status, stderr }).toEqual({ command, status: 0, stderr: '' });
    }
    expect(JSON.parse(readFileSync(path.join(folder, 'content.json'), 'utf8'))).toHaveProperty('calendar');
    server.kill('SIGTERM');
    expect(await ended).toBe(0);
  });
});
