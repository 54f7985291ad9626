import { defineConfig } from 'vitest/config';

const source = { ssr: { resolve: { conditions: ['@hall/source', 'node'] } } };
/** Most of what test files do is waiting: two at a time, also where vitest would leave one of two cores alone. */
const two = { maxWorkers: 2 };
const together = { ...two, sequence: { groupOrder: 0 } };
const wholeSystem = { ...two, sequence: { groupOrder: 1 } };
const packages = [
  'contracts',
  'runtime',
  'hall-model',
  'wire',
  'glyphs',
  'display-templates',
  'hall-server',
  'edge-agent',
  'device-simulators',
  'fault-rig',
  'virtual-hall',
  'web-console',
  'proof',
  'bench',
];

/**
 * `unit`: pure and in-memory, `*.test.ts` beside the source, shared module state (fast; tests must not leak).
 * `integration`: sockets, ptys, workers, files: `*.integration.test.ts`. `browser`: the
 * console and the stage in Chromium. `e2e`: the whole system.
 */
export default defineConfig({
  test: {
    projects: [
      {
        ...source,
        test: {
          name: 'unit',
          ...together,
          include: packages.map((name) => `${name}/**/*.test.{ts,tsx}`),
          exclude: ['**/node_modules/**', '**/dist/**', '**/bundle/**', '**/*.integration.test.ts'],
          isolate: false,
          pool: 'forks',
          testTimeout: 10_000,
        },
      },
      {
        ...source,
        test: {
          name: 'integration',
          ...together,
          include: packages.map((name) => `${name}/**/*.integration.test.ts`),
          exclude: ['**/node_modules/**', '**/dist/**', '**/bundle/**'],
          pool: 'forks',
          testTimeout: 30_000,
          hookTimeout: 30_000,
        },
      },
      {
        ...source,
        test: {
          name: 'browser',
          ...wholeSystem,
          include: ['e2e/browser/**/*.test.ts'],
          exclude: ['**/node_modules/**', '**/dist/**', '**/bundle/**'],
          pool: 'forks',
          testTimeout: 120_000,
          hookTimeout: 120_000,
        },
      },
      {
        ...source,
        test: {
          name: 'e2e',
          include: ['e2e/**/*.test.ts'],
          exclude: ['e2e/browser/**', '**/node_modules/**', '**/dist/**', '**/bundle/**'],
          pool: 'forks',
          ...wholeSystem,
          testTimeout: 120_000,
          hookTimeout: 120_000,
        },
      },
    ],
  },
});
