/**
 * Carries commands to their agents: says each again until the agent has noted it, gives up what no agent has heard of by its
 * deadline, and takes what agents say of them. Everything it knows stands in the store; a restart loses nothing.
 */
import type { Clock, CommandEnd, CommandState } from '@hall/contracts';
import type { Logger } from 'pino';
import type { HallChanges } from '../../platform/changes.ts';
import type { Link, UpHandlers } from '../../platform/mqtt/link.ts';
import type { Writer } from '../../platform/store/writer.ts';
import { resendAfterMs } from '../agents/session-rules.ts';
import { toRelease } from './batch-rules.ts';
import { memberOf } from './desk.ts';
import type { CommandRow, CommandStore } from './store.ts';

/** How often deadlines and repetitions are looked at, ms. */
const TICK_MS = 500;
/** An agent keeps the end of a command for at least a day; one that says nothing for so long after the deadline is not waited for. */
const SILENT_MS = 24 * 60 * 60 * 1000;
/** Longest time left that a message can say, ms. */
const MOST_LEFT_MS = 86_400_000;

interface AgentSession {
  readonly epoch: string;
  readonly installId: string;
}

export interface CourierOptions {
  readonly hall: string;
  readonly clock: Clock;
  readonly log: Logger;
  readonly store: CommandStore;
  readonly writer: Pick<Writer, 'call'>;
  readonly changes: HallChanges;
  readonly sessionOf: (agent: string) => AgentSession | undefined;
}

export interface Courier {
  readonly handlers: Pick<UpHandlers, 'commandState'>;
  attach(link: Pick<Link, 'send'>): void;
  /** Commands were written: reads what changed, and does what follows from it. */
  look(): void;
  run(signal: AbortSignal): Promise<void>;
}

interface Parcel {
  row: CommandRow;
  /** Machine time of its deadline, ms; undefined while it waits for its turn. */
  deadlineMs: number | undefined;
  /** The session it was said in last, how often and when. */
  session: AgentSession | undefined;
  sends: number;
  lastMs: number;
  /** A write about it is on its way. */
  busy: boolean;
}

export function createCourier({ hall, clock, log, store, writer, changes, sessionOf }: CourierOptions): Courier {
  const { machine, wall, hall: hallTime } = clock;
  const open = new Map<string, Parcel>();
  let link: Pick<Link, 'send'> | undefined;
  let rev = store.newestRev();

  /** The wall clock is asked once: after that, what is left is counted by machine time. */
  function deadlineOf({ deadline_at: deadlineAt, within_s: withinS }: CommandRow): number | undefined {
    if (deadlineAt === null) return undefined;
    return machine.nowMs() + Math.min(Math.max(0, deadlineAt - wall.nowMs()), withinS * 1000);
  }
  function hold(row: CommandRow): void {
    const held = open.get(row.id);
    if (row.state === 'ended') open.delete(row.id);
    else if (!held) {
      open.set(row.id, { row, deadlineMs: deadlineOf(row), session: undefined, sends: 0, lastMs: 0, busy: false });
    } else {
      // A person wants it back: that is said at once.
      if (row.cancel_asked !== held.row.cancel_asked) held.session = undefined;
      held.row = row;
      held.deadlineMs ??= deadlineOf(row);
    }
  }

  function write(parcel: Parcel, work: Promise<unknown>): void {
    parcel.busy = true;
    work
      .catch((error: unknown) => log.warn({ err: error, command: parcel.row.id }, 'step of a command not recorded'))
      .finally(() => {
        parcel.busy = false;
      });
  }
  const close = (parcel: Parcel, end: CommandEnd, onlyIn?: CommandState) =>
    write(parcel, writer.call('commands.close', { id: parcel.row.id, end, ...(onlyIn ? { onlyIn } : {}) }));

  function say(parcel: Parcel, session: AgentSession, deadlineMs: number): void {
    const { row } = parcel;
    const nowMs = machine.nowMs();
    parcel.sends = parcel.session === session ? parcel.sends + 1 : 1;
    parcel.session = session;
    parcel.lastMs = nowMs;
    link?.send(
      'command',
      { hall, agent: row.agent },
      {
        id: row.id,
        act: row.act,
        ...(row.device === null ? {} : { device: row.device }),
        arguments: JSON.parse(row.arguments) as Record<string, unknown>,
        remainingMs: Math.min(MOST_LEFT_MS, Math.max(0, Math.round(deadlineMs - nowMs))),
        sentAt: Math.round(hallTime.nowMs()),
        ...(row.cancel_asked === 1 ? { cancel: true as const } : {}),
      },
    );
  }

  function tend(parcel: Parcel): void {
    const { row, deadlineMs } = parcel;
    if (parcel.busy || deadlineMs === undefined) return;
    const nowMs = machine.nowMs();
    const session = sessionOf(row.agent);
    if (row.state === 'created') {
      if (nowMs >= deadlineMs) close(parcel, { outcome: 'expired', code: 'COMMAND_LATE' }, 'created');
      // Noted before it is said: what no note says was sent has not been heard of.
      else if (session) write(parcel, writer.call('commands.sent', { id: row.id, installId: session.installId }));
      return;
    }
    if (session && session.installId !== row.install_id) return close(parcel, { outcome: 'unknown', code: 'AGENT_REPLACED' });
    if (nowMs >= deadlineMs + SILENT_MS) return close(parcel, { outcome: 'unknown', code: 'AGENT_SILENT' });
    const isWanted = row.state === 'sent' || (row.state === 'persisted' && row.cancel_asked === 1);
    if (!session || !isWanted) return;
    if (parcel.session !== session || nowMs - parcel.lastMs >= resendAfterMs(parcel.sends)) say(parcel, session, deadlineMs);
  }
  const tendAll = () => {
    for (const parcel of open.values()) tend(parcel);
  };

  function release(batches: ReadonlySet<string>): void {
    for (const batch of batches) {
      const ids = toRelease(store.ofBatch(batch).map(memberOf));
      if (ids.length === 0) continue;
      writer.call('commands.release', { ids }).catch((error: unknown) => log.warn({ err: error, batch }, 'batch does not go on'));
    }
  }
  const batchesOf = (rows: readonly CommandRow[]) => new Set(rows.flatMap(({ batch }) => batch ?? []));

  const handlers: Courier['handlers'] = {
    commandState: ({ agent = '' }, { epoch, id, state, at, end }) => {
      if (sessionOf(agent)?.epoch !== epoch) return;
      const failed = (error: unknown) => log.warn({ err: error, command: id }, 'step of a command not recorded');
      if (state !== 'ended') writer.call('commands.progress', { agent, id, state, at, epoch }).catch(failed);
      else if (end) writer.call('commands.ended', { agent, id, at, end }).catch(failed);
    },
  };

  for (const row of store.open()) hold(row);
  // Whoever said hello is told what waits for it.
  changes.on('agents', () => tendAll());

  return {
    handlers,
    attach: (to) => {
      link = to;
    },
    look: () => {
      const rows = store.after(rev);
      if (rows.length === 0) return;
      rev = rows.at(-1)?.rev ?? rev;
      for (const row of rows) hold(row);
      tendAll();
      release(batchesOf(rows));
      changes.emit(
        'commands',
        rows.map(({ id }) => id),
      );
    },
    run: async (signal) => {
      release(batchesOf([...open.values()].map(({ row }) => row)));
      while (!signal.aborted) {
        await machine.sleep(TICK_MS, signal).catch(() => {});
        if (!signal.aborted) tendAll();
      }
    },
  };
}
