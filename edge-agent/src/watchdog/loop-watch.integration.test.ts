/** Real processes whose event loop stands still. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, existsSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { systemClock } from '@hall/contracts';
import { expect, onTestFinished, test } from 'vitest';

function start(stillMs: number, limitMs: number) {
  const data = mkdtempSync(path.join(tmpdir(), 'hall-stall-'));
  const fixture = fileURLToPath(new URL('stall.fixture.ts', import.meta.url));
  const child = spawn(
    process.execPath,
    ['--import', 'tsx', '--conditions=@hall/source', fixture, data, String(stillMs), String(limitMs)],
    { cwd: fileURLToPath(new URL('../../', import.meta.url)), stdio: ['ignore', 'pipe', 'pipe'] },
  );
  let output = '';
  child.stdout.on('data', (bytes: Buffer) => (output += bytes.toString()));
  child.stderr.on('data', (bytes: Buffer) => (output += bytes.toString()));
  onTestFinished(() => {
    child.kill('SIGKILL');
    rmSync(data, { recursive: true, force: true });
  });
  const ended = once(child, 'close') as Promise<[number | null, NodeJS.Signals | null]>;
  return { child, data, ended, output: () => output };
}

test('a loop that stands still too long ends the process by its own signal, after what was seen is written', async () => {
  const { data, ended, output } = start(60_000, 3000);
  expect(await ended).toEqual([null, 'SIGALRM']);
  expect(output()).toContain('the event loop stands still');
  expect(JSON.parse(readFileSync(path.join(data, 'stall.json'), 'utf8'))).toMatchObject({ code: 'LOOP_STALLED', stillMs: 3000 });
});

test('a shorter standstill is measured and nothing more', async () => {
  const { data, ended, output } = start(2500, 10_000);
  expect(await ended).toEqual([0, null]);
  const measured = JSON.parse(output().trim().split('\n').at(-1) ?? '') as { worstMs: number; stalls: number };
  expect(measured.worstMs).toBeGreaterThan(1000);
  expect(measured.worstMs).toBeLessThan(6000);
  expect(measured.stalls).toBe(1);
  expect(existsSync(path.join(data, 'stall.json'))).toBe(false);
});

test('a process that was suspended as a whole is not taken for one that hangs', async () => {
  const { child, ended, output } = start(0, 3000);
  const { machine } = systemClock();
  while (!output().includes('ready')) await machine.sleep(20);
  child.kill('SIGSTOP');
  await machine.sleep(6000);
  child.kill('SIGCONT');
  expect(await ended).toEqual([0, null]);
});
