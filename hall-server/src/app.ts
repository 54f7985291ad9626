/** The composition root: what the hall server is made of, in the order in which it starts and stops. */
import { randomBytes, randomUUID } from 'node:crypto';
import { EventEmitter } from 'node:events';
import { mkdirSync } from 'node:fs';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { fastifyRateLimit } from '@fastify/rate-limit';
import { HallError, systemClock, type Clock, type HallContent } from '@hall/contracts';
import type { FastifyInstance } from 'fastify';
import { pino, type Logger } from 'pino';
import type { ServerConfig } from './config.ts';
import { createAgentHub } from './features/agents/hub.ts';
import { createLiveFields } from './features/agents/live-fields.ts';
import type { AgentService, DeviceService, LiveService } from './features/agents/service.ts';
import { createAgentStore } from './features/agents/store.ts';
import { createTraces } from './features/agents/traces.ts';
import { auditRoutes } from './features/audit/routes.ts';
import { attachRealtime } from './features/console/realtime.ts';
import { consoleRoutes } from './features/console/routes.ts';
import { createViews, type Views } from './features/console/views.ts';
import { contentRoutes } from './features/content/routes.ts';
import { createContentService, type ContentService } from './features/content/service.ts';
import { keepRetaining } from './features/facts/retention.ts';
import type { FactService, FeedService } from './features/facts/service.ts';
import { createFacts, newestReceipt } from './features/facts/store.ts';
import { healthRoutes } from './features/health/routes.ts';
import { createAdmission, type Admission } from './features/intake/admission.ts';
import type { References } from './features/intake/check-event.ts';
import { createFeed } from './features/intake/feed.ts';
import { mqttIntake } from './features/intake/mqtt-intake.ts';
import { createPlatforms } from './features/intake/platforms.ts';
import { intakeRoutes } from './features/intake/routes.ts';
import { createIntake } from './features/intake/service.ts';
import { createSnapshots } from './features/intake/snapshot.ts';
import { createPlatformStore } from './features/intake/store.ts';
import { installAccess } from './features/people/access.ts';
import { peopleRoutes } from './features/people/routes.ts';
import { createPeopleService, type PeopleService } from './features/people/service.ts';
import { createPeopleStore } from './features/people/store.ts';
import type { HallChanges } from './platform/changes.ts';
import { credentialCheck } from './platform/credentials.ts';
import { createHttp } from './platform/http.ts';
import { openKeys } from './platform/keys.ts';
import { createBroker, type Broker } from './platform/mqtt/broker.ts';
import { createLink, type Link, type LinkTarget } from './platform/mqtt/link.ts';
import { mqttSignIn } from './platform/mqtt/sign-in.ts';
import { installOpenApi } from './platform/openapi.ts';
import { refusalLog } from './platform/refusal-log.ts';
import { installConsole, installSecurityHeaders } from './platform/static-console.ts';
import { readDb, type Database } from './platform/store/database.ts';
import { createWriter, type Writer } from './platform/store/writer.ts';

export const VERSION = '0.1.0';
const CONSOLE = fileURLToPath(new URL('../../web-console/dist/', import.meta.url));
/** Requests of one address to the console API, per minute. */
const REQUESTS_PER_MINUTE = 6000;
/** How often content written by another process is looked for, ms. */
const NOTICE_MS = 2000;
const MB = 1024 * 1024;

export interface HallServices {
  readonly content: ContentService;
  readonly agents: AgentService;
  readonly devices: DeviceService;
  readonly live: LiveService;
  readonly facts: FactService;
  readonly feed: FeedService;
  readonly people: PeopleService;
  readonly platforms: Admission;
  readonly views: Views;
  readonly changes: HallChanges;
  readonly writer: Writer;
  readonly db: Database;
}

export interface HallServer {
  readonly httpUrl: string;
  /** Of the embedded or the external broker. */
  readonly mqttUrl: string;
  /** The living one-time code for the first administrator; undefined once there is one. */
  readonly bootstrapCode: string | undefined;
  readonly services: HallServices;
  /** The HTTP instance, for documents made from its routes. */
  readonly http: FastifyInstance;
  /** Resolves if the server can no longer do its work; rejects never. */
  readonly failed: Promise<Error>;
  /** Stops taking work, commits what waits, and closes everything. Idempotent. */
  close(): Promise<void>;
}

export interface HallServerOptions {
  readonly clock?: Clock;
  readonly log?: Logger;
}

const referencesOf = ({ windows, services, departments }: HallContent): References => ({
  windows: new Set(windows.map(({ id }) => id)),
  services: new Set(services.map(({ id }) => id)),
  departments: new Set(departments.map(({ id }) => id)),
});

async function listen(http: FastifyInstance, { host, port }: ServerConfig['http']): Promise<string> {
  try {
    await http.listen({ host, port });
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EADDRINUSE') throw error;
    throw new HallError('PORT_TAKEN', { host, port, field: '/http/port' }, error);
  }
  const { address, family, port: taken } = http.server.address() as AddressInfo;
  return `http://${family === 'IPv6' ? `[${address}]` : address}:${taken}`;
}

/**
 * Starts a hall server. When it resolves, HTTP and MQTT take work.
 * @throws HallError STORE_NEWER, STORE_FAILED, PORT_TAKEN; what was started is closed again.
 */
export async function createHallServer(config: ServerConfig, options: HallServerOptions = {}): Promise<HallServer> {
  const { hall } = config;
  const hallTime = config.simulation ?? { offsetMs: 0, speed: 1 };
  const clock = options.clock ?? systemClock(hallTime);
  const log = options.log ?? pino({ level: config.log });
  const closers: Array<() => Promise<void> | void> = [];
  let closing: Promise<void> | undefined;
  const close = (): Promise<void> => {
    closing ??= (async () => {
      for (const closer of closers.toReversed()) await closer();
    })();
    return closing;
  };

  try {
    // The store.
    mkdirSync(config.data, { recursive: true, mode: 0o700 });
    const path = join(config.data, 'hall.db');
    const keys = openKeys(config.data);
    const writer = await createWriter({ path, wall: clock.wall, ballastBytes: config.ballastMb * MB });
    closers.push(() => writer.close());
    const failed = new Promise<Error>((resolve) => {
      writer.once('failed', resolve);
    });
    let alive = true;
    writer.once('failed', (error) => {
      alive = false;
      log.fatal({ error }, 'the store cannot be written any more');
    });
    const db = readDb(path);
    closers.push(() => void db.close());

    // What is known, and who asks.
    const changes: HallChanges = new EventEmitter();
    changes.setMaxListeners(50);
    const content = createContentService({ db, writer, hall });
    let current = content.load();
    let references = referencesOf(current);
    const agentStore = createAgentStore(db);
    const live = createLiveFields(agentStore);
    const traces = createTraces();
    const facts = createFacts({ db, keys, traceOf: traces.of });
    const feed = createFeed(clock, newestReceipt(db), () => current.settings.feedMaxAgeS * 1000);
    const platformStore = createPlatformStore(db);
    const platforms = createPlatforms(platformStore, keys.master, clock.machine);
    const admission = createAdmission(platformStore, writer, keys.master);
    const intake = createIntake({ writer, keys, clock, feed, references: () => references });
    const snapshots = createSnapshots({ writer, clock, references: () => references });

    // Messaging.
    let link: Link | undefined;
    let broker: Broker | undefined;
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
      disconnect: (agent) => broker?.disconnect(agent),
    });
    const platformEvents = mqttIntake({ hall, platforms, intake, log, link: () => link });
    writer.on('live', (fields) => {
      const now = clock.wall.nowMs();
      traces.committed(fields, now);
      live.take(fields, now);
      hub.publish(fields);
      const named = (prefix: string) =>
        fields.filter(({ key }) => key.startsWith(prefix)).map(({ key }) => key.slice(prefix.length));
      const [windows, queues] = [named('window/'), named('queue/')];
      if (windows.length > 0) changes.emit('windows', windows);
      if (queues.length > 0) changes.emit('queues', queues);
    });
    writer.on('facts', (first, last) => {
      changes.emit('facts', first, last);
      changes.emit('feed');
    });
    writer.on('changed', (topics) => {
      if (topics.has('platforms')) platforms.forget();
      if (!topics.has('content')) return;
      current = content.load();
      references = referencesOf(current);
      hub.replan().catch((error: unknown) => log.error({ error }, 'content could not be sent to the agents'));
    });
    await hub.start();

    const { external } = config.mqtt;
    const serverPassword = randomBytes(32).toString('base64url');
    const told = refusalLog();
    if (!external) {
      broker = await createBroker({
        ...config.mqtt,
        hall,
        machine: clock.machine,
        authenticate: mqttSignIn({
          hall,
          check: credentialCheck(),
          agentHash: (id) => agentStore.get(id)?.password_hash,
          platformHash: platforms.mqttHash,
          serverPassword,
        }),
        platformEvents,
        refused: (act, { role, id }, topic) => {
          const times = told(`${act} ${role} ${id} ${topic}`);
          if (times === undefined) return;
          log.warn({ act, role, id, topic, times }, 'mqtt act refused');
          const entry = {
            person: 'system',
            action: `mqtt.${act}`,
            object: `${role} ${id}`,
            outcome: 'refused',
            details: { topic, times },
          };
          writer.call('audit.append', entry).catch((error: unknown) => log.warn({ error }, 'refusal not audited'));
        },
        framing: (fault, address) => {
          const times = told(`framing ${fault} ${address}`);
          if (times !== undefined) log.warn({ fault, address, times }, 'mqtt connection cut');
        },
      });
      closers.push(() => broker?.close());
    }
    const target: LinkTarget = external
      ? { kind: 'external', ...external }
      : { kind: 'embedded', open: () => (broker as Broker).connect(), password: serverPassword };
    const epoch = randomUUID();
    link = await createLink({
      target,
      hall,
      gen: writer.gen,
      epoch,
      wall: clock.wall,
      log,
      handlers: hub.handlers,
      platformEvents,
    });
    closers.push(() => link?.close());
    hub.attach(link);

    // People and pages.
    let bootstrapCode: string | undefined;
    const people = createPeopleService({
      store: createPeopleStore(db),
      writer,
      clock,
      announce: (code) => {
        bootstrapCode = code;
      },
    });
    const simulation = config.simulation === undefined ? {} : { simulation: hallTime };
    const views = createViews({ hall, clock, content, live, devices: hub.devices, agents: hub.agents, feed, ...simulation });
    const { agents, devices } = hub;
    const http = createHttp(log);
    await installSecurityHeaders(http);
    await http.register(fastifyRateLimit, {
      max: REQUESTS_PER_MINUTE,
      timeWindow: '1 minute',
      allowList: (request) => !request.url.startsWith('/api/') || request.routeOptions.config.access === 'signed',
    });
    await installOpenApi(http, { version: VERSION });
    installAccess(http, { people, hall });
    const api = '/api/v1';
    const ofHall = `${api}/halls/:hall`;
    await http.register(intakeRoutes, { prefix: api, hall, clock, platforms, intake, snapshots });
    await http.register(peopleRoutes, { prefix: api, people, hall });
    await http.register(auditRoutes, { prefix: ofHall, db });
    await http.register(contentRoutes, { prefix: ofHall, content });
    await http.register(consoleRoutes, { prefix: ofHall, views, agents, devices, facts, writer });
    await http.register(healthRoutes, {
      alive: () => alive,
      numbers: () => {
        const { fresh, accepted, duplicate, quarantined, flagged } = feed.view();
        return {
          hall_events_accepted: accepted,
          hall_events_duplicate: duplicate,
          hall_events_quarantined: quarantined,
          hall_events_flagged: flagged,
          hall_feed_fresh: Number(fresh),
          hall_writer_waiting: writer.waiting,
          hall_mqtt_connections: broker?.connections ?? 0,
          hall_mqtt_refused_publish: broker?.counters.refusedPublish ?? 0,
          hall_mqtt_refused_connect: broker?.counters.refusedConnect ?? 0,
          hall_mqtt_framing_faults: broker?.counters.framing ?? 0,
          hall_mqtt_invalid_messages: link?.invalid ?? 0,
        };
      },
    });
    await installConsole(http, config.http.console ?? CONSOLE);
    attachRealtime(http, { clock, people, changes, views, agents, devices, facts });
    closers.push(() => http.close());
    const httpUrl = await listen(http, config.http);

    // What goes on by itself.
    const stop = new AbortController();
    const noticeContent = async () => {
      let seen = content.version();
      while (!stop.signal.aborted) {
        await clock.machine.sleep(NOTICE_MS, stop.signal).catch(() => {});
        if (stop.signal.aborted || content.version() === seen) continue;
        seen = content.version();
        if (content.load() !== current) await writer.call('agents.contentNoticed', null).catch(() => {});
      }
    };
    const running = Promise.all([
      hub.run(stop.signal),
      keepRetaining({ writer, keys, clock, log, days: config.retention }, stop.signal),
      people.bootstrap.run(stop.signal),
      noticeContent(),
    ]);
    closers.push(async () => {
      stop.abort();
      await running;
      await hub.flush().catch((error: unknown) => log.warn({ error }, 'last reports not saved'));
    });
    log.info({ hall, httpUrl, mqttUrl: broker?.url ?? external?.url, version: VERSION }, 'hall server started');

    return {
      httpUrl,
      mqttUrl: broker?.url ?? external?.url ?? '',
      get bootstrapCode() {
        return people.bootstrap.open() ? bootstrapCode : undefined;
      },
      services: { content, agents, devices, live, facts, feed, people, platforms: admission, views, changes, writer, db },
      http,
      failed,
      close,
    };
  } catch (error) {
    await close();
    throw error;
  }
}
