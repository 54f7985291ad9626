/** What a hall server is made of, apart from its sockets: the store, what is known, and the rules that work on it. */
import { EventEmitter } from 'node:events';
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import type { Clock, HallContent, LiveField } from '@hall/contracts';
import type { Logger } from 'pino';
import type { ServerConfig } from './config.ts';
import { createAgentHub, type AgentHub } from './features/agents/hub.ts';
import { createLiveFields } from './features/agents/live-fields.ts';
import type { AgentService, DeviceService, LiveService } from './features/agents/service.ts';
import { createAgentStore, type AgentStore } from './features/agents/store.ts';
import { createTraces } from './features/agents/traces.ts';
import { createCourier, type Courier } from './features/commands/courier.ts';
import { createDesk } from './features/commands/desk.ts';
import type { CommandService } from './features/commands/service.ts';
import { createCommandStore } from './features/commands/store.ts';
import { agentSource, fencedSource } from './features/alarms/agent-source.ts';
import { deviceSource } from './features/alarms/device-source.ts';
import { diskSource, feedSource, recordSource } from './features/alarms/hall-sources.ts';
import { createAlarmService, type AlarmService } from './features/alarms/service.ts';
import { securitySource, statusSource } from './features/alarms/status-source.ts';
import { createAlarmStore } from './features/alarms/store.ts';
import { createViews, type Views } from './features/console/views.ts';
import { createDeviceTraces, type DeviceTraceService } from './features/device-trace/service.ts';
import { createDiscoveryService, type DiscoveryService } from './features/discovery/service.ts';
import { createFoundStore } from './features/discovery/store.ts';
import { createContentService, type ContentService } from './features/content/service.ts';
import { createBusinessDays, type BusinessDays } from './features/facts/business-days.ts';
import { createEnrolment, type Enrolment, type EnrolmentService, type SecurityService } from './features/enrolment/service.ts';
import { createEnrolmentStore } from './features/enrolment/store.ts';
import type { FactService } from './features/facts/service.ts';
import { createFacts, newestReceipt, newestReset } from './features/facts/store.ts';
import { createHistoryService, type HistoryService } from './features/history/service.ts';
import { createHistoryStore } from './features/history/store.ts';
import { createAdmission, type Admission } from './features/intake/admission.ts';
import { createFeed, type Feed } from './features/intake/feed.ts';
import { createPlatforms, type Platforms } from './features/intake/platforms.ts';
import { createIntake, type IntakeService } from './features/intake/service.ts';
import { createSnapshots, type SnapshotService } from './features/intake/snapshot.ts';
import { createPlatformStore } from './features/intake/store.ts';
import { createNoticeService, type NoticeService } from './features/notices/service.ts';
import { createNoticeStore } from './features/notices/store.ts';
import { createIslandHost, type IslandHost, type IslandService } from './features/island/service.ts';
import { createIslandStore } from './features/island/store.ts';
import { createPeopleService, type PeopleService } from './features/people/service.ts';
import { createPeopleStore } from './features/people/store.ts';
import { createUpdateService, type UpdateService } from './features/updates/service.ts';
import { createWorkOrderService, type WorkOrderService } from './features/work-orders/service.ts';
import { createWorkOrderStore } from './features/work-orders/store.ts';
import { openAuthority } from './platform/ca/authority.ts';
import { keepTls, type TlsKeeper } from './platform/ca/tls-material.ts';
import type { HallChanges } from './platform/changes.ts';
import type { Link } from './platform/mqtt/link.ts';
import { openKeys, type Keys } from './platform/keys.ts';
import { readDb, type Database } from './platform/store/database.ts';
import { createWriter, type Writer } from './platform/store/writer.ts';

const MB = 1024 * 1024;

/** What whoever runs a server in its own process may use of it. */
export interface HallServices {
  readonly content: ContentService;
  readonly agents: AgentService;
  readonly devices: DeviceService;
  readonly commands: CommandService;
  readonly live: LiveService;
  readonly facts: FactService;
  readonly feed: Feed;
  readonly alarms: AlarmService;
  readonly people: PeopleService;
  readonly platforms: Admission;
  readonly notices: NoticeService;
  readonly history: HistoryService;
  readonly workOrders: WorkOrderService;
  readonly updates: UpdateService;
  readonly enrolment: EnrolmentService;
  readonly security: SecurityService;
  readonly views: Views;
  readonly discovery: DiscoveryService;
  readonly deviceTraces: DeviceTraceService;
  readonly island: IslandService;
  readonly changes: HallChanges;
  readonly writer: Writer;
  readonly db: Database;
}

/** The same with what only the server itself needs. */
export interface ServerParts extends HallServices {
  readonly keys: Keys;
  /** Gives what speaks to agents beside the hub its way to them. */
  attach(link: Pick<Link, 'send'>): void;
  readonly hub: AgentHub;
  readonly courier: Courier;
  readonly fleet: Enrolment;
  readonly tls: TlsKeeper;
  readonly island: IslandHost;
  /** The content that agents and intake go by; behind `content` until another process's change is noticed. */
  readonly current: () => HallContent;
  readonly agentStore: AgentStore;
  /** Platforms with their secrets unsealed. */
  readonly senders: Platforms;
  readonly intake: IntakeService;
  readonly snapshots: SnapshotService;
  readonly days: BusinessDays;
  /** False once the store cannot be written any more. */
  readonly alive: () => boolean;
  /** Resolves when that happens. */
  readonly failed: Promise<Error>;
  /** The newest one-time code for the first administrator. */
  readonly bootstrapCode: () => string | undefined;
}

export interface ServicesOptions {
  readonly config: ServerConfig;
  readonly clock: Clock;
  readonly log: Logger;
  /** Ends the broker connections of an agent. */
  readonly disconnect: (agent: string) => void;
  /** Takes what is to be called when the server closes; the last one is called first. */
  readonly onClose: (closer: () => Promise<void> | void) => void;
  /** Pages of the database at most; without a number the disk is the limit. */
  readonly maxPages?: number;
}

/** Opens the data folder and everything that works on it. @throws HallError STORE_NEWER, STORE_FAILED. */
export async function openServices({
  config,
  clock,
  log,
  disconnect,
  onClose,
  maxPages = 0,
}: ServicesOptions): Promise<ServerParts> {
  const { hall } = config;
  const hallTime = config.simulation ?? { offsetMs: 0, speed: 1 };
  mkdirSync(config.data, { recursive: true, mode: 0o700 });
  const path = join(config.data, 'hall.db');
  const keys = openKeys(config.data);
  const writer = await createWriter({ path, data: config.data, wall: clock.wall, ballastBytes: config.ballastMb * MB, maxPages });
  onClose(() => writer.close());
  let alive = true;
  const failed = new Promise<Error>((resolve) => {
    writer.once('failed', (error) => {
      alive = false;
      log.fatal({ error }, 'the store cannot be written any more');
      resolve(error);
    });
  });
  const db = readDb(path);
  onClose(() => void db.close());

  const changes: HallChanges = new EventEmitter();
  changes.setMaxListeners(50);
  const content = createContentService({ db, writer, hall });
  let current = content.load();
  const agentStore = createAgentStore(db);
  const live = createLiveFields(agentStore);
  const traces = createTraces();
  const facts = createFacts({ db, keys, traceOf: traces.of });
  const feed = createFeed(clock, newestReceipt(db), () => current.settings.feedMaxAgeS * 1000);
  const platformStore = createPlatformStore(db);
  const senders = createPlatforms(platformStore, keys.master, clock.machine);
  const intake = createIntake({ writer, clock, feed });
  const snapshots = createSnapshots({ writer, clock, feed });
  const fences = fencedSource();
  const { names, agentDays, certFile, keyFile, caFile } = config.tls;
  const authority = await openAuthority({ data: config.data, master: keys.master, hall, wall: clock.wall, agentDays });
  const files = certFile !== undefined && keyFile !== undefined ? { certFile, keyFile, caFile } : undefined;
  const tls = await keepTls({ authority, clock, log, names, files });
  const hub = createAgentHub({
    hall,
    gen: writer.gen,
    clock,
    log,
    store: agentStore,
    writer,
    live,
    traces,
    changes,
    hallTime,
    content: () => current,
    feedFresh: feed.fresh,
    disconnect,
    fenced: (agent) => fences.fenced(agent, clock.wall.nowMs()),
    onHello: (...hello) => fleet.heard(...hello),
    onWelcomed: (agent) => island.welcomed(agent),
    onActs: (acts) => island.told(acts),
  });
  const fleet = createEnrolment({
    hall,
    clock,
    log,
    store: createEnrolmentStore(db),
    writer,
    changes,
    authority,
    tls,
    passwordHolds: (agent, hash) => agentStore.get(agent)?.password_hash === hash,
    forget: hub.forget,
  });
  const island = createIslandHost({
    hall,
    clock,
    log,
    store: createIslandStore(db),
    writer,
    changes,
    content: () => current,
    gen: hub.gen,
    online: hub.online,
    platforms: () => senders.all().map(({ id }) => id),
  });
  let code: string | undefined;
  const people = createPeopleService({
    store: createPeopleStore(db),
    writer,
    clock,
    announce: (made) => {
      code = made;
    },
  });
  const notices = createNoticeService({
    hall,
    store: createNoticeStore(db),
    writer,
    master: keys.master,
    clock,
    speed: hallTime.speed,
    log,
    content: () => current,
    changes,
  });
  const { agents, devices, speaks } = hub;
  const commandStore = createCommandStore(db);
  const commands = createDesk({ store: commandStore, writer, agents: agents.list, devices: () => current.devices });
  const courier = createCourier({ hall, clock, log, store: commandStore, writer, changes, sessionOf: hub.sessionOf });
  const alarmStore = createAlarmStore(db);
  const alarms = createAlarmService({
    hall,
    clock,
    log,
    store: alarmStore,
    writer,
    changes,
    content: () => current,
    sources: [
      deviceSource({ hall, devices, agents, content: () => current, changes }),
      agentSource(agents, changes, clock.wall.nowMs()),
      fences,
      statusSource(agents, changes),
      securitySource(hall, fleet.security.warnings),
      feedSource({ fresh: feed.fresh, platforms: () => platformStore.all().length }),
      recordSource(alarmStore),
      diskSource({ hall, data: config.data, full: () => writer.full }),
    ],
  });
  const history = createHistoryService({
    store: createHistoryStore(db),
    writer,
    clock,
    log,
    content: () => current,
    devices,
    changes,
  });
  history.registerOutside((device) => ({
    maintenance: alarms.underMaintenance({ kind: 'device', id: device }),
    override: (devices.get(device)?.reported?.overrides ?? []).map(({ kind }) => kind).join(' '),
  }));
  let link: Pick<Link, 'send'> | undefined;
  const discovery = createDiscoveryService({
    hall,
    clock,
    log,
    store: createFoundStore(db),
    writer,
    content,
    agents,
    devices,
    speaks,
    send: (agent, order) => link?.send('discover', { hall, agent }, order),
  });
  const deviceTraces = createDeviceTraces({
    clock,
    writer,
    devices,
    speaks,
    send: (agent, device, order) => link?.send('trace', { hall, agent, device }, order),
  });
  const simulation = config.simulation === undefined ? {} : { simulation: hallTime };
  const { publicUrl } = config.http;
  const views = createViews({
    ...(publicUrl !== undefined && { consoleUrl: publicUrl }),
    hall,
    clock,
    content,
    live,
    devices,
    agents,
    feed,
    latencyOf: traces.latencyOf,
    ...simulation,
  });

  const committed = (fields: readonly LiveField[]) => {
    const now = clock.wall.nowMs();
    traces.committed(fields, now);
    live.take(fields, now);
    hub.publish(fields);
    const named = (prefix: string) =>
      fields.filter(({ key }) => key.startsWith(prefix)).map(({ key }) => key.slice(prefix.length));
    const [windows, queues] = [named('window/'), named('queue/')];
    if (windows.length > 0) changes.emit('windows', windows);
    if (queues.length > 0) changes.emit('queues', queues);
  };
  writer.on('live', committed);
  writer.on('facts', (first, last) => {
    changes.emit('facts', first, last);
    changes.emit('feed');
  });
  writer.on('changed', (topics) => {
    if (topics.has('platforms')) senders.forget();
    if (topics.has('commands')) courier.look();
    if (!topics.has('content')) return;
    current = content.load();
    hub.replan().catch((error: unknown) => log.error({ error }, 'content could not be sent to the agents'));
  });

  return {
    content,
    agents,
    devices,
    commands,
    live,
    facts,
    feed,
    alarms,
    people,
    platforms: createAdmission(platformStore, writer, keys.master),
    notices,
    history,
    workOrders: createWorkOrderService({ store: createWorkOrderStore(db), writer, wall: clock.wall, content: () => current }),
    updates: createUpdateService({ hall, data: config.data, clock, writer, commands }),
    enrolment: fleet.enrolment,
    security: fleet.security,
    fleet,
    tls,
    views,
    discovery,
    deviceTraces,
    attach: (next) => {
      link = next;
    },
    island,
    changes,
    writer,
    db,
    keys,
    hub,
    courier,
    current: () => current,
    agentStore,
    senders,
    intake,
    snapshots,
    days: createBusinessDays({
      hall,
      clock,
      speed: hallTime.speed,
      log,
      writer,
      zone: () => current.calendar.zone,
      newestReset: () => newestReset(db),
    }),
    alive: () => alive,
    failed,
    bootstrapCode: () => (people.bootstrap.open() ? code : undefined),
  };
}
