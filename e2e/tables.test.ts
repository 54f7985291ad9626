import {
  addressOf,
  allows,
  contentKinds,
  errorCodes,
  eventSchemas,
  eventTypes,
  filterOf,
  isEventType,
  permissions,
  roles,
  topicOf,
  topics,
  type Permission,
  type TopicName,
} from '@hall/contracts';
import { Ajv2020 } from 'ajv/dist/2020.js';
import { describe, expect, test } from 'vitest';

const ajv = new Ajv2020({ strict: false });
const names = { hall: 'h', agent: 'a', device: 'd', platform: 'p' };
const topicRows = Object.entries(topics).map(([name, topic]) => ({ name: name as TopicName, ...topic }));

test('every topic has an address of its own, under the version of the tree', () => {
  const addresses = topicRows.map(({ address }) => address);
  expect(new Set(addresses).size).toBe(addresses.length);
  expect(addresses.filter((address) => !address.startsWith('hall/1/{hall}/'))).toEqual([]);
});

describe.each(topicRows)('topic $name', ({ name, address, payload, summary, retain, qos }) => {
  test('its payload schema compiles and refuses nonsense, except where anything is taken', () => {
    expect(ajv.validate(payload, { nonsense: true })).toBe(name === 'platformEvents');
  });

  test('its address can be filled in, filtered and read back', () => {
    const filled = addressOf(name, names);
    const asked = Object.fromEntries([...address.matchAll(/\{(\w+)\}/g)].map(([, key = '']) => [key, names[key as 'hall']]));
    expect(topicOf(filled)).toEqual({ name, names: asked });
    expect(filterOf(name, {})).toBe(address.replace(/\{\w+\}/g, '+'));
    expect(summary).toMatch(/\.$/);
  });

  test('it is delivered surely, and retained only if it says whether somebody is there', () => {
    expect(retain).toBe(name === 'presence' || name === 'serverState');
    expect(qos).toBe(1);
  });
});

describe.each(Object.entries(errorCodes))('error %s', (code, { http, retry, zh, en }) => {
  test('has a code of capitals, an HTTP status of failure and a sentence in both languages', () => {
    expect(code).toMatch(/^[A-Z][A-Z0-9_]+$/);
    expect(http).toBeGreaterThanOrEqual(400);
    expect(http).toBeLessThan(600);
    expect(zh).toMatch(/\p{Script=Han}/u);
    expect(zh).not.toMatch(/[.。]$/);
    expect(en).toMatch(/^[A-Z].*\.$/);
    expect(en).not.toMatch(/\p{Script=Han}/u);
  });

  test('asks for another try only where another try can help', () => {
    expect(retry && [400, 403, 404, 413, 415, 422].includes(http)).toBe(false);
  });
});

describe.each(eventTypes)('event %s', (type) => {
  test('is known by its name and refuses data of another shape', () => {
    expect(isEventType(type)).toBe(true);
    expect(isEventType(`${type}x`)).toBe(false);
    expect(ajv.validate(eventSchemas[type], 'nonsense')).toBe(false);
  });
});

test('the administrator holds every permission, and every role holds at least one', () => {
  const withoutAdministrator = Object.keys(permissions).filter(
    (permission) => !allows(['administrator'], permission as Permission),
  );
  expect(withoutAdministrator).toEqual([]);
  const holders = new Set(Object.values(permissions).flat());
  expect([...holders].toSorted()).toEqual([...roles].toSorted());
});

test('content kinds are each named once', () => {
  expect(new Set(contentKinds).size).toBe(contentKinds.length);
});
