import { HallContent } from '@hall/contracts';
import { Compile } from 'typebox/compile';
import { describe, expect, test } from 'vitest';
import { demoContent } from './content.ts';

const validator = Compile(HallContent);
const unique = (ids: readonly string[]) => new Set(ids).size === ids.length;

describe('demo content', () => {
  test.each([
    [60, 20],
    [8, 4],
    [1, 1],
    [200, 20],
  ])('with %i windows and %i departments it is valid hall content', (windows, departments) => {
    const content = demoContent({ windows, departments });
    expect([...validator.Errors(content)]).toEqual([]);
    expect(content.windows).toHaveLength(windows);
    expect(content.departments).toHaveLength(departments);
  });

  test('ids are unique and references lead somewhere', () => {
    const content = demoContent();
    for (const list of [content.departments, content.services, content.staff, content.windows, content.devices]) {
      expect(unique(list.map(({ id }) => id))).toBe(true);
    }
    const services = new Set(content.services.map(({ id }) => id));
    for (const window of content.windows) {
      expect(window.services.length).toBeGreaterThan(0);
      expect(window.services.every((id) => services.has(id))).toBe(true);
    }
    expect(unique(content.services.map(({ prefix }) => prefix))).toBe(true);
  });

  test('every window has a strip and fifteen of them are on each of four agents', () => {
    const strips = demoContent({ stripPorts: Array.from({ length: 60 }, (_, at) => 6000 + at) }).devices.filter(
      ({ driver }) => driver === 'onbon-k',
    );
    expect(strips).toHaveLength(60);
    for (const agent of ['agent-a', 'agent-b', 'agent-c', 'agent-d']) {
      expect(strips.filter((strip) => strip.agent === agent)).toHaveLength(15);
    }
    expect(strips[59]?.settings).toEqual({ transport: 'tcp', host: '127.0.0.1', port: 6059 });
  });

  test('every service can be served at some window', () => {
    const content = demoContent();
    const offered = new Set(content.windows.flatMap(({ services }) => services));
    expect(content.services.filter(({ id }) => !offered.has(id))).toEqual([]);
  });
});
