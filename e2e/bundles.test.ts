/** What is delivered: bundles that run with nothing beside them but the few packages that cannot be bundled. */
import { execFile, spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { cpSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { builtinModules } from 'node:module';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { promisify } from 'node:util';
import type { AgentView } from '@hall/contracts';
import { afterAll, beforeAll, describe, expect, onTestFinished, test, vi } from 'vitest';
import { root } from './architecture/repository.ts';
import { importsOf } from './architecture/source-text.ts';

const PASSWORD = 'yunzhou-bridge-58';
const outside = ['better-sqlite3', 'serialport', '@node-rs/argon2', '@fontsource-variable/noto-sans-sc'];
const execute = promisify(execFile);
let folder = '';
const at = (...names: string[]) => path.join(folder, ...names);
const SERVER = 'hall-server/bundle/main.js';
const AGENT = 'edge-agent/bundle/main.js';

/** Runs a bundled command to its end, with no help from the repository; answers what it printed. */
const run = async (file: string, ...args: string[]) =>
  (await execute(process.execPath, [at(file), ...args], { cwd: folder })).stdout;

/** Starts a bundled program; resolves when it has printed the words. Killed when the test ends. */
async function start(file: string, config: string, words: string): Promise<{ child: ChildProcess; output: string }> {
  const child = spawn(process.execPath, [at(file), 'start', '--config', config], {
    cwd: folder,
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  onTestFinished(() => void child.kill('SIGKILL'));
  let output = '';
  await new Promise<void>((resolve, reject) => {
    const hear = (bytes: Buffer) => {
      output += bytes.toString();
      if (output.includes(words)) resolve();
    };
    child.stdout.on('data', hear);
    child.stderr.on('data', hear);
    child.once('exit', (code) => reject(new Error(`${file} ended (${code}): ${output}`)));
  });
  return { child, output };
}
async function stop(child: ChildProcess): Promise<number | null> {
  child.kill('SIGTERM');
  if (child.exitCode === null) await once(child, 'exit');
  return child.exitCode;
}
const write = (name: string, value: object) => {
  writeFileSync(at(name), JSON.stringify(value));
  return at(name);
};

beforeAll(async () => {
  folder = mkdtempSync(path.join(tmpdir(), 'hall-bundles-'));
  await execute(process.execPath, [path.join(root, 'scripts/bundle.mjs'), '--out', folder]);
  for (const kept of ['hall-server/package.json', 'hall-server/migrations', 'edge-agent/package.json', 'edge-agent/assets']) {
    cpSync(path.join(root, kept), at(kept), { recursive: true });
  }
  for (const name of outside) {
    mkdirSync(path.dirname(at('node_modules', name)), { recursive: true });
    symlinkSync(path.join(root, 'node_modules', name), at('node_modules', name));
  }
  mkdirSync(at('web-console/dist'), { recursive: true });
  writeFileSync(at('web-console/dist/index.html'), '<title>the console</title>');
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

describe.each([
  ['hall-server', ['main.js', 'writer-worker.js'], ['@node-rs/argon2', 'better-sqlite3']],
  ['edge-agent', ['main.js', 'thread.js', 'watch-thread.js'], ['better-sqlite3', 'serialport']],
])('the bundle of %s', (program, entries, packages) => {
  const files = (ending: string) => readdirSync(at(program, 'bundle')).filter((name) => name.endsWith(ending));
  const text = (name: string) => readFileSync(at(program, 'bundle', name), 'utf8');

  test('is flat and has its entries', () => {
    expect(files('')).toEqual(files('').filter((name) => /\.js(?:\.map)?$/.test(name)));
    expect(files('.js')).toEqual(expect.arrayContaining(entries));
    // A few more than the entries: what they share, and what is loaded when it is needed.
    expect(files('.js').length).toBeLessThan(20);
  });

  test('holds the product, and neither tests, simulators nor the tools that build it', () => {
    const maps = files('.map').map((name) => JSON.parse(text(name)) as { sources: string[] });
    const sources = maps.flatMap((map) => map.sources);
    expect(sources.filter((source) => source.includes('contracts/src/')).length).toBeGreaterThan(5);
    const alien =
      /\.test\.|[./]fixture|device-simulators|virtual-hall|node_modules\/(?:typescript|tsx|vitest|vite|rolldown|fast-check|@hall)\//;
    expect(sources.filter((source) => alien.test(source))).toEqual([]);
  });

  test('asks for no other package than those that are delivered beside it', () => {
    const asks = /^import (?:[^"]* from )?"([^"]+)"|\b__require\("([^"]+)"\)|\bawait import\("([^"]+)"\)/gm;
    const asked = files('.js').flatMap((name) => [...text(name).matchAll(asks)].map(([, ...found]) => found.join('')));
    const foreign = asked.filter((name) => !/^(?:node:|\.\/)/.test(name) && !builtinModules.includes(name));
    expect([...new Set(foreign)].toSorted()).toEqual(packages);
  });

  test('says its version and its commands', async () => {
    const { version } = JSON.parse(readFileSync(at(program, 'package.json'), 'utf8')) as { version: string };
    expect((await run(`${program}/bundle/main.js`, '--version')).trim()).toBe(version);
    // As an operator types it: the file itself is the command, and says how Node is to run it.
    const { stdout } = await execute(at(program, 'bundle/main.js'), ['--version'], { cwd: folder });
    expect(stdout.trim()).toBe(version);
    expect(readFileSync(at(program, 'bundle/main.js'), 'utf8')).toMatch(
      /^#!\/usr\/bin\/env -S node --v8-pool-size=1 --single-threaded-gc --no-memory-reducer\n/,
    );
    expect(await run(`${program}/bundle/main.js`, '--help')).toMatch(/^ {2}start /m);
  });
});

test('the agent limits its heap before any module but those of Node is evaluated', () => {
  const main = readFileSync(at(AGENT), 'utf8');
  const others = importsOf(main).filter((name) => !name.startsWith('node:'));
  expect(others.length).toBe(1);
  const [limited, loaded] = [main.lastIndexOf('setFlagsFromString('), main.search(/^await import\(/m)];
  expect(limited).toBeGreaterThan(0);
  expect(loaded).toBeGreaterThan(limited);
});

test('a bundled agent is online at a bundled server, their pages are served, and both end cleanly', async () => {
  const config = write('server.json', {
    hall: 'main',
    data: 'server-data',
    http: { port: 0 },
    mqtt: { port: 0 },
    ballastMb: 0,
    log: 'warn',
  });
  expect(JSON.parse(await run(SERVER, 'content', 'export', '--config', config))).toMatchObject({ devices: [] });
  const { password } = JSON.parse(await run(SERVER, 'agent', 'add', 'edge-1', '--json', '--config', config)) as {
    password: string;
  };
  const server = await start(SERVER, config, 'one-time code');
  const said = (pattern: RegExp) => pattern.exec(server.output)?.[1] ?? '';
  const consoleUrl = said(/console: (\S+)/);
  const post = (name: string, body: object) =>
    fetch(`${consoleUrl}/api/v1/${name}`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(body),
    });
  const page = await fetch(consoleUrl, { headers: { accept: 'text/html' } });
  expect(await page.text()).toBe('<title>the console</title>');
  const person = { name: 'wang.min', password: PASSWORD };
  const code = said(/one-time code[^:]*: *(\S+)/);
  expect((await post('bootstrap', { ...person, display: 'Wang Min', code })).status).toBe(201);
  const session = await post('sessions', person);
  expect(session.status).toBe(200);
  const cookie = session.headers.getSetCookie()[0]?.split(';')[0] ?? '';

  writeFileSync(at('edge-1.secret'), password);
  const edge = write('edge-1.json', {
    hall: 'main',
    agent: 'edge-1',
    server: { url: said(/MQTT: (\S+)/), passwordFile: 'edge-1.secret' },
    data: 'edge-1',
    kiosk: { port: 0 },
  });
  const agent = await start(AGENT, edge, '"agent started"');
  await vi.waitFor(
    async () => {
      const reply = await fetch(`${consoleUrl}/api/v1/halls/main/agents`, { headers: { cookie } });
      expect((await reply.json()) as AgentView[]).toMatchObject([{ id: 'edge-1', presence: 'online' }]);
    },
    { timeout: 20_000 },
  );
  const kioskUrl = /"kiosk":"([^"]+)"/.exec(agent.output)?.[1] ?? '';
  const kiosk = async (name: string) => {
    const { status, headers } = await fetch(`${kioskUrl}${name}`);
    return [status, headers.get('content-type')?.split(';')[0]];
  };
  expect(await kiosk('/screen/board-1')).toEqual([200, 'text/html']);
  expect(await kiosk('/kiosk/board.css')).toEqual([200, 'text/css']);
  expect(await kiosk('/fonts/index.css')).toEqual([200, 'text/css']);
  expect([await stop(agent.child), await stop(server.child)]).toEqual([0, 0]);
});
