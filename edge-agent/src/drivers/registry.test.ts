import { readFileSync } from 'node:fs';
import { confirmationLevels } from '@hall/contracts';
import { Type } from 'typebox';
import { Compile } from 'typebox/compile';
import { describe, expect, test } from 'vitest';
import { driverInfos, driverOf, drivers } from './registry.ts';

const isQuality = Compile(
  Type.Object(
    {
      level: Type.Union([Type.Literal('basic'), Type.Literal('good'), Type.Literal('proven')]),
      rules: Type.Record(
        Type.String(),
        Type.Union([Type.Literal('done'), Type.Literal('todo'), Type.Object({ exempt: Type.String({ minLength: 10 }) })]),
      ),
    },
    { additionalProperties: false },
  ),
);
const basic = ['vectors-with-outside-sources', 'simulator', 'timeout-and-reconnect-tests', 'readme'];
interface Setting {
  readonly title?: string;
  readonly description?: string;
  readonly anyOf?: readonly { readonly title?: string }[];
}
const folder = (id: string) => new URL(`${id}/`, import.meta.url);

test('drivers are sorted by id, each once, and announced as they are', () => {
  const ids = drivers.map(({ id }) => id);
  expect(ids).toEqual([...new Set(ids)].toSorted());
  expect(driverInfos.map(({ id }) => id)).toEqual(ids);
  expect(() => driverOf('nobody')).toThrow(expect.objectContaining({ code: 'DRIVER_UNKNOWN' }));
});

describe.each(drivers)('driver $id', ({ id, config, state, reaches }) => {
  test('its schemas compile and close their objects', () => {
    expect(Compile(config).Check({ nonsense: true })).toBe(false);
    expect(Compile(state).Check('nonsense')).toBe(false);
    expect(confirmationLevels).toContain(reaches);
  });

  test('every setting and every choice has a Chinese name and an explanation for the form of the console', () => {
    const { properties } = config as unknown as { properties: Record<string, Setting> };
    for (const { title, description, anyOf = [] } of Object.values(properties)) {
      expect(title).toMatch(/\p{Script=Han}/u);
      expect(description).toMatch(/\p{Script=Han}/u);
      for (const choice of anyOf) expect(choice.title).toBeDefined();
    }
  });

  test('it has a README and a quality file whose level its rules bear out', () => {
    expect(readFileSync(new URL('README.md', folder(id)), 'utf8')).toMatch(new RegExp(`^# ${id}\n`));
    const quality: unknown = JSON.parse(readFileSync(new URL('quality.json', folder(id)), 'utf8'));
    expect(isQuality.Check(quality)).toBe(true);
    const { rules } = quality as { rules: Record<string, unknown> };
    expect(basic.filter((rule) => rules[rule] === undefined || rules[rule] === 'todo')).toEqual([]);
  });
});
