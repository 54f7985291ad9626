/** For tests: scripts of ours in processes of their own, from source. */
import { spawn, type ChildProcess } from 'node:child_process';
import { createRequire } from 'node:module';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { onTestFinished } from 'vitest';

const tsx = new URL('./dist/esm/index.mjs', pathToFileURL(createRequire(import.meta.url).resolve('tsx/package.json'))).href;

export interface Child {
  readonly process: ChildProcess;
  /** Whole lines of its output so far. */
  readonly lines: readonly string[];
  /** Called for each line as it comes. */
  onLine(heard: (line: string) => void): void;
  /** The first line that matches; rejects if the process ends before. */
  line(pattern: RegExp): Promise<string>;
  /** Resolves when it has ended. */
  readonly ended: Promise<void>;
}

export interface ChildOptions {
  readonly args?: readonly string[];
  readonly env?: Readonly<Record<string, string>>;
  /** Command and arguments in front of `node`. */
  readonly within?: readonly string[];
}

/** Starts a script; it is killed when the test ends. */
export function startScript(script: URL, { args = [], env = {}, within = [] }: ChildOptions = {}): Child {
  const node = [process.execPath, '--import', tsx, '--conditions=@hall/source', fileURLToPath(script), ...args];
  const [command = '', ...rest] = [...within, ...node];
  const child = spawn(command, rest, { stdio: ['ignore', 'pipe', 'inherit'], env: { ...process.env, ...env } });
  const ended = new Promise<void>((resolve) => {
    child.once('close', () => resolve());
  });
  onTestFinished(async () => {
    child.kill('SIGKILL');
    await ended;
  });
  const lines: string[] = [];
  const listeners = new Set<(line: string) => void>();
  let part = '';
  child.stdout.on('data', (chunk: Buffer) => {
    const found = (part + chunk.toString()).split('\n');
    part = found.pop() ?? '';
    lines.push(...found);
    for (const line of found) for (const listener of listeners) listener(line);
  });
  return {
    process: child,
    lines,
    onLine: (heard) => void listeners.add(heard),
    line: (pattern) =>
      new Promise((resolve, reject) => {
        const look = (line: string) => {
          if (pattern.test(line)) resolve(line);
        };
        for (const line of lines) look(line);
        listeners.add(look);
        void ended.then(() => reject(new Error(`ended without a line like ${String(pattern)}: ${lines.join('\n')}`)));
      }),
    ended,
  };
}

export interface ServerChild extends Child {
  readonly httpUrl: string;
}

/** Starts the `hall-server` command for hall `demo`; resolves when it takes work. `config` overrides its configuration. */
export async function startServerProcess(
  folder: string,
  { config = {}, ...options }: Omit<ChildOptions, 'args'> & { readonly config?: object } = {},
): Promise<ServerChild> {
  const file = join(folder, 'server.json');
  const own = {
    hall: 'demo',
    data: join(folder, 'data'),
    http: { port: 0, console: folder },
    mqtt: { port: 0 },
    ballastMb: 0,
    log: 'silent',
  };
  writeFileSync(file, JSON.stringify({ ...own, ...config }));
  const child = startScript(new URL('../main.ts', import.meta.url), { ...options, args: ['start', '--config', file] });
  const line = await child.line(/console: http/);
  return { ...child, httpUrl: line.slice(line.indexOf('http')) };
}
