// What can be known without running the product: format, lint, types, and that the generated pages are current.
import { spawnSync } from 'node:child_process';
import { root, runTool } from './run-tool.mjs';

const checks = [
  { name: 'format', run: () => runTool('oxfmt', ['--check', '.']) },
  { name: 'lint', run: () => runTool('oxlint', ['--type-aware']) },
  { name: 'types', run: () => runTool('tsc', ['-b']) && runTool('tsc', ['-p', 'docs/tools']) },
  {
    name: 'generated docs',
    run: () => spawnSync(process.execPath, ['scripts/docs.mjs', '--check'], { cwd: root, stdio: 'inherit' }).status === 0,
  },
];

/** Runs all of them, also after one has failed. @returns {{ passed: number, failed: number }} */
export function runStaticChecks() {
  const outcomes = checks.map(({ name, run }) => {
    console.log(`\n--- ${name}`);
    const good = run();
    console.log(`${name}: ${good ? 'good' : 'FAILED'}`);
    return good;
  });
  const passed = outcomes.filter(Boolean).length;
  return { passed, failed: outcomes.length - passed };
}
