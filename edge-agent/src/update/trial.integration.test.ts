/** Real processes: a parent, made-up agents, and releases that are good, end, hang or never become healthy. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, onTestFinished, test, vi } from 'vitest';
import { machine, packageOf, packed, signer } from './fixture.ts';
import { readState } from './launcher.ts';
import type { ParentOptions } from './parent.fixture.ts';
import { releaseFolder, stage, updatesFolder } from './releases.ts';
import { trustedKeys } from './trusted-keys.ts';

const patient = { timeout: 60_000, interval: 25 };
const by = signer();

/** An agent that notes each run, beats as its kind does, and asks for what lies in `apply.json`. */
const agent = (name: string, kind: 'good' | 'ends' | 'hangs' | 'ill' | 'silent') => `
import { appendFileSync, existsSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
const data = process.argv[2];
appendFileSync(data + '/runs', '${name} ' + process.pid + '\\n');
process.on('disconnect', () => process.exit(0));
process.on('SIGTERM', () => process.exit(0));
process.on('message', ({ passed }) => appendFileSync(data + '/passed', '${name} ' + passed + '\\n'));
const kind = '${kind}';
${name === 'new' ? "writeFileSync(data + '/agent.sqlite', 'of the new one');" : ''}
if (kind === 'ends') process.exit(3);
const facts = { welcomed: kind === 'good', online: kind === 'good' ? ['strip-1'] : [] };
if (kind !== 'silent') process.send({ alive: true, facts });
if (kind === 'hangs') process.kill(process.pid, 'SIGSTOP');
for (const cell = new Int32Array(new SharedArrayBuffer(4)); ; await Atomics.waitAsync(cell, 0, 0, 50).value) {
  const asked = data + '/apply.json';
  if (existsSync(asked)) {
    const apply = JSON.parse(readFileSync(asked, 'utf8'));
    renameSync(asked, data + '/asked.json');
    process.send({ alive: true, apply });
  }
  if (kind !== 'silent') process.send({ alive: true, facts });
}
`;

const lives = (pid: number) => existsSync(`/proc/${pid}`);

function hall() {
  const { keys, data } = machine(by);
  const updates = updatesFolder(data);
  mkdirSync(updates);
  const packageFolder = packageOf('1.0.0', agent('old', 'good'));
  writeFileSync(path.join(data, 'agent.sqlite'), 'of the old one');
  const runs = () =>
    (existsSync(path.join(data, 'runs')) ? readFileSync(path.join(data, 'runs'), 'utf8') : '')
      .split('\n')
      .filter((line) => line !== '')
      .map((line) => line.split(' '))
      .map(([name = '', pid]) => ({ name, pid: Number(pid) }));

  /** A parent over what is on the disk. */
  function start(more: Partial<ParentOptions> = {}) {
    const options: ParentOptions = {
      data,
      keys,
      packageFolder,
      script: path.join(packageFolder, 'bundle/main.js'),
      withinMs: 20_000,
      settleMs: 200,
      silentMs: 20_000,
      ...more,
    };
    const file = fileURLToPath(new URL('parent.fixture.ts', import.meta.url));
    const parent = spawn(process.execPath, ['--import', 'tsx', '--conditions=@hall/source', file, JSON.stringify(options)], {
      cwd: fileURLToPath(new URL('../../', import.meta.url)),
      stdio: ['ignore', 'ignore', 'inherit'],
    });
    const ended = once(parent, 'close');
    const kill = async () => {
      parent.kill('SIGKILL');
      await ended;
      await vi.waitFor(() => expect(runs().filter(({ pid }) => lives(pid))).toEqual([]), patient);
    };
    onTestFinished(kill);
    return { parent, ended, kill };
  }

  /** A release as an agent has put it there, and the wish for it. */
  function offer(kind: Parameters<typeof agent>[1], version = '2.0.0') {
    const file = path.join(data, 'bundle');
    const { bundle, sha256 } = packed(by, version, agent('new', kind));
    writeFileSync(file, bundle);
    stage(file, { updates, keys: trustedKeys(keys), version: '1.0.0', schema: 4, packageFolder });
    rmSync(file);
    ask(sha256, version);
    return sha256;
  }
  function ask(release: string, version = '2.0.0') {
    const wish = { release, version, newStore: true, online: ['strip-1'], command: 'c-1' };
    writeFileSync(path.join(data, 'apply.new'), JSON.stringify(wish));
    renameSync(path.join(data, 'apply.new'), path.join(data, 'apply.json'));
  }

  /** Exactly one agent lives: this one, and the parent has decided. */
  const settled = (name: 'old' | 'new') =>
    vi.waitFor(() => {
      const running = runs().filter(({ pid }) => lives(pid));
      expect(running.map((one) => one.name)).toEqual([name]);
      expect(readState(data)?.trial ?? null).toBeNull();
    }, patient);
  const store = () => readFileSync(path.join(data, 'agent.sqlite'), 'utf8');
  return { data, updates, start, offer, ask, settled, runs, store, last: () => readState(data)?.last };
}

test('a good release takes over, is told so, and is what the next parent starts', async () => {
  const { data, start, offer, settled, runs, store, last } = hall();
  const { kill } = start();
  await settled('old');
  const release = offer('good');
  await vi.waitFor(() => expect(last()?.outcome).toBe('applied'), patient);
  await settled('new');
  await vi.waitFor(() => expect(readFileSync(path.join(data, 'passed'), 'utf8')).toBe(`new ${release}\n`), patient);
  expect(readState(data)).toMatchObject({ current: release, previous: null, last: { command: 'c-1', version: '2.0.0' } });
  expect(runs().map(({ name }) => name)).toEqual(['old', 'new']);
  await kill();
  start();
  await settled('new');
  expect(store()).toBe('of the new one');
});

test.each([
  ['ends at once', 'ends', {}, 'ended'],
  ['hangs', 'hangs', { silentMs: 1000 }, 'silent'],
  ['never beats', 'silent', { withinMs: 2000 }, 'not_healthy'],
  ['never becomes healthy', 'ill', { withinMs: 2000 }, 'not_healthy'],
] as const)('a release that %s is rolled back with its database, and not tried again', async (_, kind, times, reason) => {
  const { start, offer, ask, settled, runs, store, last, updates } = hall();
  start(times);
  await settled('old');
  const release = offer(kind);
  await vi.waitFor(() => expect(last()?.outcome).toBe('rolled_back'), patient);
  expect(last()).toMatchObject({ reason, release, command: 'c-1' });
  await settled('old');
  expect(store()).toBe('of the old one');
  expect(existsSync(path.join(updates, 'store-before'))).toBe(false);
  const before = runs().length;
  ask(release);
  await vi.waitFor(() => expect(runs().length).toBeGreaterThan(before), patient);
  await settled('old');
  expect(runs().filter(({ name }) => name === 'new')).toHaveLength(1);
});

test.each(['before begin', 'after begin', 'after trial', 'before pass', 'after pass'])(
  'a parent killed %s of a good release: the next one ends at old or new',
  async (dieAt) => {
    const { start, offer, settled, last, store } = hall();
    const first = start({ dieAt });
    await settled('old');
    offer('good');
    await first.ended;
    start();
    const isNew = dieAt !== 'before begin';
    await settled(isNew ? 'new' : 'old');
    expect(last()?.outcome).toBe(isNew ? 'applied' : undefined);
    expect(store()).toBe(isNew ? 'of the new one' : 'of the old one');
  },
);

test.each(['before rollBack', 'after rollBack'])(
  'a parent killed %s of a bad release: the next one ends at old',
  async (dieAt) => {
    const { start, offer, settled, last, store } = hall();
    const first = start({ dieAt, withinMs: 1000 });
    await settled('old');
    offer('ill');
    await first.ended;
    start({ withinMs: 1000 });
    await vi.waitFor(() => expect(last()?.outcome).toBe('rolled_back'), patient);
    await settled('old');
    expect(store()).toBe('of the old one');
  },
);

test('a parent that is killed again and again during a trial tries it twice and then goes back', async () => {
  const { start, offer, settled, last, runs } = hall();
  const first = start({ dieAt: 'after trial' });
  await settled('old');
  offer('good');
  await first.ended;
  await start({ dieAt: 'after trial' }).ended;
  start();
  await settled('old');
  expect(last()).toMatchObject({ outcome: 'rolled_back', reason: 'parent_ended' });
  expect(runs().some(({ name }) => name === 'new')).toBe(false);
});

test('a release that is spoilt on the disk: before its trial what was before runs on, after it the one before', async () => {
  const { start, offer, settled, last, updates, data } = hall();
  const { kill } = start();
  await settled('old');
  const good = offer('good');
  await vi.waitFor(() => expect(last()?.outcome).toBe('applied'), patient);
  await settled('new');
  await kill();
  writeFileSync(path.join(releaseFolder(updates, good), 'bundle/main.js'), 'process.exit(1)');
  start();
  await settled('old');
  expect(readState(data)?.current).toBeNull();
});
