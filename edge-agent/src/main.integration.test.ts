import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, onTestFinished, test } from 'vitest';

/** Runs the command from source; `until` ends it with SIGTERM when the output holds that text. */
async function run(config: unknown, until?: string) {
  const folder = mkdtempSync(path.join(tmpdir(), 'hall-main-'));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  writeFileSync(path.join(folder, 'password'), 'a-secret-credential');
  const file = path.join(folder, 'agent.json');
  writeFileSync(file, typeof config === 'string' ? config : JSON.stringify(config));
  const main = fileURLToPath(new URL('main.ts', import.meta.url));
  const child = spawn(process.execPath, ['--import', 'tsx', '--conditions=@hall/source', main, 'start', '--config', file], {
    cwd: fileURLToPath(new URL('../', import.meta.url)),
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let text = '';
  const listen = (bytes: Buffer) => {
    text += bytes.toString();
    if (until !== undefined && text.includes(until)) child.kill('SIGTERM');
  };
  child.stdout.on('data', listen);
  child.stderr.on('data', listen);
  const code = await new Promise<number | null>((resolve) => {
    child.once('close', resolve);
  });
  return { code, text };
}
const least = {
  hall: 'north',
  agent: 'agent-1',
  server: { url: 'mqtt://127.0.0.1:1', passwordFile: 'password' },
  kiosk: { port: 0 },
};

test('it starts without a server, says where its pages are, and closes on SIGTERM with nothing left', async () => {
  const { code, text } = await run(least, 'agent started');
  expect(code).toBe(0);
  expect(text).toMatch(/"kiosk":"http:\/\/127\.0\.0\.1:\d+"/);
  expect(text).not.toContain('a-secret-credential');
});

test.each([
  [{ ...least, kiosk: { port: 70_000 } }, 'CONFIG_INVALID: The configuration file has an error. kiosk.port: must be <= 65535'],
  [{ ...least, server: { passwordFile: 'nowhere' } }, 'server.passwordFile: the file does not exist'],
  ['{', '(file): is not JSON'],
])('a wrong configuration ends it at once and names the field: %j', async (config, said) => {
  const { code, text } = await run(config);
  expect(code).toBe(1);
  expect(text).toContain(said);
});
