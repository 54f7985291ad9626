import { describe, expect, test } from 'vitest';
import { importTable, packages, readText, sharedTools, sources, workspaces } from './architecture/repository.ts';
import { violations } from './architecture/rules.ts';
import { codeOnly, importsOf } from './architecture/source-text.ts';

const all = packages();
const tools = sharedTools();

test('the architecture document has a row for every workspace and for nothing else', () => {
  const table = importTable(readText('docs/architecture.md'));
  expect([...table.keys()].toSorted()).toEqual([...workspaces()].toSorted());
  expect(table.get('edge-agent')).toEqual(
    new Set(['@hall/contracts', '@hall/model', '@hall/templates', '@hall/glyphs', '@hall/wire', '@hall/runtime']),
  );
  expect(table.get('wire')).toEqual(new Set());
  expect(table.get('e2e')).toBeUndefined();
});

test('nothing in the repository breaks the architecture', () => {
  const tree = sources();
  expect(tree.length).toBeGreaterThan(100);
  expect(violations(all, tree, tools)).toEqual([]);
});

describe('a planted violation is found', () => {
  test.each([
    ['wire/src/x.ts', "import { topics } from '@hall/contracts';", 'may not import @hall/contracts'],
    ['hall-server/src/x.ts', "export * from '@hall/wire';", 'may not import @hall/wire'],
    ['edge-agent/src/x.ts', "const sim = await import('@hall/simulators');", 'may not import @hall/simulators'],
    ['hall-model/src/x.ts', "import type { Scene } from '@hall/templates';", 'may not import @hall/templates'],
    [
      'hall-server/src/x.ts',
      "import {\n  a,\n  b,\n} from 'left-pad';",
      'imports left-pad, which its package.json does not declare',
    ],
    ['hall-server/src/x.ts', "import fc from 'fast-check';", 'imports fast-check, which its package.json does not declare'],
    ['hall-server/src/x.ts', "import { x } from '../../wire/src/index.ts';", 'reaches into another folder'],
    ['contracts/src/x.ts', "import { Id } from '@hall/contracts';", 'imports its own package by name'],
    ['wire/src/x.ts', "import net from 'node:net';", 'no platform modules'],
    ['hall-model/src/x.ts', "import { readFileSync } from 'node:fs';", 'no platform modules'],
    ['glyphs/src/x.ts', "const fs = require('node:fs');", 'no platform modules'],
    ['display-templates/src/x.ts', "import 'node:crypto';", 'no platform modules'],
    ['display-templates/src/x.ts', 'const at = Date.now();', 'takes time from Date.now'],
    ['hall-model/src/x.ts', 'const at = new Date( );', 'takes time from new Date( )'],
    ['edge-agent/src/x.ts', 'setTimeout(() => stop(), 5);', 'takes time from setTimeout'],
    ['device-simulators/src/x.ts', 'const t = `${performance.now()} ms`;', 'takes time from performance.now'],
    ['hall-server/src/x.integration.test.ts', 'setTimeout(done, 100);', 'takes time from setTimeout'],
    ['hall-server/src/x.test.ts', "import { cardSimulator } from '@hall/simulators';", 'may not import @hall/simulators'],
    ['contracts/src/x.ts', 'globalThis.setInterval(tick, 5);', 'takes time from setInterval'],
    ['hall-server/src/features/a/routes.ts', "db.prepare('x');", 'touches SQL'],
    ['hall-server/src/features/a/service.ts', 'const sql = `\n  SELECT * FROM fact`;', 'touches SQL'],
    ['hall-server/src/features/a/service.ts', "import Database from 'better-sqlite3';", 'neither HTTP nor SQLite'],
    ['hall-server/src/features/a/service.ts', "import type { FastifyInstance } from 'fastify';", 'neither HTTP nor SQLite'],
    ['edge-agent/src/drivers/onbon-k/driver.ts', "import mqtt from 'mqtt';", 'a driver knows no MQTT'],
  ])('%s: %j', (path, text, said) => {
    expect(violations(all, [{ path, text }], tools).join('\n')).toContain(said);
  });

  test('a second file that imports the broker', () => {
    const text = "import { Aedes } from 'aedes';";
    const broker = { path: 'hall-server/src/platform/mqtt/broker.ts', text };
    expect(violations(all, [broker], tools)).toEqual([]);
    expect(violations(all, [broker, { path: 'hall-server/src/app.ts', text }], tools)).toEqual([
      'hall-server/src/app.ts: a second file that imports aedes',
    ]);
  });

  test('a dependency in package.json that the table does not allow', () => {
    const nothing = new Set<string>();
    const wire = {
      folder: 'wire',
      name: '@hall/wire',
      declared: new Set(['@hall/contracts']),
      declaredForTests: nothing,
      mayImport: nothing,
    };
    const contracts = { ...wire, folder: 'contracts', name: '@hall/contracts', declared: nothing };
    expect(violations([wire, contracts], [], tools)).toEqual(['wire/package.json: may not depend on @hall/contracts']);
    const inTests = { ...wire, declared: nothing, declaredForTests: wire.declared };
    expect(violations([inTests, contracts], [], tools)).toEqual(['wire/package.json: may not depend on @hall/contracts']);
  });
});

test.each([
  ['hall-server/src/features/a/live-store.ts', "db.prepare('SELECT 1');"],
  ['device-simulators/src/x.integration.test.ts', 'const began = performance.now();'],
  ['hall-server/src/features/a/store.ts', "db.prepare('SELECT 1');"],
  ['wire/src/x.test.ts', "import { readFileSync } from 'node:fs';\nimport fc from 'fast-check';"],
  ['contracts/src/clock.ts', 'const at = Date.now();'],
  ['hall-model/src/x.ts', '/** Not Date.now(), nor import x from "fastify". */\nexport const at = new Date(0);'],
  ['hall-model/src/x.ts', "export const first = new Date('1970-01-01');"],
  ['edge-agent/src/x.ts', "log('setTimeout'); // setTimeout"],
  ['hall-server/src/features/a/routes.ts', "summary: 'Select what to update from the list'"],
])('an allowed thing is let through: %s %j', (path, text) => {
  expect(violations(all, [{ path, text }], tools)).toEqual([]);
});

test('imports are read from real code, and only from there', () => {
  const text = [
    "import a, { type B } from 'one';",
    "import type { C } from 'two';",
    "export * as d from 'three';",
    "import 'four';",
    "type E = import('vitest').E;",
    "const url = 'http://six'; // import g from 'seven'",
    "/* import h from 'eight' */ export const from = 'nine';",
  ].join('\n');
  expect(importsOf(text)).toEqual(['one', 'two', 'three', 'four', 'vitest']);
  expect(codeOnly("a('Date.now()') // Date.now()\n`${Date.now()}`")).toContain('`${Date.now()}`');
});
