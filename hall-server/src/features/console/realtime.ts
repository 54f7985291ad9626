/** The live side of the console: socket.io beside the HTTP API, telling what changed. */
import {
  allows,
  type Changes,
  type Clock,
  type ConsoleNotice,
  type ConsoleToServer,
  type Role,
  type ServerToConsole,
} from '@hall/contracts';
import { createPatience, type Wait } from '@hall/runtime';
import type { FastifyInstance } from 'fastify';
import { Server, type Socket } from 'socket.io';
import type { HallChanges } from '../../platform/changes.ts';
import type { AgentService, DeviceService } from '../agents/service.ts';
import type { CommandService } from '../commands/service.ts';
import type { AlarmService } from '../alarms/service.ts';
import type { FactService } from '../facts/service.ts';
import { fromOwnPage, tokenOf } from '../people/access.ts';
import type { PeopleService } from '../people/service.ts';
import type { Views } from './views.ts';

/** A console hears at most this often. */
const EVERY_MS = 100;
/** A session that ran out by itself is noticed no later than the first change after this. */
const SESSION_CHECK_MS = 5_000;
const MOST_CONSOLES = 500;
/** A connection that has not said by then whose it is is cut, ms, and without waiting for its goodbye. */
const JOIN_MS = 10_000;
/** So many of those at a time. */
const MOST_JOINING = 500;
const MOST_PER_PERSON = 20;
/** Facts told at once at most; a console that needs more reads the log. */
const MOST_FACTS = 200;
const MOST_NOTICES = 50;

export interface RealtimeOptions {
  readonly clock: Clock;
  readonly people: PeopleService;
  readonly changes: HallChanges;
  readonly views: Views;
  readonly agents: AgentService;
  readonly devices: DeviceService;
  readonly facts: FactService;
  readonly commands: Pick<CommandService, 'rows'>;
  readonly alarms: Pick<AlarmService, 'get' | 'list'>;
}

/** What one console has not been told yet. */
interface Pending {
  readonly windows: Set<string>;
  readonly devices: Set<string>;
  readonly agents: Set<string>;
  readonly queues: Set<string>;
  readonly commands: Set<string>;
  readonly alarms: Set<string>;
  readonly notices: ConsoleNotice[];
  facts: { first: number; last: number } | undefined;
  feed: boolean;
  /** The content is another: every row may be. */
  all: boolean;
}
const nothing = (): Pending => ({
  windows: new Set(),
  devices: new Set(),
  agents: new Set(),
  queues: new Set(),
  commands: new Set(),
  alarms: new Set(),
  notices: [],
  facts: undefined,
  feed: false,
  all: false,
});
const isEmpty = ({ windows, devices, agents, queues, commands, alarms, notices, facts, feed, all }: Pending) =>
  windows.size + devices.size + agents.size + queues.size + commands.size + alarms.size + notices.length === 0 &&
  !facts &&
  !feed &&
  !all;

interface Person {
  readonly name: string;
  readonly session: string;
  readonly roles: readonly Role[];
}
type ConsoleSocket = Socket<ConsoleToServer, ServerToConsole, Record<never, never>, { person: Person }>;
/** A connection below socket.io. */
type Raw = ConsoleSocket['conn'];
interface Console {
  readonly socket: ConsoleSocket;
  readonly person: Person;
  pending: Pending;
  /** The last message still waits for the connection to take it. */
  sending: boolean;
  /** When it may hear again, machine time. */
  nextMs: number;
}

/** Keeps the pairs of a list that have something in them, so that messages name only what changed. */
const filled = <T>(key: string, rows: readonly T[]) => (rows.length > 0 ? { [key]: rows } : {});

/** Attaches to the server of `app`; closes with it. Returns the number of consoles, for the metrics. */
export function attachRealtime(app: FastifyInstance, options: RealtimeOptions): { readonly consoles: () => number } {
  const { clock, people, changes, views, agents, devices, facts, commands, alarms } = options;
  const consoles = new Map<string, Console>();
  const stop = new AbortController();
  const io = new Server<ConsoleToServer, ServerToConsole, Record<never, never>, { person: Person }>(app.server, {
    path: '/realtime',
    serveClient: false,
    maxHttpBufferSize: 64 * 1024,
    // Ours comes first.
    connectTimeout: 2 * JOIN_MS,
    allowRequest: ({ headers }, answer) => {
      const mayEnter = fromOwnPage(headers, headers.host ?? '') && consoles.size < MOST_CONSOLES;
      answer(mayEnter ? null : 'refused', mayEnter);
    },
  });

  const joining = createPatience({ machine: clock.machine, forMs: JOIN_MS, most: MOST_JOINING });
  const waits = new WeakMap<object, Wait>();
  io.engine.on('connection', (raw: Raw) => {
    const wait = joining.begin(raw.request.socket.remoteAddress ?? '', () => {
      raw.close();
      raw.request.socket.destroy();
    });
    waits.set(raw, wait);
    raw.once('close', wait.over);
  });
  const cut = ({ socket }: Console) => {
    socket.emit('signedOut');
    socket.disconnect(true);
  };
  people.onEnded((sessions) => {
    const ended = new Set(sessions);
    for (const each of consoles.values()) if (ended.has(each.person.session)) cut(each);
  });

  const messageFor = ({ pending, person: { roles } }: Console): Changes => {
    const seesDevices = allows(roles, 'device.view');
    const { all } = pending;
    const known = <T>(row: T | undefined): T[] => (row === undefined ? [] : [row]);
    const windowRows = all ? views.windows() : pending.windows.size > 0 ? views.windows(pending.windows) : [];
    const queueRows = all
      ? views.queues()
      : pending.queues.size > 0
        ? views.queues().filter(({ service }) => pending.queues.has(service))
        : [];
    const message: Changes = { ...filled('windows', windowRows), ...filled('queues', queueRows) };
    const deviceRows = all ? devices.list() : [...pending.devices].flatMap((id) => known(devices.get(id)));
    const agentRows = all || pending.agents.size > 0 ? agents.list().filter(({ id }) => all || pending.agents.has(id)) : [];
    const commandRows = pending.commands.size > 0 ? commands.rows([...pending.commands]) : [];
    const alarmRows = [...pending.alarms].flatMap((id) => known(alarms.get(id)));
    const eventRows =
      pending.facts && allows(roles, 'event.view')
        ? facts.between(Math.max(pending.facts.first, pending.facts.last - MOST_FACTS + 1), pending.facts.last)
        : [];
    return {
      ...message,
      ...(seesDevices && {
        ...filled('devices', deviceRows),
        ...filled('agents', agentRows),
        ...filled('commands', commandRows),
        ...filled('alarms', alarmRows),
        ...filled('notices', pending.notices),
      }),
      ...filled('events', eventRows),
      ...((pending.feed || all) && { feed: views.feed(), hall: views.hall() }),
    };
  };

  let checkedMs = clock.machine.nowMs();
  const tell = () => {
    const nowMs = clock.machine.nowMs();
    const check = nowMs - checkedMs >= SESSION_CHECK_MS;
    if (check) checkedMs = nowMs;
    for (const each of consoles.values()) {
      if (check && !people.alive(each.person.session)) {
        cut(each);
        continue;
      }
      // A console that has not taken the last message gets the newest rows when it has.
      if (isEmpty(each.pending) || each.sending || nowMs < each.nextMs) continue;
      const message = messageFor(each);
      each.pending = nothing();
      if (Object.keys(message).length === 0) continue;
      each.nextMs = nowMs + EVERY_MS;
      each.sending = true;
      each.socket.conn.once('drain', () => {
        each.sending = false;
        if (!isEmpty(each.pending)) tellSoon();
      });
      each.socket.emit('changes', message);
    }
  };

  let waiting = false;
  /** Tells what gathers while consoles may not hear again yet. */
  const tellLater = async () => {
    if (waiting) return;
    waiting = true;
    while (!stop.signal.aborted) {
      const due = [...consoles.values()]
        .filter(({ pending, sending }) => !sending && !isEmpty(pending))
        .map(({ nextMs }) => nextMs);
      if (due.length === 0) break;
      await clock.machine.sleep(Math.max(0, Math.min(...due) - clock.machine.nowMs()), stop.signal).catch(() => {});
      tell();
    }
    waiting = false;
  };
  let scheduled = false;
  /** After the events of this turn. */
  const tellSoon = () => {
    if (scheduled) return;
    scheduled = true;
    setImmediate(() => {
      scheduled = false;
      tell();
      void tellLater();
    });
  };
  const note = (mark: (pending: Pending) => void) => {
    for (const { pending } of consoles.values()) mark(pending);
    if (consoles.size > 0) tellSoon();
  };
  const add = (set: Set<string>, ids: readonly string[]) => {
    for (const id of ids) set.add(id);
  };
  const listeners = {
    windows: (ids: readonly string[]) => note(({ windows }) => add(windows, ids)),
    queues: (ids: readonly string[]) => {
      if (consoles.size === 0) return;
      // What waits for a window is part of its row.
      const windows = views.servedAt(ids);
      note((pending) => {
        add(pending.queues, ids);
        add(pending.windows, windows);
      });
    },
    commands: (ids: readonly string[]) => note(({ commands: own }) => add(own, ids)),
    devices: (ids: readonly string[]) => note((pending) => add(pending.devices, ids)),
    agents: (ids: readonly string[]) => {
      if (consoles.size === 0) return;
      // An agent that comes or goes changes what is believed of its devices and strips.
      const { devices: own, windows } = views.ofAgents(ids);
      note((pending) => {
        add(pending.agents, ids);
        add(pending.devices, own);
        add(pending.windows, windows);
      });
    },
    alarms: (ids: readonly string[]) => note((pending) => add(pending.alarms, ids)),
    facts: (first: number, last: number) =>
      note((pending) => {
        pending.facts = {
          first: Math.min(pending.facts?.first ?? first, first),
          last: Math.max(pending.facts?.last ?? last, last),
        };
      }),
    feed: () => note((pending) => void (pending.feed = true)),
    // A console that falls behind reads the list again; it needs only the newest.
    notices: (rows: readonly ConsoleNotice[]) =>
      note(({ notices }) => void notices.splice(0, Infinity, ...[...notices, ...rows].slice(-MOST_NOTICES))),
    content: () => note((pending) => void (pending.all = true)),
  };
  for (const name of Object.keys(listeners) as (keyof typeof listeners)[]) changes.on(name, listeners[name] as () => void);

  io.use((socket, next) => {
    const person = people.authenticate(tokenOf(socket.request.headers.cookie));
    if (!person || person.mustChangePassword || !allows(person.roles, 'hall.view')) return next(new Error('SIGN_IN_REQUIRED'));
    const own = [...consoles.values()].filter((each) => each.person.name === person.name).length;
    if (own >= MOST_PER_PERSON) return next(new Error('RATE_LIMITED'));
    socket.data.person = { name: person.name, session: person.session, roles: person.roles };
    next();
  });
  io.on('connection', (socket) => {
    waits.get(socket.conn)?.over();
    consoles.set(socket.id, { socket, person: socket.data.person, pending: nothing(), sending: false, nextMs: 0 });
    socket.on('disconnect', () => void consoles.delete(socket.id));
    // Consoles only listen.
    socket.onAny(() => socket.disconnect(true));
  });

  app.addHook('preClose', async () => {
    stop.abort();
    joining.close();
    for (const name of Object.keys(listeners) as (keyof typeof listeners)[]) changes.off(name, listeners[name] as () => void);
    io.disconnectSockets(true);
    io.engine.close();
  });
  return { consoles: () => consoles.size };
}
