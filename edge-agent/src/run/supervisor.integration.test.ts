/** Real processes: an agent that is killed, one that hangs, one that is told to stop, and one whose parent is killed. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, onTestFinished, test, vi } from 'vitest';

const patient = { timeout: 60_000, interval: 50 };

function run(config: unknown) {
  const folder = mkdtempSync(path.join(tmpdir(), 'hall-run-'));
  writeFileSync(path.join(folder, 'password'), 'a-secret-credential');
  writeFileSync(path.join(folder, 'agent.json'), JSON.stringify(config));
  const main = fileURLToPath(new URL('../main.ts', import.meta.url));
  const args = ['--import', 'tsx', '--conditions=@hall/source', main, 'run', '--silent', '6'];
  const parent = spawn(process.execPath, [...args, '--config', path.join(folder, 'agent.json')], {
    cwd: fileURLToPath(new URL('../../', import.meta.url)),
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let text = '';
  for (const stream of [parent.stdout, parent.stderr]) stream.on('data', (bytes: Buffer) => (text += bytes.toString()));
  const ended = once(parent, 'close') as Promise<[number | null]>;
  const lines = (message: string) => text.split('\n').filter((line) => line.includes(`"msg":"${message}"`));
  const agentPids = () => lines('agent process started').map((line) => (JSON.parse(line) as { child: number }).child);
  onTestFinished(async () => {
    parent.kill('SIGKILL');
    await ended;
    await vi.waitFor(() => expect(agentPids().filter(lives)).toEqual([]), patient);
    rmSync(folder, { recursive: true, force: true });
  });
  const up = (times: number) => vi.waitFor(() => expect(lines('agent started')).toHaveLength(times), patient);
  return { parent, ended, lines, up, text: () => text, agentPids };
}
const lives = (pid: number) => existsSync(`/proc/${pid}`);
const config = {
  hall: 'north',
  agent: 'agent-1',
  server: { url: 'mqtt://127.0.0.1:1', passwordFile: 'password' },
  kiosk: { port: 0 },
};

test(
  'an agent that is killed, and one that hangs, is started again; told to stop, both end well',
  { timeout: 120_000 },
  async () => {
    const { parent, ended, lines, up, agentPids } = run(config);
    await up(1);
    process.kill(agentPids()[0] ?? 0, 'SIGKILL');
    await up(2);
    process.kill(agentPids()[1] ?? 0, 'SIGSTOP');
    await up(3);
    expect(lines('the agent is silent and is killed')).toHaveLength(1);
    expect(agentPids().map(lives)).toEqual([false, false, true]);
    parent.kill('SIGTERM');
    expect(await ended).toEqual([0, null]);
    expect(agentPids().map(lives)).toEqual([false, false, false]);
  },
);

test('an agent whose parent is killed stops by itself, so that the next parent finds its place free', async () => {
  const { parent, ended, up, agentPids } = run(config);
  await up(1);
  parent.kill('SIGKILL');
  await ended;
  await vi.waitFor(() => expect(agentPids().map(lives)).toEqual([false]), patient);
});

test('a wrong configuration ends it at once', async () => {
  const { ended, text } = run({ ...config, kiosk: { port: 70_000 } });
  expect(await ended).toEqual([1, null]);
  expect(text()).toContain('CONFIG_INVALID');
});
