import { expect, test } from 'vitest';
import { figure } from './figures.ts';
import { markdownTable, resultJson, resultsPage, type PartResult } from './results.ts';

const result: PartResult = {
  part: 'calls',
  title: 'Call path',
  command: 'npm run bench -- --only calls',
  runs: 5,
  quick: false,
  measuredAt: '2026-11-23T02:20:00.000Z',
  machine: { node: 'v20.20.2', processor: 'a processor', cores: 2, memoryGb: 8, kernel: '6.1', fsyncMs: 0.2 },
  figures: [
    figure('POST to strip p99', 12.3456, 'ms', { most: 15 }),
    figure('events lost', 1, 'events', { most: 0 }),
    figure('floor p99', 7, 'ms'),
    figure('nothing came', Number.NaN, 'ms', { most: 1 }),
  ],
};

test('every figure of a result file has name, value, unit, goal and met', () => {
  const { figures } = JSON.parse(resultJson(result)) as { figures: object[] };
  expect(figures).toEqual([
    { name: 'POST to strip p99', value: 12.346, unit: 'ms', goal: '<= 15', met: true },
    { name: 'events lost', value: 1, unit: 'events', goal: '<= 0', met: false },
    { name: 'floor p99', value: 7, unit: 'ms', goal: null, met: null },
    { name: 'nothing came', value: null, unit: 'ms', goal: '<= 1', met: false },
  ]);
});

test('the table says which goals are met and which are missed', () => {
  const lines = markdownTable(result.figures).split('\n');
  expect(lines.slice(2)).toEqual([
    '| POST to strip p99 | 12.346 | ms | <= 15 | yes |',
    '| events lost | 1 | events | <= 0 | **no** |',
    '| floor p99 | 7 | ms |  |  |',
    '| nothing came | not measured | ms | <= 1 | **no** |',
  ]);
});

test('the page names the command, the runs and the machine, and warns of a quick run', () => {
  const again = JSON.parse(resultJson(result)) as Parameters<typeof resultsPage>[0][number];
  expect(resultsPage([again])).toContain('`npm run bench -- --only calls`, 2026-11-23, medians of 5 runs.\na processor, 2 cores');
  expect(resultsPage([{ ...again, quick: true }])).toContain('a quick run, not for publication');
});
