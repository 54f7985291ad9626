/**
 * Keeps every agent at what it should hold: answers hello with what differs, publishes live changes after their commit, renews
 * leases while the feed is fresh, and takes what agents report. The broker keeps nothing; every connect starts from here.
 */
import { HallError, type Clock, type HallContent, type HallTimeSetting, type LiveField, type Payload } from '@hall/contracts';
import { devicesIn } from '@hall/model';
import type { Logger } from 'pino';
import type { HallChanges } from '../../platform/changes.ts';
import type { Link, UpHandlers } from '../../platform/mqtt/link.ts';
import type { Writer } from '../../platform/store/writer.ts';
import { documentsOf } from './documents.ts';
import type { LiveFields } from './live-fields.ts';
import { createOutgoing } from './outgoing.ts';
import { createRegistry } from './registry.ts';
import { createReports } from './reports.ts';
import type { AgentService, DeviceService } from './service.ts';
import { isSilent, resendAfterMs, stoodStillMs } from './session-rules.ts';
import { createSessions, type Session } from './sessions.ts';
import type { AgentStore } from './store.ts';
import { createStatuses } from './statuses.ts';
import type { Traces } from './traces.ts';

/** How often leases are renewed, ms of machine time. */
export const LEASE_MS = 5000;
/** How often pending documents and unsaved reports are looked at, ms. */
const TICK_MS = 1000;
/** An agent that asks for all live fields again and again gets them this often, ms. */
const RESYNC_MS = 900;

type Names = Readonly<Record<string, string>>;
/** What the hub itself hears; other features have handlers of their own. */
type HubHandlers = Pick<UpHandlers, 'hello' | 'heartbeat' | 'presence' | 'reported' | 'resync' | 'up' | 'timeRequest' | 'status'>;

export interface HubOptions {
  readonly hall: string;
  /** Generation of the store at the start. */
  readonly gen: string;
  readonly clock: Clock;
  readonly log: Logger;
  readonly store: AgentStore;
  readonly writer: Pick<Writer, 'call'>;
  readonly live: LiveFields;
  readonly traces: Traces;
  readonly changes: HallChanges;
  readonly content: () => HallContent;
  readonly feedFresh: () => boolean;
  readonly hallTime: HallTimeSetting;
  /** Ends the connections of an agent. */
  readonly disconnect: (agent: string) => void;
  /** A second agent came under the id of another and was turned away. */
  readonly fenced?: (agent: string) => void;
  /** An agent has said hello; `heldBy` is the installation known before. */
  readonly onHello: (agent: string, installId: string, verdict: 'accepted' | 'fenced', heldBy: string | null) => void;
  /** An agent was welcomed. */
  readonly onWelcomed: (agent: string) => void;
  /** An agent told what it did while the server was away. */
  readonly onActs: (acts: Payload<'platformIsland'>['acts']) => void;
}

export interface AgentHub {
  readonly agents: AgentService;
  readonly devices: DeviceService;
  /** The next installation of the agent may be another one. */
  forget(agent: string): void;
  /** Generation of the store; another one once agents have shown that the store was restored. */
  gen(): string;
  /** Agents that have a session. */
  online(): string[];
  /** Handlers for the broker link. */
  readonly handlers: HubHandlers;
  /** The living session of an agent. */
  sessionOf(agent: string): Session | undefined;
  /** Whether the epoch is the living session of the agent. */
  speaks(agent: string, epoch: string): boolean;
  /** Before messages arrive. */
  attach(link: Pick<Link, 'send' | 'sendJson'>): void;
  /** Makes the documents of the content before anybody connects. */
  start(): Promise<void>;
  /** The content is another: makes the documents anew and sends what changed. */
  replan(): Promise<void>;
  /** Committed live changes. */
  publish(fields: readonly LiveField[]): void;
  /** Renews leases until the signal aborts. */
  run(signal: AbortSignal): Promise<void>;
  /** Saves what was reported; last act before the writer closes. */
  flush(): Promise<void>;
}

export function createAgentHub(options: HubOptions): AgentHub {
  const { hall, clock, log, store, writer, live, traces, changes, content } = options;
  const { machine, wall } = clock;
  const startMs = machine.nowMs();
  const reports = createReports(store, writer);
  const statuses = createStatuses(store, writer, clock);
  let gen = options.gen;
  const outgoing = createOutgoing({ ...options, gen: () => gen });
  /** Committed outbox seq of each agent, this run. */
  const acked = new Map<string, number>();
  // After a restart nobody is connected yet; who was online was lost the moment we stopped listening.
  const sessions = createSessions(
    new Map(
      store
        .all()
        .flatMap(({ id, install_id: installId, presence }) =>
          installId === null
            ? []
            : [[id, { installId, presence: presence === 'stopped' ? 'stopped' : 'lost', sinceMs: startMs }]],
        ),
    ),
  );

  const failed = (what: string, agent: string) => (error: unknown) =>
    log.warn({ agent, code: error instanceof HallError ? error.code : 'INTERNAL', what }, 'agent message not recorded');
  /** An agent came or went: so did what is believed of its devices. */
  const tellPresence = (agent: string) => {
    changes.emit('agents', [agent]);
    const own = devicesIn(content()).of(agent);
    changes.emit(
      'devices',
      own.map(({ id }) => id),
    );
  };

  /** An agent holds more than this store ever gave out: the store is an older one, put back. */
  const knowsMore = ({ tables, devices, live: held }: Payload<'hello'>['applied']): boolean => {
    const newest = store.newest();
    const documents = [tables, ...Object.values(devices)].filter((version) => version?.gen === gen);
    return (held.gen === gen && held.seq > newest.live) || documents.some((version) => (version?.ver ?? 0) > newest.document);
  };
  /** Without a new generation agents would keep what they hold, because its numbers are higher. */
  const renewGeneration = async (because: string): Promise<void> => {
    ({ gen } = await writer.call('agents.renewGeneration', null));
    log.warn({ agent: because, gen }, 'store is older than what an agent holds; everything is sent anew');
    for (const session of sessions.living()) {
      if (session.agent === because) continue;
      outgoing.welcome(session.agent, session.epoch, 'accepted', acked.get(session.agent) ?? 0);
      outgoing.tables(session.agent);
      outgoing.differing(session);
      outgoing.fullLive(session);
      outgoing.lease(session, options.feedFresh());
    }
  };

  const hello = async (agent: string, message: Payload<'hello'>): Promise<void> => {
    const { epoch, installId, version, drivers, applied, outbox, heartbeatMs, beat } = message;
    const row = store.get(agent);
    if (!row) return;
    const session = sessions.open({ agent, installId, epoch, heartbeatMs, beat }, machine.nowMs());
    if (!session) {
      log.warn({ agent, code: 'AGENT_FENCED' }, 'agent fenced');
      options.fenced?.(agent);
      outgoing.welcome(agent, epoch, 'fenced', 0);
      options.onHello(agent, installId, 'fenced', row.install_id);
      return;
    }
    for (const [device, held] of Object.entries(applied.devices)) session.applied.set(device, held);
    const { ack, gap } = await writer.call('agents.session', { agent, installId, epoch, version, drivers, hall, ...outbox });
    acked.set(agent, ack);
    if (gap || knowsMore(applied)) await renewGeneration(agent);
    if (sessions.of(agent, epoch) !== session) return;
    log.info({ agent, version, epoch }, 'agent online');
    outgoing.welcome(agent, epoch, 'accepted', ack);
    if (applied.tables?.gen !== gen || applied.tables.ver !== outgoing.tablesVer()) outgoing.tables(agent);
    if (outgoing.differing(session)) outgoing.fullLive(session);
    else outgoing.missingLive(session, applied.live);
    outgoing.lease(session, options.feedFresh());
    options.onHello(agent, installId, 'accepted', row.install_id);
    options.onWelcomed(agent);
    tellPresence(agent);
  };

  const answerResync = (session: Session) => {
    if (!session.resync.again || machine.nowMs() - session.resync.atMs < RESYNC_MS) return;
    session.resync = { atMs: machine.nowMs(), again: false };
    outgoing.fullLive(session);
  };

  const heard = (agent: string, epoch: string) => sessions.heard(agent, epoch, machine.nowMs());
  /** A session is over: as the agent said, as its broker said, or because nothing was said. */
  const end = (agent: string, epoch: string, how: 'stopped' | 'lost') => {
    if (!sessions.end(agent, epoch, how, machine.nowMs())) return;
    log.info({ agent, state: how }, 'agent gone');
    writer
      .call('agents.presence', { agent, state: how })
      .then(() => tellPresence(agent))
      .catch(failed('presence', agent));
  };

  const handlers: HubHandlers = {
    hello: ({ agent = '' }: Names, message) => {
      hello(agent, message).catch(failed('hello', agent));
    },
    heartbeat: ({ agent = '' }, { epoch, beat }) => {
      const session = heard(agent, epoch);
      if (session && beat !== undefined) session.beat = beat;
      if (session || !store.get(agent)) return;
      // It was given up, or this server is another one; it does not know, so it would never say hello.
      outgoing.welcome(agent, epoch, 'unknown', 0);
    },
    presence: ({ agent = '' }, { state, epoch }) => {
      if (state === 'stopped' || state === 'lost') end(agent, epoch, state);
    },
    reported: ({ agent = '', device = '' }, report) => {
      const session = heard(agent, report.epoch);
      if (!session) return;
      const known = devicesIn(content()).get(device);
      if (known?.agent !== agent || !reports.take(agent, device, report, wall.nowMs())) return;
      // What is refused has arrived all the same, and is not sent again.
      const taken = report.refused?.version ?? report.applied;
      if (taken) {
        session.applied.set(device, taken);
        if (taken.gen === gen && taken.ver === outgoing.document(agent, device)?.ver) session.pending.delete(device);
      }
      traces.reported(device, report);
      changes.emit('devices', [device]);
      if (known.screen?.window !== undefined) changes.emit('windows', [known.screen.window]);
    },
    resync: ({ agent = '' }, { epoch }) => {
      const session = heard(agent, epoch);
      if (!session) return;
      session.resync.again = true;
      answerResync(session);
    },
    timeRequest: ({ agent = '' }, request) => {
      const receivedMs = Math.round(wall.nowMs());
      if (sessions.of(agent, request.epoch)) outgoing.timeReply(agent, request, receivedMs);
    },
    status: ({ agent = '' }, status) => {
      if (sessions.of(agent, status.epoch) && statuses.take(agent, status)) changes.emit('agents', [agent]);
    },
    up: ({ agent = '' }, { epoch, installId, records }) => {
      if (heard(agent, epoch)?.installId !== installId) return;
      writer
        .call('agents.up', { hall, agent, installId, records })
        .then(({ ack, acts }) => {
          if (acts.length > 0) options.onActs(acts);
          acked.set(agent, ack);
          outgoing.outboxAck(agent, installId, ack);
        })
        .catch(failed('up', agent));
    },
  };

  /** Gives up who has been silent for too long; what the judge itself slept through counts for nobody. */
  const endSilent = (pauseMs: number) => {
    for (const session of sessions.living()) {
      session.heardMs += pauseMs;
      if (isSilent(session, machine.nowMs())) end(session.agent, session.epoch, 'lost');
    }
  };

  const resendOverdue = () => {
    for (const session of sessions.living()) {
      answerResync(session);
      for (const [device, { sends, lastMs }] of session.pending) {
        if (machine.nowMs() - lastMs >= resendAfterMs(sends)) outgoing.desired(session, device);
      }
    }
  };

  const replan = async (): Promise<void> => {
    const before = new Map([...sessions.living()].map(({ agent }) => [agent, outgoing.shapeOf(agent)]));
    const tablesBefore = outgoing.tablesVer();
    await writer.call('agents.plan', { documents: documentsOf(content()) });
    outgoing.reload();
    live.reload();
    for (const session of sessions.living()) {
      const { agent } = session;
      const shape = outgoing.shapeOf(agent);
      if (before.get(agent)?.devices !== shape.devices) {
        outgoing.welcome(agent, session.epoch, 'accepted', acked.get(agent) ?? 0);
      }
      if (outgoing.tablesVer() !== tablesBefore) outgoing.tables(agent);
      const differ = outgoing.differing(session);
      if (differ || before.get(agent)?.fields !== shape.fields) outgoing.fullLive(session);
    }
    changes.emit('content');
  };

  return {
    ...createRegistry({
      gen: () => gen,
      store,
      writer,
      changes,
      content,
      reports,
      statuses,
      documents: outgoing,
      expel: options.disconnect,
      forget: (agent) => {
        sessions.forget(agent);
        statuses.forget(agent);
      },
    }),
    forget: sessions.forget,
    gen: () => gen,
    online: () => [...sessions.living()].map(({ agent }) => agent),
    handlers,
    sessionOf: sessions.get,
    speaks: (agent, epoch) => sessions.of(agent, epoch) !== undefined,
    flush: async () => {
      await reports.flush();
      await statuses.flush();
    },
    attach: outgoing.attach,
    start: async () => {
      await writer.call('agents.allLost', null);
      await replan();
    },
    replan,
    publish: (changed) => {
      for (const session of sessions.living()) outgoing.changedLive(session, changed);
    },
    run: async (signal) => {
      let fresh = options.feedFresh();
      let leasedMs = machine.nowMs();
      let lookedMs = leasedMs;
      while (!signal.aborted) {
        await machine.sleep(TICK_MS, signal).catch(() => {});
        if (signal.aborted) return;
        endSilent(stoodStillMs(lookedMs, machine.nowMs(), TICK_MS));
        lookedMs = machine.nowMs();
        resendOverdue();
        reports.flush().catch(failed('reports', ''));
        const others = statuses.look((agent) => sessions.get(agent) !== undefined);
        if (others.length > 0) changes.emit('agents', others);
        statuses.flush().catch(failed('statuses', ''));
        const now = options.feedFresh();
        // Two leases may be lost before anything looks stale.
        const leaseMs = Math.min(LEASE_MS, (content().settings.liveMaxAgeS * 1000) / 3);
        if (now === fresh && machine.nowMs() - leasedMs < leaseMs) continue;
        leasedMs = machine.nowMs();
        for (const session of sessions.living()) outgoing.lease(session, now);
        if (now !== fresh) log.info({ fresh: now }, 'platform feed changed');
        if (now !== fresh) changes.emit('feed');
        fresh = now;
      }
    },
  };
}
