/** The command line of `npm run proof`. */
import { parseArgs } from 'node:util';
import type { Promised } from './promise.ts';

export interface Options<Area extends string> {
  readonly area: Area;
  /** What is to be shown, in order. */
  readonly promises: readonly Promised[];
  readonly seed: number;
  readonly quick: boolean;
  /** Names the promises instead of showing them. */
  readonly list: boolean;
}

/** @throws Error that says what is wrong and how it is used. */
export function optionsOf<Area extends string>(
  args: readonly string[],
  areas: Readonly<Record<Area, readonly Promised[]>>,
): Options<Area> {
  const usage = `用法 usage: npm run proof -- <${Object.keys(areas).join('|')}> [--quick] [--seed N] [--only id] [--list]`;
  let given;
  try {
    given = parseArgs({
      args: [...args],
      allowPositionals: true,
      options: {
        quick: { type: 'boolean', default: false },
        seed: { type: 'string', default: '1' },
        only: { type: 'string' },
        list: { type: 'boolean', default: false },
      },
    });
  } catch (error) {
    throw new Error(`${error instanceof Error ? error.message : String(error)}\n${usage}`, { cause: error });
  }
  const { values, positionals } = given;
  const { quick, only, list } = values;
  const [area = '', ...more] = positionals;
  const isArea = (name: string): name is Area => Object.hasOwn(areas, name);
  if (!isArea(area) || more.length > 0) throw new Error(usage);
  const all = areas[area];
  const seed = Number(values.seed);
  if (values.seed === '' || !Number.isSafeInteger(seed)) throw new Error(`--seed 须为整数 must be a whole number\n${usage}`);
  const promises = all.filter((promise) => (only === undefined ? !(quick && promise.long) : promise.id === only));
  if (promises.length === 0) {
    throw new Error(`没有此承诺 no promise "${only}"; there are: ${all.map(({ id }) => id).join(', ')}\n${usage}`);
  }
  return { area, promises, seed, quick, list };
}
