/**
 * Commands at the agent: each is noted before anything else, begun before its deadline or not at all, and ends once. What comes
 * again is answered with what is noted. One at a time for each device, and for the agent itself.
 */
import { argumentsFor, ruleOf, type Clock, type Command, type CommandEnd, type Payload } from '@hall/contracts';
import type { Logger } from 'pino';
import type { DeviceHost } from '../devices/device-host.ts';
import type { OutboxLimits } from '../outbox/limits.ts';
import type { OutboxSpan } from '../outbox/sql.ts';
import { overridesAfter, type Overrides } from '../screens/overlay.ts';
import type { OverrideKeeper } from '../screens/overrides.ts';
import type { Store } from '../store/store.ts';
import type { LearntHallTime } from '../time/hall-time.ts';
import { createTurns } from '../turns.ts';
import type { Updater } from '../update/updater.ts';
import type { LogRing } from './log-ring.ts';
import { confirmOverride, performAct, performOverride, readLogs, takeBack } from './perform.ts';
import type { JournalCommand, JournalRow } from './sql.ts';

/** Epochs are 36 characters; a command in the journal has an end or is in one of these. */
type Progress = Omit<Payload<'commandState'>, 'epoch' | 'at'>;

export interface Commands {
  take(command: Command): void;
  /** A session began and hall time is known: what an earlier run left open goes on. */
  welcomed(): void;
  /** Ends nothing: what is open is found in the journal by the next run. Resolves when all devices are closed too. */
  close(): Promise<void>;
}

export interface CommandsOptions {
  readonly epoch: string;
  readonly version: string;
  readonly store: Pick<Store, 'call'>;
  readonly limits: OutboxLimits;
  /** Not ended when this run began. */
  readonly remembered: readonly JournalRow[];
  readonly hallTime: LearntHallTime;
  readonly overrides: OverrideKeeper;
  hosts(): ReadonlyMap<string, DeviceHost>;
  /** Whether the driver of a device does the act. */
  can(host: DeviceHost, command: JournalCommand): boolean;
  /** Ends this run and begins another; absent where nobody can. */
  readonly restart?: () => void;
  readonly logs?: LogRing;
  /** Absent where there is no parent that could start another release. */
  readonly updater?: Updater;
  publish(progress: Payload<'commandState'>): void;
  /** The journal has put a record into the outbox. */
  recorded(span: OutboxSpan): void;
  count(name: string): void;
}

interface Job {
  readonly command: JournalCommand;
  readonly deadlineMs: number;
  readonly cancelled: AbortController;
  state: JournalRow['state'] | 'taking';
  /** Begun by an earlier run. */
  readonly resumed: boolean;
}

export function createCommands(options: CommandsOptions, clock: Clock, log: Logger): Commands {
  const { epoch, store, hallTime, overrides, hosts } = options;
  const { machine } = clock;
  const jobs = new Map<string, Job>();
  const turns = new Map<string, ReturnType<typeof createTurns>>();
  const closing = new AbortController();
  const running = new Set<Promise<void>>();
  let waiting = options.remembered;

  const publish = (progress: Progress) => options.publish({ epoch, at: hallTime.nowMs(), ...progress });
  const turnOf = (device: string) => {
    const turn = turns.get(device) ?? createTurns();
    turns.set(device, turn);
    return turn;
  };
  const isLate = ({ deadlineMs }: Job) => machine.nowMs() >= deadlineMs;

  /** The end is noted and put into the outbox in one transaction; only then anybody hears of it. */
  async function finish(job: Job, end: CommandEnd): Promise<void> {
    const { id, act, device } = job.command;
    const record = {
      type: 'command.ended' as const,
      at: hallTime.nowMs(),
      ...(device === undefined ? {} : { device }),
      data: { id, act, ...end },
    };
    const { row, span } = await store.call('commandEnd', { id, end, record, limits: options.limits });
    if (span) options.recorded(span);
    jobs.delete(id);
    log.info({ command: id, act, device, outcome: row?.end?.outcome, code: row?.end?.code }, 'command ended');
    if (row?.end) publish({ id, state: 'ended', end: row.end });
  }

  /** Why it is not even tried. */
  function refusal({ act, device, ...command }: JournalCommand): CommandEnd | undefined {
    const refused = (code: string): CommandEnd => ({ outcome: 'refused', code });
    if (!argumentsFor(act, command.arguments)) return refused('INPUT_INVALID');
    if (device === undefined) {
      if (act === 'restart' && options.restart) return undefined;
      if (act === 'update' && options.updater) return undefined;
      return act === 'logs_fetch' && options.logs ? undefined : refused('ACT_UNSUPPORTED');
    }
    const host = hosts().get(device);
    if (!host) return refused('NOT_FOUND');
    return ruleOf(act).to === 'agent' || !options.can(host, { act, device, ...command }) ? refused('ACT_UNSUPPORTED') : undefined;
  }

  /** The open device, or how the command ends without it. */
  async function openHost(job: Job, device: string): Promise<DeviceHost | CommandEnd> {
    for (;;) {
      const host = hosts().get(device);
      if (job.cancelled.signal.aborted) return { outcome: 'cancelled' };
      if (!host) return { outcome: 'refused', code: 'NOT_FOUND' };
      if (isLate(job)) return { outcome: 'expired', code: host.commands.isOpen ? 'COMMAND_LATE' : 'DEVICE_OFFLINE' };
      if (host.commands.isOpen) return host;
      const over = AbortSignal.any([job.cancelled.signal, closing.signal]);
      const stop = new AbortController();
      const wait = machine.sleep(job.deadlineMs - machine.nowMs(), AbortSignal.any([over, stop.signal])).catch(() => {});
      await Promise.race([host.commands.whenOpen(), wait]);
      stop.abort();
      closing.signal.throwIfAborted();
    }
  }

  /** From here on it may have been done; what is to stand over the plan is noted in the same transaction. */
  async function begin(job: Job, after?: Overrides): Promise<void> {
    const { id, device } = job.command;
    job.state = 'begun';
    const over = device !== undefined && after ? { over: overrides.stored(device, after) } : {};
    await store.call('commandBegin', { id, epoch, ...over });
    closing.signal.throwIfAborted();
    if (device !== undefined && after) overrides.set(device, after);
    publish({ id, state: 'begun' });
  }

  async function onDevice(job: Job, device: string): Promise<CommandEnd> {
    const host = await openHost(job, device);
    if ('outcome' in host) return host;
    const before = overrides.of(device);
    const after = overridesAfter(before, job.command, machine.nowMs());
    await begin(job, after);
    return after ? performOverride(job.command, before, host, overrides, closing.signal) : performAct(job.command, host);
  }

  /** Undefined when the next run of the agent will know the end. */
  async function onAgent(job: Job): Promise<CommandEnd | undefined> {
    const { act } = job.command;
    await begin(job);
    if (act === 'logs_fetch' && options.logs) return readLogs(job.command, options.logs);
    if (act === 'update') return options.updater?.update(job.command, closing.signal);
    options.restart?.();
    return undefined;
  }

  /** Undefined when this run ends before there is a verdict. */
  async function verdictOn(command: JournalCommand, updater: Updater): Promise<CommandEnd | undefined> {
    const closed = new Promise<undefined>((end) => {
      closing.signal.addEventListener('abort', () => end(undefined), { once: true });
    });
    return Promise.race([updater.resolve(command), closed]);
  }

  /** Begun by a run that ended before it could note how: the device is asked; what nobody can tell is unknown. */
  async function resolve(job: Job): Promise<CommandEnd | undefined> {
    const { command } = job;
    const { act, device } = command;
    const unknown: CommandEnd = { outcome: 'unknown', code: 'AGENT_RESTARTED' };
    if (device === undefined && act === 'restart') {
      return { outcome: 'applied', level: 'read_back', evidence: { epoch, version: options.version } };
    }
    if (act === 'update' && options.updater) return verdictOn(command, options.updater);
    const rule = ruleOf(act);
    if (!rule.override) {
      if (!rule.repeatable || isLate(job)) return unknown;
      return device === undefined ? onAgent(job) : onDevice(job, device);
    }
    const host = device === undefined ? undefined : hosts().get(device);
    const sets = overridesAfter([], command, machine.nowMs())?.some((one) => one.command === command.id) ?? false;
    const isOver = sets && !overrides.of(device ?? '').some((one) => one.command === command.id);
    if (!host || isOver) return unknown;
    host.look();
    try {
      const end = await confirmOverride(command, host, {});
      if (end.outcome === 'applied') return end;
    } catch {
      closing.signal.throwIfAborted();
    }
    takeBack(command, [], overrides, host);
    return unknown;
  }

  async function run(job: Job): Promise<void> {
    closing.signal.throwIfAborted();
    const end = await endOf(job);
    if (end && !closing.signal.aborted) await finish(job, end);
  }
  async function endOf(job: Job): Promise<CommandEnd | undefined> {
    const { device } = job.command;
    if (job.resumed) return resolve(job);
    if (job.cancelled.signal.aborted) return { outcome: 'cancelled' };
    if (isLate(job)) return { outcome: 'expired', code: 'COMMAND_LATE' };
    return refusal(job.command) ?? (device === undefined ? onAgent(job) : onDevice(job, device));
  }

  function start(job: Job): void {
    const { id, device = '' } = job.command;
    const work = turnOf(device)(() => run(job)).catch((error: unknown) => {
      if (closing.signal.aborted) return;
      options.count('command.lost');
      log.error({ err: error, command: id }, 'command could not be noted');
      jobs.delete(id);
    });
    running.add(work);
    void work.finally(() => running.delete(work));
  }

  function resume(): void {
    for (const { command, state, deadlineAt } of waiting) {
      const leftMs = (deadlineAt - hallTime.nowMs()) / hallTime.speed;
      const deadlineMs = machine.nowMs() + leftMs;
      const job: Job = { command, deadlineMs, cancelled: new AbortController(), state, resumed: state === 'begun' };
      jobs.set(command.id, job);
      start(job);
    }
    waiting = [];
  }

  async function note(job: Job): Promise<void> {
    const { command, deadlineMs } = job;
    const deadlineAt = Math.round(hallTime.nowMs() + (deadlineMs - machine.nowMs()) * hallTime.speed);
    const { row, isNew } = await store.call('commandTake', { command, epoch, deadlineAt, nowMs: clock.wall.nowMs() });
    if (closing.signal.aborted) return;
    if (!isNew) {
      options.count('command.again');
      jobs.delete(command.id);
      return publish({ id: command.id, state: row.state, ...(row.end ? { end: row.end } : {}) });
    }
    job.state = 'persisted';
    publish({ id: command.id, state: 'persisted' });
    start(job);
  }

  return {
    take({ id, act, device, arguments: given, remainingMs, sentAt, cancel }) {
      const job = jobs.get(id);
      if (job) {
        if (cancel) job.cancelled.abort('cancelled');
        if (job.state === 'persisted' || job.state === 'begun') publish({ id, state: job.state });
        return;
      }
      const heldUpMs = Math.max(0, (hallTime.nowMs() - sentAt) / hallTime.speed);
      const command = { id, act, ...(device === undefined ? {} : { device }), arguments: given };
      const deadlineMs = machine.nowMs() + remainingMs - heldUpMs;
      const fresh: Job = { command, deadlineMs, cancelled: new AbortController(), state: 'taking', resumed: false };
      if (cancel) fresh.cancelled.abort('cancelled');
      jobs.set(id, fresh);
      const work = note(fresh).catch((error: unknown) => {
        jobs.delete(id);
        if (!closing.signal.aborted) log.error({ err: error, command: id }, 'command could not be noted');
      });
      running.add(work);
      void work.finally(() => running.delete(work));
    },
    welcomed: resume,
    async close() {
      closing.abort('closing');
      await Promise.all(running);
    },
  };
}
