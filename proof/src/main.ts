/**
 * `npm run proof -- <area> [--quick] [--seed N] [--only id]`: runs the promises of an area, prints per promise what was
 * promised and what was measured, writes `proof/results/<area>.json`, exits 1 if one fails.
 */
import { mkdir, writeFile } from 'node:fs/promises';
import { parseArgs } from 'node:util';
import { hall } from './hall/index.ts';
import type { Outcome, Promised } from './promise.ts';

const areas: Readonly<Record<string, readonly Promised[]>> = { hall };

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    quick: { type: 'boolean', default: false },
    seed: { type: 'string', default: '1' },
    only: { type: 'string' },
    list: { type: 'boolean', default: false },
  },
});
const area = positionals[0] ?? '';
const promises = areas[area];
const seed = Number(values.seed);
if (!promises || !Number.isSafeInteger(seed)) {
  console.error(`用法 usage: npm run proof -- <${Object.keys(areas).join('|')}> [--quick] [--seed N] [--only id] [--list]`);
  process.exit(2);
}
const chosen = promises.filter((promise) => (values.only ? promise.id === values.only : !(values.quick && promise.long)));
if (chosen.length === 0) {
  console.error(`没有此承诺 no promise "${values.only}"; there are: ${promises.map((promise) => promise.id).join(', ')}`);
  process.exit(2);
}
if (values.list) {
  for (const promise of chosen) console.log(`${promise.id.padEnd(28)} ${promise.zh}  ${promise.en}`);
  process.exit(0);
}

interface Result extends Outcome {
  readonly id: string;
  readonly zh: string;
  readonly en: string;
  readonly seconds: number;
  readonly replay: string;
}

const results: Result[] = [];
for (const promise of chosen) {
  const began = performance.now();
  console.log(`\n● ${promise.id}\n  承诺 ${promise.zh}\n  Promised: ${promise.en}`);
  let outcome: Outcome;
  try {
    outcome = await promise.run({ seed, quick: values.quick, say: (text) => console.log(`  … ${text}`) });
  } catch (error) {
    outcome = { pass: false, measured: error instanceof Error ? (error.stack ?? error.message) : String(error) };
  }
  const replay = `npm run proof -- ${area} --only ${promise.id} --seed ${seed}${values.quick ? ' --quick' : ''}`;
  results.push({
    id: promise.id,
    zh: promise.zh,
    en: promise.en,
    ...outcome,
    seconds: Math.round((performance.now() - began) / 100) / 10,
    replay,
  });
  console.log(`  实测 measured: ${outcome.measured}`);
  console.log(outcome.pass ? '  通过 PASS' : `  未通过 FAIL — 重现 replay: ${replay}`);
}

const failed = results.filter((result) => !result.pass);
await mkdir(new URL('../results/', import.meta.url), { recursive: true });
if (!values.only) {
  const name = values.quick ? `${area}.quick` : area;
  await writeFile(
    new URL(`../results/${name}.json`, import.meta.url),
    `${JSON.stringify({ area, seed, quick: values.quick, node: process.version, results }, undefined, 2)}\n`,
  );
}
console.log(
  `\n${results.length - failed.length} 项通过 passed, ${failed.length} 项未通过 failed${failed.length ? `: ${failed.map((result) => result.id).join(', ')}` : ''}`,
);
process.exit(failed.length ? 1 : 0);
