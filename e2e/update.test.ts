/** The agent as it is delivered, updated from the hall server while it runs: to a good release, and back from one that is not. */
import { execFile, spawn } from 'node:child_process';
import { generateKeyPairSync } from 'node:crypto';
import { once } from 'node:events';
import { appendFileSync, cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { HALL, startHall } from '@hall/proof';
import { expect, onTestFinished, test, vi } from 'vitest';

const within = { timeout: 120_000, interval: 100 };
const root = fileURLToPath(new URL('..', import.meta.url));
const asker = { by: 'administrator', address: '127.0.0.1' };
const AGENT = 'agent-u';

test('an update over the whole way', { timeout: 400_000 }, async () => {
  const folder = mkdtempSync(path.join(tmpdir(), 'hall-update-'));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true, maxRetries: 10 }));
  const exec = promisify(execFile);
  await exec(process.execPath, [path.join(root, 'scripts/bundle.mjs'), '--out', folder, 'edge-agent'], { cwd: root });
  symlinkSync(path.join(root, 'node_modules'), path.join(folder, 'node_modules'));
  const installed = path.join(folder, 'edge-agent');
  const about = JSON.parse(readFileSync(path.join(root, 'edge-agent/package.json'), 'utf8')) as { version: string };
  cpSync(path.join(root, 'edge-agent/assets'), path.join(installed, 'assets'), { recursive: true });
  writeFileSync(path.join(installed, 'package.json'), JSON.stringify(about));
  const main = path.join(installed, 'bundle/main.js');

  const { privateKey, publicKey } = generateKeyPairSync('ed25519');
  writeFileSync(path.join(folder, 'key.pem'), privateKey.export({ type: 'pkcs8', format: 'pem' }));
  writeFileSync(path.join(folder, 'key.pub'), publicKey.export({ type: 'spki', format: 'pem' }));

  const hall = await startHall({ windows: 1 });
  onTestFinished(() => hall.close());
  const { agents, commands, updates } = hall.server.services;
  const { password } = await agents.admit(AGENT);
  await hall.broker?.admit('agent', AGENT, password);
  writeFileSync(path.join(folder, 'password'), password);
  const config = path.join(folder, 'agent.json');
  writeFileSync(
    config,
    JSON.stringify({
      hall: HALL,
      agent: AGENT,
      server: { url: hall.server.mqttUrl, passwordFile: 'password' },
      kiosk: { port: 0 },
      updates: { url: hall.server.httpUrl, bytesPerS: 100_000_000 },
    }),
  );
  await exec(process.execPath, [
    main,
    'updates',
    'trust',
    '--config',
    config,
    '--name',
    'maker',
    '--key',
    path.join(folder, 'key.pub'),
  ]);

  /** The installed package under another version, changed, as a signed bundle on the server. */
  async function upload(version: string, change: (main: string) => void = () => {}) {
    const from = path.join(folder, version);
    mkdirSync(from);
    for (const part of ['bundle', 'assets']) cpSync(path.join(installed, part), path.join(from, part), { recursive: true });
    writeFileSync(path.join(from, 'package.json'), JSON.stringify({ ...about, version }));
    change(path.join(from, 'bundle/main.js'));
    const out = path.join(folder, `${version}.bundle`);
    await exec(process.execPath, [main, 'pack', '--from', from, '--key', path.join(folder, 'key.pem'), '--out', out]);
    const bytes = readFileSync(out);
    return updates.upload(
      asker,
      (async function* chunks() {
        for (let at = 0; at < bytes.length; at += 65_536) yield bytes.subarray(at, at + 65_536);
      })(),
    );
  }
  const parent = spawn(main, ['run', '--config', config], { stdio: ['ignore', 'ignore', 'inherit'] });
  const ended = once(parent, 'close');
  onTestFinished(async () => {
    parent.kill('SIGTERM');
    await ended;
  });
  const view = () => agents.list().find(({ id }) => id === AGENT);
  const runs = (version: string) => vi.waitFor(() => expect(view()).toMatchObject({ presence: 'online', version }), within);
  const endOf = async (sha256: string) => {
    const { id } = await updates.offer(asker, sha256, AGENT);
    await vi.waitFor(() => expect(commands.get(id).command.state).toBe('ended'), within);
    return commands.get(id).command.end;
  };
  await runs(about.version);

  const good = await upload('9.0.1');
  expect(await endOf(good.sha256)).toMatchObject({
    outcome: 'applied',
    level: 'read_back',
    evidence: { version: '9.0.1', release: good.sha256 },
  });
  await runs('9.0.1');
  expect(await endOf(good.sha256)).toMatchObject({ outcome: 'refused', code: 'UPDATE_SAME_VERSION' });

  const bad = await upload('9.0.2', (file) => appendFileSync(file, '\nif (process.argv[2] === "start") process.exit(9);\n'));
  expect(await endOf(bad.sha256)).toMatchObject({ outcome: 'failed', code: 'UPDATE_ROLLED_BACK', evidence: { reason: 'ended' } });
  await runs('9.0.1');
  expect(await endOf(bad.sha256)).toMatchObject({ outcome: 'refused', code: 'UPDATE_FAILED_BEFORE' });
});
