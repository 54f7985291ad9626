/** What a run of promises leaves behind: `proof/results/<area>.json`, the newest result of each promise. */
import { existsSync } from 'node:fs';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import type { Outcome } from './promise.ts';

export interface Result extends Outcome {
  readonly id: string;
  readonly zh: string;
  readonly en: string;
  readonly seed: number;
  readonly seconds: number;
  /** Real time of its end, ISO 8601. */
  readonly measuredAt: string;
  readonly node: string;
  /** The command that repeats it. */
  readonly replay: string;
}

/** Those of `before` that are still promised and were not shown again, and the new ones, in the order of the promises. */
export function merged(before: readonly Result[], shown: readonly Result[], ids: readonly string[]): Result[] {
  const newest = new Map([...before, ...shown].map((result) => [result.id, result]));
  return ids.flatMap((id) => newest.get(id) ?? []);
}

/** @throws Error when there is a file that cannot be read, or that holds something else. */
export async function keepResults(file: URL, shown: readonly Result[], ids: readonly string[]): Promise<void> {
  await mkdir(new URL('./', file), { recursive: true });
  const text = existsSync(file) ? await readFile(file, 'utf8') : '{"results":[]}';
  const { results } = JSON.parse(text) as { results: Result[] };
  await writeFile(file, `${JSON.stringify({ results: merged(results, shown, ids) }, undefined, 2)}\n`);
}
