/** The command line of `npm run bench`. */
import { parseArgs } from 'node:util';

export interface Options {
  readonly quick: boolean;
  /** Names of the parts to run. */
  readonly parts: readonly string[];
  readonly runs: number;
  /** Exit with 1 where a goal is missed. */
  readonly check: boolean;
}

const RUNS = 5;

/** @throws Error that says what is wrong and how it is used. `all` are the names of all parts. */
export function optionsOf(args: readonly string[], all: readonly string[]): Options {
  const usage = `npm run bench [-- --quick] [-- --only ${all.join(',')}] [-- --runs ${RUNS}] [-- --check]`;
  let given;
  try {
    given = parseArgs({
      args: [...args],
      options: {
        quick: { type: 'boolean', default: false },
        only: { type: 'string' },
        runs: { type: 'string' },
        check: { type: 'boolean', default: false },
      },
    }).values;
  } catch (error) {
    throw new Error(`${error instanceof Error ? error.message : String(error)}\n${usage}`, { cause: error });
  }
  const { quick, only, check } = given;
  const parts = only?.split(',') ?? all;
  const unknown = parts.filter((part) => !all.includes(part));
  if (unknown.length > 0) throw new Error(`no such part: ${unknown.join(', ')}\n${usage}`);
  const runs = Number(given.runs ?? (quick ? 1 : RUNS));
  if (!Number.isInteger(runs) || runs < 1) throw new Error(`--runs must be a whole number from 1\n${usage}`);
  return { quick, parts, runs, check };
}
