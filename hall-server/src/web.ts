/** HTTP of a hall server: every route, before anything listens. */
import { packageFolderOf } from '@hall/runtime';
import { fileURLToPath } from 'node:url';
import { fastifyRateLimit } from '@fastify/rate-limit';
import type { Clock } from '@hall/contracts';
import type { FastifyBaseLogger, FastifyInstance } from 'fastify';
import type { ServerConfig } from './config.ts';
import { topologyTree } from '@hall/model';
import { alarmRoutes } from './features/alarms/routes.ts';
import { auditRoutes } from './features/audit/routes.ts';
import { commandRoutes } from './features/commands/routes.ts';
import { deviceTraceRoutes } from './features/device-trace/routes.ts';
import { discoveryRoutes } from './features/discovery/routes.ts';
import { consoleRoutes } from './features/console/routes.ts';
import { contentRoutes } from './features/content/routes.ts';
import { updateRoutes } from './features/updates/routes.ts';
import { enrolmentRoutes } from './features/enrolment/routes.ts';
import { healthRoutes } from './features/health/routes.ts';
import { historyRoutes } from './features/history/routes.ts';
import { intakeRoutes } from './features/intake/routes.ts';
import { noticeRoutes } from './features/notices/routes.ts';
import { declareAccess, guardAccess } from './features/people/access.ts';
import { islandRoutes } from './features/island/routes.ts';
import { peopleRoutes } from './features/people/routes.ts';
import { workOrderRoutes } from './features/work-orders/routes.ts';
import { createHttp } from './platform/http.ts';
import { installOpenApi } from './platform/openapi.ts';
import { installConsole, installSecurityHeaders } from './platform/static-console.ts';
import type { ServerParts } from './services.ts';

const CONSOLE = fileURLToPath(new URL('../web-console/dist/', packageFolderOf(import.meta.url)));
/** Requests of one address to the console API, per minute. */
const REQUESTS_PER_MINUTE = 6000;

export interface WebOptions {
  readonly config: Pick<ServerConfig, 'hall' | 'http'>;
  readonly version: string;
  readonly clock: Clock;
  readonly log: FastifyBaseLogger;
  readonly parts: ServerParts;
  /** Numbers for `/metrics` by name. */
  readonly numbers: () => Readonly<Record<string, number>>;
}

/** Registers everything; the caller lets it listen. */
export async function createWeb({
  config,
  version,
  clock,
  log,
  parts,
  numbers: ownNumbers,
}: WebOptions): Promise<FastifyInstance> {
  const { hall } = config;
  const {
    people,
    notices,
    history,
    workOrders,
    views,
    agents,
    devices,
    commands,
    facts,
    alarms,
    content,
    db,
    senders,
    intake,
    snapshots,
    alive,
  } = parts;
  const { enrolment, security, tls, island } = parts;
  const { app: http, slow } = createHttp(log, clock.machine, config.http.tls ? tls : undefined);
  const numbers = () => ({ ...ownNumbers(), hall_http_slow: slow() });
  await installOpenApi(http, { version });
  const routes = declareAccess(http);
  const api = '/api/v1';
  const ofHall = `${api}/halls/:hall`;
  await http.register(intakeRoutes, { prefix: api, hall, clock, platforms: senders, intake, snapshots });
  // Apart, so that nothing that is for people and their browsers stands on the way of every event.
  await http.register(async (app) => {
    guardAccess(app, { people, hall, routes });
    await installSecurityHeaders(app);
    await app.register(fastifyRateLimit, {
      max: REQUESTS_PER_MINUTE,
      timeWindow: '1 minute',
      allowList: (request) => !request.url.startsWith('/api/'),
    });
    await app.register(peopleRoutes, { prefix: api, people, hall });
    await app.register(auditRoutes, { prefix: ofHall, db });
    await app.register(contentRoutes, { prefix: ofHall, content });
    await app.register(consoleRoutes, { prefix: ofHall, views, agents, devices, facts });
    await app.register(commandRoutes, { prefix: ofHall, commands });
    const topology = () =>
      topologyTree(
        hall,
        senders.all().map(({ id }) => id),
        agents.list().map(({ id }) => id),
        content.load(),
      );
    await app.register(alarmRoutes, { prefix: ofHall, alarms, topology });
    await app.register(historyRoutes, { prefix: ofHall, history });
    await app.register(workOrderRoutes, { prefix: ofHall, workOrders });
    await app.register(noticeRoutes, { prefix: ofHall, notices });
    await app.register(enrolmentRoutes, { prefix: ofHall, hall, clock, enrolment, security });
    await app.register(updateRoutes, { prefix: ofHall, hall, clock, updates: parts.updates });
    await app.register(discoveryRoutes, { prefix: ofHall, discovery: parts.discovery });
    await app.register(deviceTraceRoutes, { prefix: ofHall, traces: parts.deviceTraces });
    await app.register(islandRoutes, { prefix: ofHall, island });
    await app.register(healthRoutes, { alive, numbers });
    await installConsole(app, config.http.console ?? CONSOLE);
  });
  return http;
}
