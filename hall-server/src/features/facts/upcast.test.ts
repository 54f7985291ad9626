import { readFileSync, readdirSync } from 'node:fs';
import { eventSchemas, eventTypes, isEventType } from '@hall/contracts';
import { Value } from 'typebox/value';
import { describe, expect, test } from 'vitest';
import { upcast, versionOf, type FactData } from './upcast.ts';

interface Sample {
  readonly type: string;
  readonly version: number;
  readonly data: FactData;
}
const folder = new URL('./samples/', import.meta.url);
const releases = readdirSync(folder).map((file) => ({
  release: file.replace('.json', ''),
  samples: JSON.parse(readFileSync(new URL(file, folder), 'utf8')) as Sample[],
}));

describe.each(releases)('facts recorded by release $release', ({ samples }) => {
  test.each(samples)('$type version $version reads as the newest shape', ({ type, version, data }) => {
    const shape = upcast(type, version, data);
    const problems = isEventType(type) ? [...Value.Errors(eventSchemas[type], shape)] : [];
    expect(problems).toEqual([]);
    expect(upcast(type, versionOf(type), shape)).toEqual(shape);
  });
});

test('every event type has a recorded sample', () => {
  const recorded = new Set(releases.flatMap(({ samples }) => samples.map(({ type }) => type)));
  expect(eventTypes.filter((type) => !recorded.has(type))).toEqual([]);
});

test('a version from the future is refused', () => {
  expect(() => upcast('ticket.called', versionOf('ticket.called') + 1, {})).toThrow(/unknown version/);
});
