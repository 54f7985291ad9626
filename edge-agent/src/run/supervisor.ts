/**
 * `hall-agent run`: a small parent process that starts the agent, listens to its heartbeat, and starts it again when it ends or falls
 * silent. It loads nothing of the agent, so that nothing of the agent can take it along.
 */
import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { createTimer, type Clock } from '@hall/contracts';
import type { Logger } from 'pino';
import { afterEnd, noRestarts } from './restarts.ts';

/** Until its first heartbeat an agent has so long: a slow disk is slowest at the start, ms. */
const STARTING_MS = 60_000;
/** An agent that was told to stop has so long to say goodbye, ms. */
const GOODBYE_MS = 10_000;

export interface SupervisorOptions {
  /** The command line of the agent, with `process.execPath` before it. */
  readonly args: readonly string[];
  /** An agent that is not heard for so long is killed, ms. */
  readonly silentMs: number;
  readonly clock: Clock;
  readonly log: Logger;
  /** In [0, 1). */
  readonly random: () => number;
}

export interface Supervisor {
  /** Resolves when the agent was told to stop and has ended: its exit code, or 1 if it had to be killed. */
  readonly ended: Promise<number>;
  stop(signal: NodeJS.Signals): void;
}

export function superviseAgent({ args, silentMs, clock, log, random }: SupervisorOptions): Supervisor {
  const { machine } = clock;
  const over = new AbortController();
  let child: ChildProcess | undefined;

  const silence = createTimer(clock, () => {
    log.error({ child: child?.pid, silentMs }, 'the agent is silent and is killed');
    child?.kill('SIGKILL');
  });
  const listen = (graceMs = 0) => silence.set(machine.nowMs() + Math.max(silentMs, graceMs));

  /** One life of the agent. */
  async function live(): Promise<number | null> {
    const started = spawn(process.execPath, [...args], { stdio: ['ignore', 'inherit', 'inherit', 'ipc'] });
    child = started;
    log.info({ child: started.pid }, 'agent process started');
    listen(STARTING_MS);
    started.on('message', () => listen());
    const [code, signal] = (await Promise.race([
      once(started, 'exit'),
      once(started, 'error').then(([error]) => {
        log.error({ err: error as unknown }, 'agent process could not be started');
        return [null, null];
      }),
    ])) as [number | null, NodeJS.Signals | null];
    silence.clear();
    log[code === 0 ? 'info' : 'warn']({ child: started.pid, code, signal }, 'agent process ended');
    return code;
  }

  async function run(): Promise<number> {
    let restarts = noRestarts;
    for (;;) {
      const begunMs = machine.nowMs();
      const code = await live();
      if (over.signal.aborted) return code ?? 1;
      restarts = afterEnd(restarts, machine.nowMs() - begunMs, random());
      log.warn({ waitMs: Math.round(restarts.waitMs), shortRuns: restarts.short }, 'agent process is started again');
      await machine.sleep(restarts.waitMs, over.signal).catch(() => {});
      if (over.signal.aborted) return code ?? 1;
    }
  }

  return {
    ended: run().finally(() => silence.stop()),
    stop(signal) {
      if (over.signal.aborted) return;
      over.abort();
      child?.kill(signal);
      const mine = child;
      void machine.sleep(GOODBYE_MS).then(() => mine?.kill('SIGKILL'));
    },
  };
}
