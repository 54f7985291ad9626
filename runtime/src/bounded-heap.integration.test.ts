import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { expect, test } from 'vitest';

const MEGABYTE = 1024 * 1024;

/** Makes garbage of which some lives on, in short turns, and prints the size of the young generation, bytes. */
const script = (imports: string) => `
  import { once } from 'node:events';
  import { getHeapSpaceStatistics } from 'node:v8';
  import { Worker } from 'node:worker_threads';
  ${imports}
  await once(new Worker('', { eval: true }), 'exit');
  let kept = [];
  for (let at = 0; at < 3e6; at += 1) {
    const made = { at, list: [at] };
    if (at % 50 === 0) kept.push(made);
    if (kept.length > 20_000) kept = [];
    if (at % 5000 === 0) await new Promise((resolve) => setImmediate(resolve));
  }
  console.log(getHeapSpaceStatistics().find(({ space_name }) => space_name === 'new_space').space_size);
`;

async function youngBytes(imports: string): Promise<number> {
  const { stdout } = await promisify(execFile)(
    process.execPath,
    ['--import', 'tsx', '--input-type=module', '--eval', script(imports)],
    { cwd: fileURLToPath(new URL('../', import.meta.url)) },
  );
  return Number(stdout);
}

test('the young generation grows to what a busy hall needs and no further, also after a worker thread has started', async () => {
  const module = JSON.stringify(new URL('bounded-heap.ts', import.meta.url).href);
  const bounded = await youngBytes(`
    const { boundHeap } = await import(${module});
    boundHeap({ youngBytes: ${8 * MEGABYTE}, oldFlags: [] });`);
  expect(bounded).toBeGreaterThan(4 * MEGABYTE);
  expect(bounded).toBeLessThanOrEqual(8 * MEGABYTE);
  expect(await youngBytes('')).toBeGreaterThan(8 * MEGABYTE);
});
