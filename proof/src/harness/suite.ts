/** Runs test files of the repository as a process of their own and reads what came out. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('../../../', import.meta.url));

export interface SuiteResult {
  readonly passed: number;
  /** Full names. */
  readonly failed: readonly string[];
  readonly skipped: number;
}

interface Report {
  readonly testResults: readonly {
    readonly name: string;
    readonly status: string;
    readonly assertionResults: readonly { readonly fullName: string; readonly status: string }[];
  }[];
}

/** `project` is a vitest project; `names` narrows to tests whose full name matches. Rejects if vitest left no report. */
export async function runSuite(
  project: string,
  files: readonly string[],
  names?: RegExp,
  env: Readonly<Record<string, string>> = {},
): Promise<SuiteResult> {
  const folder = await mkdtemp(path.join(tmpdir(), 'hall-suite-'));
  try {
    const file = path.join(folder, 'report.json');
    const vitest = path.join(path.dirname(createRequire(import.meta.url).resolve('vitest/package.json')), 'vitest.mjs');
    const filter = names === undefined ? [] : ['--testNamePattern', names.source];
    const args = ['run', '--project', project, '--reporter=json', `--outputFile.json=${file}`, ...filter, ...files];
    const child = spawn(process.execPath, [vitest, ...args], {
      cwd: root,
      stdio: ['ignore', 'ignore', 'pipe'],
      env: { ...process.env, ...env },
    });
    let said = '';
    child.stderr.on('data', (chunk: Buffer) => {
      said = (said + chunk.toString()).slice(-4000);
    });
    await once(child, 'exit');
    let report: Report;
    try {
      report = JSON.parse(await readFile(file, 'utf8')) as Report;
    } catch (cause) {
      throw new Error(`vitest left no report: ${said}`, { cause });
    }
    const broken = report.testResults.filter(
      ({ status, assertionResults }) => status === 'failed' && assertionResults.every((test) => test.status !== 'failed'),
    );
    const tests = report.testResults.flatMap(({ assertionResults }) => assertionResults);
    return {
      passed: tests.filter(({ status }) => status === 'passed').length,
      failed: [
        ...tests.filter(({ status }) => status === 'failed').map(({ fullName }) => fullName),
        ...broken.map(({ name }) => `${path.relative(root, name)} (the file itself)`),
      ],
      skipped: tests.filter(({ status }) => status !== 'passed' && status !== 'failed').length,
    };
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}
