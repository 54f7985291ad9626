// Runs vitest over all projects and counts from its JSON report, for not every reader of a log knows vitest's summary.
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { runTool } from './run-tool.mjs';

/**
 * What a vitest JSON report says. A file that failed before any of its tests could is one failure; so is a report that names
 * no test at all, and a run that failed for a reason which no test shows.
 * @param {{ testResults?: { status: string, assertionResults: { status: string }[] }[] } | undefined} report
 * @param {boolean} succeeded whether vitest itself said so
 */
export function countTests(report, succeeded) {
  const files = report?.testResults ?? [];
  const tests = files.flatMap(({ assertionResults }) => assertionResults);
  const passed = tests.filter(({ status }) => status === 'passed').length;
  const broken = files.filter(
    ({ status, assertionResults }) => status === 'failed' && !assertionResults.some((test) => test.status === 'failed'),
  );
  const failed = tests.filter(({ status }) => status === 'failed').length + broken.length;
  const unexplained = failed === 0 && (!succeeded || passed === 0);
  return { passed, failed: unexplained ? 1 : failed };
}

/** @param {readonly string[]} args given on to vitest. @returns {{ passed: number, failed: number }} */
export function runTests(args) {
  const folder = mkdtempSync(path.join(tmpdir(), 'hall-tests-'));
  const file = path.join(folder, 'report.json');
  try {
    const reporters = ['--reporter=default', '--reporter=json', `--outputFile.json=${file}`];
    const succeeded = runTool('vitest', ['run', ...reporters, ...args]);
    let report;
    try {
      report = JSON.parse(readFileSync(file, 'utf8'));
    } catch (error) {
      console.error(`vitest left no report: ${error.message}`);
    }
    return countTests(report, succeeded);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** Prints the last line of a run and sets the exit code. @param {readonly { passed: number, failed: number }[]} parts */
export function conclude(...parts) {
  const passed = parts.reduce((sum, part) => sum + part.passed, 0);
  const failed = parts.reduce((sum, part) => sum + part.failed, 0);
  console.log(`\n${passed} passed, ${failed} failed`);
  process.exitCode = failed === 0 ? 0 : 1;
}
