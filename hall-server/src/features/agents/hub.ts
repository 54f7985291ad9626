/**
 * Keeps every agent at what it should hold: answers hello with what differs, publishes live changes after their commit, renews
 * leases while the feed is fresh, and takes what agents report. The broker keeps nothing; every connect starts from here.
 */
import {
  HallError,
  type AgentView,
  type Clock,
  type DeviceView,
  type HallContent,
  type HallTimeSetting,
  type LiveField,
  type Payload,
  type Reported,
} from '@hall/contracts';
import type { Logger } from 'pino';
import type { HallChanges } from '../../platform/changes.ts';
import { hashCredential, newCredential } from '../../platform/credentials.ts';
import type { Link, UpHandlers } from '../../platform/mqtt/link.ts';
import type { Writer } from '../../platform/store/writer.ts';
import { TABLES, deviceDocument, documentsOf, fieldsByAgent } from './documents.ts';
import type { LiveFields } from './live-fields.ts';
import type { AgentService, DeviceService } from './service.ts';
import { resendAfterMs } from './session-rules.ts';
import { createSessions, type Session } from './sessions.ts';
import type { AgentStore, DocumentRow } from './store.ts';
import type { Traces } from './traces.ts';
import { agentView, deviceView, type Report } from './views.ts';

/** How often leases are renewed, ms of machine time. */
export const LEASE_MS = 5000;
/** How often pending documents and unsaved reports are looked at, ms. */
const TICK_MS = 1000;

type Names = Readonly<Record<string, string>>;

export interface HubOptions {
  readonly hall: string;
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
}

export interface AgentHub {
  readonly agents: AgentService;
  readonly devices: DeviceService;
  /** Handlers for the broker link. */
  readonly handlers: UpHandlers;
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
  const { hall, gen, clock, log, store, writer, live, traces, changes, content, hallTime } = options;
  const { machine, wall } = clock;
  const startMs = machine.nowMs();
  let link: Pick<Link, 'send' | 'sendJson'> | undefined;
  let documents = new Map<string, DocumentRow>();
  let fields = new Map<string, ReadonlySet<string>>();
  const reports = new Map<string, Report>(
    store
      .reports()
      .map(({ device, received_at: receivedAt, body }) => [device, { report: JSON.parse(body) as Reported, receivedAt }]),
  );
  const unsaved = new Set<string>();
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

  const documentKey = (agent: string, name: string) => `${agent}/${name}`;
  const loadDocuments = () => {
    documents = new Map(store.documents().map((row) => [documentKey(row.agent, row.name), row]));
  };
  loadDocuments();
  /** Which devices and live fields an agent has, comparable as text. */
  const shapeOf = (agent: string) => ({
    devices: [...documents.values()]
      .filter((row) => row.agent === agent)
      .map(({ name }) => name)
      .toSorted()
      .join(' '),
    fields: [...(fields.get(agent) ?? [])].join(' '),
  });
  const tables = () => documents.get(documentKey(TABLES.agent, TABLES.name));
  const devicesOf = (agent: string) => content().devices.filter((device) => device.agent === agent);
  const hallNow = () => ({ hallMs: Math.round(clock.hall.nowMs()), speed: hallTime.speed });

  const sendTables = (agent: string) => {
    const row = tables();
    if (row) link?.sendJson('tables', { hall, agent }, `{"version":{"gen":"${gen}","ver":${row.ver}},"tables":${row.body}}`);
  };
  const sendDesired = (session: Session, device: string) => {
    const { agent } = session;
    const row = documents.get(documentKey(agent, deviceDocument(device)));
    if (!row) return;
    const sends = (session.pending.get(device)?.sends ?? 0) + 1;
    session.pending.set(device, { sends, lastMs: machine.nowMs() });
    link?.sendJson('desired', { hall, agent, device }, `{"version":{"gen":"${gen}","ver":${row.ver}},${row.body.slice(1)}`);
  };
  /** Sends the desired documents that are not in force yet. */
  const sendDiffering = (session: Session): boolean => {
    let differs = false;
    for (const { id } of devicesOf(session.agent)) {
      const row = documents.get(documentKey(session.agent, deviceDocument(id)));
      const applied = session.applied.get(id);
      if (!row || (applied?.gen === gen && applied.ver === row.ver)) continue;
      differs = true;
      session.pending.delete(id);
      sendDesired(session, id);
    }
    return differs;
  };
  const fullLive = (session: Session) => {
    const own = live.of(fields.get(session.agent) ?? []);
    session.head = own.reduce((head, { seq }) => Math.max(head, seq), session.head);
    link?.send('live', { hall, agent: session.agent }, { gen, after: 0, head: session.head, full: true, fields: own });
  };
  const welcome = (agent: string, epoch: string, verdict: 'accepted' | 'fenced', outboxAck: number) => {
    const devices = verdict === 'accepted' ? devicesOf(agent).map(({ id }) => id) : [];
    link?.send('welcome', { hall, agent }, { verdict, epoch, gen, outboxAck, devices, hallTime: hallNow() });
  };
  const lease = (session: Session, fresh: boolean) =>
    link?.send('lease', { hall, agent: session.agent }, { gen, head: session.head, fresh, hallTime: hallNow() });
  const failed = (what: string, agent: string) => (error: unknown) =>
    log.warn({ agent, code: error instanceof HallError ? error.code : 'INTERNAL', what }, 'agent message not recorded');

  const hello = async (agent: string, message: Payload<'hello'>): Promise<void> => {
    const { epoch, installId, version, drivers, applied, outbox } = message;
    if (!store.get(agent)) return;
    const session = sessions.open(agent, installId, epoch, machine.nowMs());
    if (!session) {
      log.warn({ agent, code: 'AGENT_FENCED' }, 'agent fenced');
      welcome(agent, epoch, 'fenced', 0);
      return;
    }
    for (const [device, held] of Object.entries(applied.devices)) session.applied.set(device, held);
    const { ack } = await writer.call('agents.session', { agent, installId, epoch, version, drivers, hall, ...outbox });
    if (sessions.of(agent, epoch) !== session) return;
    acked.set(agent, ack);
    log.info({ agent, version, epoch }, 'agent online');
    welcome(agent, epoch, 'accepted', ack);
    const table = tables();
    const tablesDiffer = table !== undefined && (applied.tables?.gen !== gen || applied.tables.ver !== table.ver);
    if (tablesDiffer) sendTables(agent);
    const differ = sendDiffering(session);
    const newest = live.of(fields.get(agent) ?? []).reduce((head, { seq }) => Math.max(head, seq), 0);
    if (differ || applied.live.gen !== gen || applied.live.seq !== newest) fullLive(session);
    else session.head = newest;
    lease(session, options.feedFresh());
    changes.emit('agents', [agent]);
    changes.emit(
      'devices',
      devicesOf(agent).map(({ id }) => id),
    );
  };

  const handlers: UpHandlers = {
    hello: ({ agent = '' }: Names, message) => {
      hello(agent, message).catch(failed('hello', agent));
    },
    presence: ({ agent = '' }, { state, epoch }) => {
      if (state !== 'stopped' && state !== 'lost') return;
      if (!sessions.end(agent, epoch, state, machine.nowMs())) return;
      log.info({ agent, state }, 'agent gone');
      writer
        .call('agents.presence', { agent, state })
        .then(() => {
          changes.emit('agents', [agent]);
          changes.emit(
            'devices',
            devicesOf(agent).map(({ id }) => id),
          );
        })
        .catch(failed('presence', agent));
    },
    reported: ({ agent = '', device = '' }, report) => {
      const session = sessions.of(agent, report.epoch);
      if (!session) return;
      const known = content().devices.find(({ id }) => id === device);
      if (known?.agent !== agent) return;
      const before = reports.get(device)?.report;
      if (before?.epoch === report.epoch && before.seq >= report.seq) return;
      reports.set(device, { report, receivedAt: wall.nowMs() });
      unsaved.add(device);
      if (report.applied) {
        session.applied.set(device, report.applied);
        const row = documents.get(documentKey(agent, deviceDocument(device)));
        if (report.applied.gen === gen && report.applied.ver === row?.ver) session.pending.delete(device);
      }
      traces.reported(device, report);
      changes.emit('devices', [device]);
      if (known.screen?.window !== undefined) changes.emit('windows', [known.screen.window]);
    },
    resync: ({ agent = '' }, { epoch }) => {
      const session = sessions.of(agent, epoch);
      if (session) fullLive(session);
    },
    up: ({ agent = '' }, { epoch, installId, records }) => {
      if (sessions.of(agent, epoch)?.installId !== installId) return;
      writer
        .call('agents.up', { hall, agent, installId, records })
        .then(({ ack }) => {
          acked.set(agent, ack);
          link?.send('upack', { hall, agent }, { installId, seq: ack });
        })
        .catch(failed('up', agent));
    },
  };

  const flush = async (): Promise<void> => {
    if (unsaved.size === 0) return;
    const rows = [...unsaved].flatMap((device) => {
      const held = reports.get(device);
      const agent = content().devices.find(({ id }) => id === device)?.agent;
      if (!held || agent === undefined) return [];
      const { report, receivedAt } = held;
      return [{ device, agent, epoch: report.epoch, seq: report.seq, receivedAt, body: JSON.stringify(report) }];
    });
    unsaved.clear();
    await writer.call('agents.reports', { rows });
  };

  const resendOverdue = () => {
    for (const session of sessions.living()) {
      for (const [device, { sends, lastMs }] of session.pending) {
        if (machine.nowMs() - lastMs >= resendAfterMs(sends)) sendDesired(session, device);
      }
    }
  };

  const replan = async (): Promise<void> => {
    const now = content();
    const before = new Map([...sessions.living()].map(({ agent }) => [agent, shapeOf(agent)]));
    const tablesBefore = tables()?.ver;
    await writer.call('agents.plan', { documents: documentsOf(now) });
    loadDocuments();
    fields = fieldsByAgent(now);
    live.reload();
    for (const session of sessions.living()) {
      const { agent } = session;
      const shape = shapeOf(agent);
      if (before.get(agent)?.devices !== shape.devices) welcome(agent, session.epoch, 'accepted', acked.get(agent) ?? 0);
      if (tables()?.ver !== tablesBefore) sendTables(agent);
      const differ = sendDiffering(session);
      if (differ || before.get(agent)?.fields !== shape.fields) fullLive(session);
    }
    changes.emit('content');
  };

  const agentRow = (id: string) => store.get(id) ?? { presence: 'never', since: null };
  const view = (device: HallContent['devices'][number]): DeviceView => {
    const row = documents.get(documentKey(device.agent, deviceDocument(device.id)));
    const desired = { gen, ver: row?.ver ?? 0, changedAt: row?.changed_at ?? 0 };
    return deviceView(device, desired, reports.get(device.id), agentRow(device.agent));
  };

  return {
    handlers,
    flush,
    attach: (to) => {
      link = to;
    },
    start: async () => {
      await writer.call('agents.allLost', null);
      await replan();
    },
    replan,
    publish: (changed) => {
      for (const session of sessions.living()) {
        const own = fields.get(session.agent);
        const mine = own ? changed.filter(({ key }) => own.has(key)) : [];
        if (mine.length === 0) continue;
        const after = session.head;
        session.head = mine.reduce((head, { seq }) => Math.max(head, seq), after);
        link?.send('live', { hall, agent: session.agent }, { gen, after, head: session.head, full: false, fields: [...mine] });
        traces.published(mine, wall.nowMs());
      }
    },
    run: async (signal) => {
      let fresh = options.feedFresh();
      let leasedMs = machine.nowMs();
      while (!signal.aborted) {
        await machine.sleep(TICK_MS, signal).catch(() => {});
        if (signal.aborted) return;
        resendOverdue();
        flush().catch(failed('reports', ''));
        const now = options.feedFresh();
        if (now === fresh && machine.nowMs() - leasedMs < LEASE_MS) continue;
        leasedMs = machine.nowMs();
        for (const session of sessions.living()) lease(session, now);
        if (now !== fresh) log.info({ fresh: now }, 'platform feed changed');
        if (now !== fresh) changes.emit('feed');
        fresh = now;
      }
    },
    agents: {
      list: (): AgentView[] => {
        const acks = store.acks();
        return store.all().map((row) => agentView(row, devicesOf(row.id).length, acks.get(row.id) ?? 0));
      },
      admit: async (id) => {
        const password = newCredential();
        await writer.call('agents.put', { id, hash: await hashCredential(password) });
        options.disconnect(id);
        changes.emit('agents', [id]);
        return { agent: id, password };
      },
      remove: async (id) => {
        if (devicesOf(id).length > 0) throw new HallError('CONTENT_REFERENCED', { field: '/id' });
        await writer.call('agents.remove', { id });
        sessions.forget(id);
        options.disconnect(id);
        changes.emit('agents', [id]);
      },
    },
    devices: {
      list: () => content().devices.map(view),
      get: (id) => {
        const device = content().devices.find((one) => one.id === id);
        return device && view(device);
      },
    },
  };
}
