/** What a process holds after garbage collection. */
import { existsSync, readFileSync, rmSync } from 'node:fs';
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import { systemClock } from '@hall/contracts';
import type { Child } from './child.ts';
import { built } from './paths.ts';

const LOOK_MS = 50;
const ANSWER_MS = 30_000;
const { machine } = systemClock();

/** Flags of a process that can be asked. Code stays: it would be thrown away after some collections, just because it was asked. */
export const probeFlags = (): string[] => [
  '--expose-gc',
  '--no-flush-bytecode',
  '--import',
  pathToFileURL(built('memory-probe')).href,
];

/** Environment of a process that can be asked; its answers lie in the folder. */
export const probeEnv = (folder: string, name: string): Record<string, string> => ({
  HALL_MEMORY_FILE: memoryFile(folder, name),
});
const memoryFile = (folder: string, name: string): string => path.join(folder, `${name}.memory.json`);

/** Bytes held on the main thread's heap and in buffers after collection. */
export async function heldBytes(folder: string, { name, pid }: Child): Promise<number> {
  const file = memoryFile(folder, name);
  rmSync(file, { force: true });
  process.kill(pid, 'SIGUSR2');
  const endMs = machine.nowMs() + ANSWER_MS;
  while (!existsSync(file)) {
    if (machine.nowMs() > endMs) throw new Error(`${name} does not tell its memory`);
    await machine.sleep(LOOK_MS);
  }
  return (JSON.parse(readFileSync(file, 'utf8')) as { heldBytes: number }).heldBytes;
}
