import { spawnSync } from 'node:child_process';
import { expect, test } from 'vitest';
import { root } from './architecture/repository.ts';

/** Asks the script as Node runs it: it is plain JavaScript outside every package. */
function countOf(report: unknown, succeeded: boolean): unknown {
  const code = `import { countTests } from './scripts/run-tests.mjs';
    console.log(JSON.stringify(countTests(JSON.parse(process.argv[1]), process.argv[2] === 'true')));`;
  const args = ['--input-type=module', '--eval', code, JSON.stringify(report), String(succeeded)];
  const { stdout, stderr } = spawnSync(process.execPath, args, { cwd: root, encoding: 'utf8' });
  expect(stderr).toBe('');
  return JSON.parse(stdout);
}
const file = (status: string, ...tests: string[]) => ({ status, assertionResults: tests.map((one) => ({ status: one })) });

test.each([
  ['all good', [file('passed', 'passed', 'passed')], true, { passed: 2, failed: 0 }],
  ['one bad', [file('failed', 'passed', 'failed')], false, { passed: 1, failed: 1 }],
  ['a file that could not be loaded', [file('passed', 'passed'), file('failed')], false, { passed: 1, failed: 1 }],
  ['a hook that failed after its tests', [file('failed', 'passed')], false, { passed: 1, failed: 1 }],
  ['an error outside every test', [file('passed', 'passed')], false, { passed: 1, failed: 1 }],
  ['no test at all', [], true, { passed: 0, failed: 1 }],
])('the count of a run tells the truth: %s', (_, testResults, succeeded, count) => {
  expect(countOf({ testResults }, succeeded)).toEqual(count);
});
