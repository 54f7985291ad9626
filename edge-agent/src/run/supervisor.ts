/**
 * `hall-agent run`: a small parent process that starts the agent, listens to its heartbeat, and starts it again when it ends or falls
 * silent. Where a release is on trial, it goes back to what ran before unless the release is healthy in time. It loads nothing of the
 * agent, so that nothing of the agent can take it along.
 */
import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { createTimer, type Clock } from '@hall/contracts';
import type { Logger } from 'pino';
import { closedGate, gateTimes, hear, type GateTimes } from '../update/gate.ts';
import type { Launcher } from '../update/launcher.ts';
import type { ApplyRequest, RollbackReason } from '../update/state.ts';
import { heard, tell } from './messages.ts';
import { afterEnd, noRestarts } from './restarts.ts';

/** Until its first heartbeat an agent has so long: a slow disk is slowest at the start, ms. */
const STARTING_MS = 60_000;
/** An agent that was told to stop has so long to say goodbye, ms. */
const GOODBYE_MS = 10_000;

export interface SupervisorOptions {
  /** What stands before the program on the command line of the agent, and behind it. */
  readonly flags: readonly string[];
  readonly args: readonly string[];
  /** Which program it is. */
  readonly launcher: Launcher;
  readonly gate?: GateTimes;
  /** An agent that is not heard for so long is killed, ms. */
  readonly silentMs: number;
  readonly clock: Clock;
  readonly log: Logger;
  /** In [0, 1). */
  readonly random: () => number;
}

/** How one life of the agent ended. */
interface Life {
  readonly code: number | null;
  /** Why the release on trial is rolled back. */
  readonly failed?: RollbackReason;
  /** What the agent asked to be replaced by. */
  readonly wanted?: ApplyRequest;
}

export interface Supervisor {
  /** Resolves when the agent was told to stop and has ended: its exit code, or 1 if it had to be killed. */
  readonly ended: Promise<number>;
  stop(signal: NodeJS.Signals): void;
}

export function superviseAgent(options: SupervisorOptions): Supervisor {
  const { flags, args, launcher, gate: times = gateTimes, silentMs, clock, log, random } = options;
  const { machine } = clock;
  const over = new AbortController();
  let child: ChildProcess | undefined;

  function sayGoodbye(signal: NodeJS.Signals): void {
    const mine = child;
    mine?.kill(signal);
    void machine.sleep(GOODBYE_MS).then(() => mine?.kill('SIGKILL'));
  }

  /** One life of the agent. */
  async function live(): Promise<Life> {
    const { script, trial } = launcher.next();
    const started = spawn(process.execPath, [...flags, script, ...args], { stdio: ['ignore', 'inherit', 'inherit', 'ipc'] });
    child = started;
    log.info({ child: started.pid, ...(trial && { trial: trial.release, version: trial.version }) }, 'agent process started');
    let gate = closedGate;
    let why: RollbackReason = 'ended';
    let wanted: ApplyRequest | undefined;
    const kill = (reason: RollbackReason, said: string) => {
      why = reason;
      log.error({ child: started.pid, silentMs }, said);
      started.kill('SIGKILL');
    };
    const silence = createTimer(clock, () => kill('silent', 'the agent is silent and is killed'));
    const listen = (graceMs = 0) => silence.set(machine.nowMs() + Math.max(silentMs, graceMs));
    const trialEnds = createTimer(clock, () => kill('not_healthy', 'the release on trial is not healthy in time and is killed'));
    if (trial) trialEnds.set(machine.nowMs() + times.withinMs);
    listen(STARTING_MS);
    started.on('message', (message) => {
      listen();
      const { facts, apply } = heard(message);
      if (trial && !gate.isPassed && !over.signal.aborted) {
        gate = hear(gate, facts, trial.online, machine.nowMs(), times);
        if (gate.isPassed) {
          trialEnds.clear();
          launcher.pass();
          log.info({ release: trial.release, version: trial.version }, 'release has passed its trial');
          tell(started, trial.release);
        }
      } else if (apply && !wanted && !over.signal.aborted) {
        wanted = apply;
        sayGoodbye('SIGTERM');
      }
    });
    const [code, signal] = (await Promise.race([
      once(started, 'exit'),
      once(started, 'error').then(([error]) => {
        log.error({ err: error as unknown }, 'agent process could not be started');
        return [null, null];
      }),
    ])) as [number | null, NodeJS.Signals | null];
    silence.stop();
    trialEnds.stop();
    log[code === 0 ? 'info' : 'warn']({ child: started.pid, code, signal }, 'agent process ended');
    const failed = trial !== undefined && !gate.isPassed ? why : undefined;
    return { code, ...(failed && { failed }), ...(wanted && { wanted }) };
  }

  /** Whether another program is started now, which is nobody's fault and waits for nothing. */
  function turnTo({ failed, wanted }: Life): boolean {
    if (failed) launcher.rollBack(failed);
    else if (wanted) {
      try {
        launcher.begin(wanted);
      } catch (error) {
        log.error({ err: error, release: wanted.release }, 'release is not tried');
      }
    } else return false;
    return true;
  }

  async function run(): Promise<number> {
    let restarts = noRestarts;
    for (;;) {
      const begunMs = machine.nowMs();
      const life = await live();
      // A trial that is broken off by whoever stops the parent is no verdict on the release; the next start counts it.
      if (over.signal.aborted) return life.code ?? 1;
      if (turnTo(life)) {
        restarts = noRestarts;
        continue;
      }
      restarts = afterEnd(restarts, machine.nowMs() - begunMs, random());
      log.warn({ waitMs: Math.round(restarts.waitMs), shortRuns: restarts.short }, 'agent process is started again');
      await machine.sleep(restarts.waitMs, over.signal).catch(() => {});
      if (over.signal.aborted) return life.code ?? 1;
    }
  }

  return {
    ended: run(),
    stop(signal) {
      if (over.signal.aborted) return;
      over.abort();
      sayGoodbye(signal);
    },
  };
}
