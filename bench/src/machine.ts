/** The machine a figure comes from. */
import { closeSync, fsyncSync, mkdtempSync, openSync, rmSync, writeSync } from 'node:fs';
import { cpus, release, tmpdir, totalmem } from 'node:os';
import path from 'node:path';
import { systemClock } from '@hall/contracts';
import { median } from './figures.ts';
import type { Machine } from './results.ts';

const GB = 1024 ** 3;
const TRIES = 50;
const { machine: time } = systemClock();

export const describeMachine = (): Machine => ({
  node: process.version,
  processor: cpus()[0]?.model ?? 'unknown processor',
  cores: cpus().length,
  memoryGb: Math.round(totalmem() / GB),
  kernel: release(),
  fsyncMs: fsyncMs(),
});

function fsyncMs(): number {
  const folder = mkdtempSync(path.join(tmpdir(), 'hall-bench-fsync-'));
  const file = openSync(path.join(folder, 'file'), 'w');
  const taken: number[] = [];
  for (let at = 0; at < TRIES; at += 1) {
    writeSync(file, Buffer.alloc(4096));
    const startMs = time.nowMs();
    fsyncSync(file);
    taken.push(time.nowMs() - startMs);
  }
  closeSync(file);
  rmSync(folder, { recursive: true });
  return Math.round(median(taken) * 100) / 100;
}
