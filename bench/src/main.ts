/**
 * `npm run bench [-- --quick] [-- --only a,b] [-- --runs 5] [-- --check]`: measures the built product, prints a table per part and
 * writes `bench/results/`. With `--check` it exits with 1 where a goal is missed.
 */
import { spawnSync } from 'node:child_process';
import { figure } from './figures.ts';
import { describeMachine } from './machine.ts';
import { optionsOf, type Options } from './options.ts';
import type { Part } from './part.ts';
import { badClients } from './parts/bad-clients.ts';
import { calls } from './parts/calls.ts';
import { fleet } from './parts/fleet.ts';
import { growth } from './parts/growth.ts';
import { intake } from './parts/intake.ts';
import { nodeRed } from './parts/node-red.ts';
import { slowDisk } from './parts/slow-disk.ts';
import { results, root } from './paths.ts';
import { markdownTable, writeResult } from './results.ts';

const parts: readonly Part[] = [calls, slowDisk, intake, nodeRed, badClients, growth, fleet];
const names = parts.map(({ name }) => name);

/** What is measured is what is delivered: the bundles. */
function build(): void {
  for (const command of [['node_modules/typescript/bin/tsc', '-b', 'bench'], ['scripts/bundle.mjs']]) {
    const { status } = spawnSync(process.execPath, command, { cwd: root, stdio: 'inherit' });
    if (status !== 0) throw new Error('the product could not be built');
  }
}

const commandOf = (part: Part, { quick, runs }: Options): string =>
  `npm run bench -- --only ${part.name}${quick ? ' --quick' : ''} --runs ${runs}`;

async function run(options: Options): Promise<boolean> {
  build();
  const machine = describeMachine();
  let met = true;
  for (const part of parts.filter(({ name }) => options.parts.includes(name))) {
    process.stdout.write(`\n## ${part.title}\n\n`);
    const say = (text: string) => process.stdout.write(`… ${text}\n`);
    const measuredAt = new Date().toISOString();
    const figures = await part.measure({ ...options, say }).catch((error: unknown) => {
      process.stderr.write(`${error instanceof Error ? (error.stack ?? error.message) : String(error)}\n`);
      return [figure(`${part.name}: failures of the measurement itself`, 1, 'failures', { most: 0 })];
    });
    const { name, title } = part;
    const { quick, runs } = options;
    await writeResult(
      results,
      { part: name, title, command: commandOf(part, options), runs, quick, measuredAt, machine, figures },
      names,
    );
    process.stdout.write(`\n${markdownTable(figures)}\n`);
    const missed = figures.filter((one) => one.met === false);
    if (missed.length > 0) process.stdout.write(`\nMissed: ${missed.map((one) => one.name).join('; ')}\n`);
    met &&= missed.length === 0;
  }
  return met;
}

let options: Options;
try {
  options = optionsOf(process.argv.slice(2), names);
} catch (error) {
  process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
  process.exit(2);
}
const met = await run(options);
process.exit(options.check && !met ? 1 : 0);
