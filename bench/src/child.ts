/** The processes that are measured: plain Node, started, watched through `/proc`, stopped. */
import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { readdirSync, readFileSync } from 'node:fs';
import { systemClock } from '@hall/contracts';
import { onCpuMs, residentBytes } from './proc-files.ts';

const STOP_MS = 10_000;
const READY_MS = 60_000;
const KEPT_CHARACTERS = 4000;
const { machine } = systemClock();

export interface ChildOptions {
  /** In messages, and the process's place in figures: `server`, `agent-a`. */
  readonly name: string;
  /** Built JavaScript. */
  readonly file: string;
  readonly args?: readonly string[];
  readonly nodeFlags?: readonly string[];
  readonly env?: Readonly<Record<string, string>>;
  readonly folder?: string;
  /** Output that says the process is ready; absent: at once. */
  readonly ready?: RegExp;
}

export interface Child {
  readonly name: string;
  readonly pid: number;
  /** The output that said it is ready. */
  readonly said: RegExpExecArray | undefined;
  /** Resident memory now, bytes; NaN when it is gone. */
  residentBytes(): number;
  /** Time all its threads have spent on a processor so far, ms; threads that ended are not in it. */
  cpuMs(): number;
  /** SIGTERM, and SIGKILL if it does not end within 10 s. */
  stop(): Promise<void>;
}

const alive = new Set<ChildProcess>();
process.on('exit', () => {
  for (const child of alive) child.kill('SIGKILL');
});
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, () => process.exit(130));

/** Starts a Node process. @throws Error with its last output if it ends or is silent before it is ready. */
export async function startChild(options: ChildOptions): Promise<Child> {
  const { name, file, args = [], nodeFlags = [], env = {}, folder, ready } = options;
  const child = spawn(process.execPath, [...nodeFlags, file, ...args], {
    cwd: folder,
    env: { ...process.env, NODE_ENV: 'production', NODE_OPTIONS: '', ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  alive.add(child);
  let output = '';
  let said: RegExpExecArray | undefined;
  let stopping = false;
  const exited = once(child, 'exit').then(([code, signal]) => {
    alive.delete(child);
    if (!stopping) process.stderr.write(`${name} ended by itself (${String(code ?? signal)}): ${output}\n`);
  });
  const waited = new AbortController();
  await new Promise<void>((resolve, reject) => {
    const hear = (bytes: Buffer) => {
      output = (output + bytes.toString()).slice(-KEPT_CHARACTERS);
      if (said || !ready) return;
      said = ready.exec(output) ?? undefined;
      if (said) resolve();
    };
    child.stdout.on('data', hear);
    child.stderr.on('data', hear);
    child.once('error', reject);
    void exited.then(() => reject(new Error(`${name} ended: ${output}`)));
    machine.sleep(READY_MS, waited.signal).then(
      () => reject(new Error(`${name} is not ready after ${READY_MS} ms: ${output}`)),
      () => {},
    );
    if (!ready) resolve();
  }).finally(() => waited.abort());
  const pid = child.pid ?? 0;
  const threads = () => {
    try {
      return readdirSync(`/proc/${pid}/task`);
    } catch {
      return [];
    }
  };
  return {
    name,
    pid,
    said,
    residentBytes: () => residentBytes(textOf(`/proc/${pid}/status`)),
    cpuMs: () => threads().reduce((sum, thread) => sum + onCpuMs(textOf(`/proc/${pid}/task/${thread}/schedstat`)), 0),
    stop: async () => {
      stopping = true;
      child.kill('SIGTERM');
      const done = new AbortController();
      const late = machine.sleep(STOP_MS, done.signal).then(
        () => child.kill('SIGKILL'),
        () => {},
      );
      await exited;
      done.abort();
      await late;
    },
  };
}

function textOf(file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    return '';
  }
}
