import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import { expect, onTestFinished, test } from 'vitest';
import { keepResults, type Result } from './results.ts';

const result = (id: string, pass: boolean): Result => ({
  id,
  zh: id,
  en: id,
  pass,
  measured: '',
  seed: 1,
  seconds: 1,
  measuredAt: '2026-11-28T04:00:00.000Z',
  node: 'v20.20.2',
  replay: '',
});

test('a promise shown again replaces its own result only; one that is no longer made is dropped', async () => {
  const folder = await mkdtemp(path.join(tmpdir(), 'hall-proof-'));
  onTestFinished(() => rm(folder, { recursive: true }));
  const file = pathToFileURL(path.join(folder, 'results', 'hall.json'));
  const held = async () =>
    (JSON.parse(await readFile(file, 'utf8')) as { results: Result[] }).results.map(({ id, pass }) => [id, pass]);
  await keepResults(file, [result('kill-9', true), result('day', false), result('old', true)], ['kill-9', 'day', 'old']);
  await keepResults(file, [result('day', true)], ['start', 'kill-9', 'day']);
  expect(await held()).toEqual([
    ['kill-9', true],
    ['day', true],
  ]);
  await keepResults(file, [result('start', false)], ['start', 'kill-9', 'day']);
  expect(await held()).toEqual([
    ['start', false],
    ['kill-9', true],
    ['day', true],
  ]);
});
