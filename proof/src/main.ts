/**
 * `npm run proof -- <area> [--quick] [--seed N] [--only id]`: runs the promises of an area, prints per promise what was
 * promised and what was measured, keeps their results in `proof/results/<area>.json`, exits 1 if one fails.
 */
import { fleet } from './fleet/index.ts';
import { hall } from './hall/index.ts';
import { optionsOf, type Options } from './options.ts';
import type { Outcome } from './promise.ts';
import { keepResults, type Result } from './results.ts';

for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => process.exit(130));
const areas = { hall, fleet };
let options: Options<keyof typeof areas>;
try {
  options = optionsOf(process.argv.slice(2), areas);
} catch (error) {
  console.error(error instanceof Error ? error.message : error);
  process.exit(2);
}
const { area, promises, seed, quick } = options;
if (options.list) {
  for (const promise of promises) console.log(`${promise.id.padEnd(28)} ${promise.zh}  ${promise.en}`);
  process.exit(0);
}

const results: Result[] = [];
for (const promise of promises) {
  const began = performance.now();
  console.log(`\n● ${promise.id}\n  承诺 ${promise.zh}\n  Promised: ${promise.en}`);
  let outcome: Outcome;
  try {
    outcome = await promise.run({ seed, quick, say: (text) => console.log(`  … ${text}`) });
  } catch (error) {
    outcome = { pass: false, measured: error instanceof Error ? (error.stack ?? error.message) : String(error) };
  }
  const replay = `npm run proof -- ${area} --only ${promise.id} --seed ${seed}${quick ? ' --quick' : ''}`;
  results.push({
    id: promise.id,
    zh: promise.zh,
    en: promise.en,
    ...outcome,
    seed,
    seconds: Math.round((performance.now() - began) / 100) / 10,
    measuredAt: new Date().toISOString(),
    node: process.version,
    replay,
  });
  console.log(`  实测 measured: ${outcome.measured}`);
  console.log(outcome.pass ? '  通过 PASS' : `  未通过 FAIL — 重现 replay: ${replay}`);
}

const failed = results.filter((result) => !result.pass);
const file = new URL(`../results/${quick ? `${area}.quick` : area}.json`, import.meta.url);
await keepResults(
  file,
  results,
  areas[area].map(({ id }) => id),
);
console.log(
  `\n${results.length - failed.length} 项通过 passed, ${failed.length} 项未通过 failed${failed.length ? `: ${failed.map((result) => result.id).join(', ')}` : ''}`,
);
process.exit(failed.length ? 1 : 0);
