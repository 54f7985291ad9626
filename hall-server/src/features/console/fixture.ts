/** For tests: the whole API over a store in memory, with agents, devices and live fields as the test sets them. */
import { EventEmitter } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  alarmTypeIds,
  HallError,
  type AgentView,
  type DeviceView,
  type Discover,
  EventRow,
  type HallContent,
  type QueueLive,
  type TraceOrder,
  WindowLive,
} from '@hall/contracts';
import { pino } from 'pino';
import type { HallChanges } from '../../platform/changes.ts';
import type { LiveRow } from '../agents/service.ts';
import { SYSTEM, type Asker } from '../audit/chain.ts';
import { topologyTree } from '@hall/model';
import { alarmRoutes } from '../alarms/routes.ts';
import { createAlarmService, type AlarmService } from '../alarms/service.ts';
import type { Condition } from '../alarms/conditions.ts';
import { createAlarmStore } from '../alarms/store.ts';
import { auditRoutes } from '../audit/routes.ts';
import { contentRoutes } from '../content/routes.ts';
import { createContentService, type ContentService } from '../content/service.ts';
import { emptyContent } from '../content/store.ts';
import { enrolmentRoutes } from '../enrolment/routes.ts';
import type { EnrolmentService, SecurityService } from '../enrolment/service.ts';
import { historyRoutes } from '../history/routes.ts';
import { createHistoryService } from '../history/service.ts';
import { createHistoryStore } from '../history/store.ts';
import { noticeRoutes } from '../notices/routes.ts';
import { createNoticeService } from '../notices/service.ts';
import { createNoticeStore } from '../notices/store.ts';
import { createFixture, type Fixture } from '../people/fixture.ts';
import { updateRoutes } from '../updates/routes.ts';
import { createUpdateService } from '../updates/service.ts';
import { workOrderRoutes } from '../work-orders/routes.ts';
import { createWorkOrderService } from '../work-orders/service.ts';
import { createWorkOrderStore } from '../work-orders/store.ts';
import { attachRealtime } from './realtime.ts';
import { createDeviceTraces, type DeviceTraceService } from '../device-trace/service.ts';
import { deviceTraceRoutes } from '../device-trace/routes.ts';
import { discoveryRoutes } from '../discovery/routes.ts';
import { createDiscoveryService, type DiscoveryService } from '../discovery/service.ts';
import { createFoundStore } from '../discovery/store.ts';
import { consoleRoutes } from './routes.ts';
import { createViews } from './views.ts';

export const content: HallContent = {
  ...emptyContent,
  departments: [{ id: 'tax', zh: '税务局', en: 'Tax Bureau' }],
  services: [
    { id: 'invoice', zh: '发票代开', en: 'Invoices', department: 'tax', prefix: 'A' },
    { id: 'permit', zh: '许可', department: 'tax', prefix: 'B' },
  ],
  staff: [{ id: 'zhang', name: '张伟', department: 'tax' }],
  windows: [
    { id: 'w01', number: '01', area: 'A区', department: 'tax', services: ['invoice', 'permit'] },
    { id: 'w02', number: '02', department: 'tax', services: ['permit'] },
  ],
  devices: [
    {
      id: 's01',
      name: '01',
      agent: 'edge-1',
      driver: 'onbon-k',
      settings: {},
      screen: { template: 'window-strip', widthPx: 192, heightPx: 32, window: 'w01' },
    },
  ],
};

/** What the fakes answer; a test changes it as it likes. */
export interface HallState {
  readonly windows: Map<string, LiveRow<WindowLive>>;
  readonly queues: Map<string, LiveRow<QueueLive>>;
  readonly devices: Map<string, DeviceView>;
  readonly agents: Map<string, AgentView>;
  readonly facts: EventRow[];
  /** What is wrong, for the alarms. */
  readonly conditions: Condition[];
  /** What was sent to agents to search or to trace. */
  readonly sent: { readonly agent: string; readonly device?: string; readonly order: Discover | TraceOrder }[];
}

export interface ConsoleFixture extends Fixture {
  readonly state: HallState;
  readonly changes: HallChanges;
  readonly content: ContentService;
  readonly alarms: AlarmService;
  readonly consoles: () => number;
  readonly discovery: DiscoveryService;
  readonly traces: DeviceTraceService;
}

export function windowRow(window: string, seq: number, changedAt: number, more: Partial<WindowLive> = {}): LiveRow<WindowLive> {
  const value: WindowLive = {
    kind: 'window',
    window,
    state: 'open',
    department: 'tax',
    services: ['invoice', 'permit'],
    ...more,
  };
  return { changedAt, field: { key: `window/${window}`, seq, sourceTime: changedAt - 20, value } };
}
export function stripView(id: string, now: number, fields: Record<string, number>): DeviceView {
  return {
    id,
    name: id,
    agent: 'edge-1',
    agentPresence: 'online',
    driver: 'onbon-k',
    desired: { gen: 'g', ver: 1 },
    applied: { gen: 'g', ver: 1 },
    difference: [],
    differenceSince: null,
    settings: {},
    reportedAt: now,
    reported: {
      epoch: 'e',
      seq: 1,
      at: now,
      link: 'online',
      since: now,
      counters: { frames: 3 },
      screen: {
        hash: 'ab',
        text: ['A001 请到 01 号窗口'],
        freshness: 'live',
        level: 'acknowledged',
        decidedAt: now,
        sentAt: now,
        confirmedAt: now + 12,
        fields,
      },
    },
  };
}
export const factRow = (seq: number): EventRow => ({
  seq,
  id: `e${seq}`,
  source: 'urn:platform',
  type: 'ticket.called',
  subject: 'A001',
  time: 1,
  receivedAt: 2,
  flag: null,
  data: { ticket: 'A001' },
});
export const agentRow = (id: string): AgentView => ({
  id,
  presence: 'online',
  since: 1,
  version: '0.1.0',
  drivers: [],
  devices: 1,
  outboxAck: 0,
  addedAt: 1,
  status: null,
  statusAt: null,
  conditions: [],
});

const certificate = { fingerprint: 'ab'.repeat(32), code: '7K4M-QX2P', from: 1, until: 2, names: [] };
/** Nobody asks to be admitted, and nothing is to be warned of. */
const security: SecurityService = {
  warnings: () => [],
  view: async () => ({
    mqtts: true,
    trust: certificate,
    ca: certificate,
    server: certificate,
    keys: [],
    passwords: [],
    warnings: [],
  }),
};
const unknown = async (): Promise<never> => {
  throw new HallError('ENROLMENT_UNKNOWN');
};
const enrolment: EnrolmentService = {
  list: () => [],
  ask: unknown,
  fetch: unknown,
  admit: unknown,
  reject: unknown,
  revoke: unknown,
};

/** With `live`, socket.io is attached too. */
export async function createConsoleFixture({ live: attach = false } = {}): Promise<ConsoleFixture> {
  const state: HallState = {
    windows: new Map(),
    queues: new Map(),
    devices: new Map(),
    agents: new Map(),
    facts: [],
    conditions: [],
    sent: [],
  };
  const changes: HallChanges = new EventEmitter();
  const made: { -readonly [K in 'content' | 'alarms' | 'consoles' | 'discovery' | 'traces']?: ConsoleFixture[K] } = {};
  const fixture = await createFixture(async ({ app, db, clock, writer, people }) => {
    const service = createContentService({ db, writer, hall: 'demo' });
    made.content = service;
    const agents = {
      list: () => [...state.agents.values()],
      admit: async (id: string, asker: Asker = SYSTEM) => {
        await writer.call('agents.put', { ...asker, id, hash: 'hash' });
        return { agent: id, password: 'secret' };
      },
      remove: async (id: string) => void state.agents.delete(id),
    };
    const devices = { list: () => [...state.devices.values()], get: (id: string) => state.devices.get(id) };
    const facts = {
      list: () => state.facts.toReversed(),
      between: (first: number, last: number) => state.facts.filter(({ seq }) => seq >= first && seq <= last),
      trace: () => undefined,
      quarantined: () => [],
    };
    const feed = {
      view: () => ({
        fresh: true,
        lastEventAt: null,
        lagMs: null,
        accepted: 0,
        duplicate: 0,
        quarantined: 0,
        flagged: 0,
        gaps: 0,
      }),
    };
    const live = { windows: () => state.windows, queues: () => state.queues };
    const views = createViews({ hall: 'demo', clock, content: service, live, devices, agents, feed, latencyOf: () => 12 });
    const alarms = createAlarmService({
      hall: 'demo',
      clock,
      log: pino({ level: 'silent' }),
      store: createAlarmStore(db),
      writer,
      changes,
      content: () => service.load(),
      sources: [{ raises: alarmTypeIds, look: () => state.conditions }],
    });
    made.alarms = alarms;
    const prefix = '/api/v1/halls/:hall';
    await app.register(auditRoutes, { prefix, db });
    await app.register(contentRoutes, { prefix, content: service });
    await app.register(consoleRoutes, { prefix, views, agents, devices, facts });
    await app.register(alarmRoutes, {
      prefix,
      alarms,
      topology: () => topologyTree('demo', ['city'], [...state.agents.keys()], service.load()),
    });
    await app.register(enrolmentRoutes, { prefix, hall: 'demo', clock, enrolment, security });
    const data = mkdtempSync(join(tmpdir(), 'hall-console-'));
    app.addHook('onClose', async () => rmSync(data, { recursive: true, force: true }));
    const updates = createUpdateService({ hall: 'demo', data, clock, writer, commands: { give: unknown } });
    await app.register(updateRoutes, { prefix, hall: 'demo', clock, updates });
    const log = pino({ level: 'silent' });
    const speaks = (_: string, epoch: string) => epoch === 'e';
    const store = createFoundStore(db);
    const discovery = createDiscoveryService({
      hall: 'demo',
      clock,
      log,
      store,
      writer,
      content: service,
      agents,
      devices,
      speaks,
      send: (agent, order) => void state.sent.push({ agent, order }),
    });
    const traces = createDeviceTraces({
      clock,
      writer,
      devices,
      speaks,
      send: (agent, device, order) => void state.sent.push({ agent, device, order }),
    });
    Object.assign(made, { discovery, traces });
    await app.register(discoveryRoutes, { prefix, discovery });
    await app.register(deviceTraceRoutes, { prefix, traces });
    const hallContent = () => service.load();
    const notices = createNoticeService({
      hall: 'demo',
      store: createNoticeStore(db),
      writer,
      master: Buffer.alloc(32),
      clock,
      speed: 1,
      log,
      content: hallContent,
      changes,
    });
    const history = createHistoryService({
      store: createHistoryStore(db),
      writer,
      clock,
      log,
      content: hallContent,
      devices,
      changes,
    });
    const workOrders = createWorkOrderService({
      store: createWorkOrderStore(db),
      writer,
      wall: clock.wall,
      content: hallContent,
    });
    await app.register(noticeRoutes, { prefix, notices });
    await app.register(historyRoutes, { prefix, history });
    await app.register(workOrderRoutes, { prefix, workOrders });
    if (attach)
      made.consoles = attachRealtime(app, {
        clock,
        people,
        changes,
        views,
        agents,
        devices,
        facts,
        commands: { rows: () => [] },
        alarms,
      }).consoles;
  });
  const { content: service, alarms, consoles = () => 0, discovery, traces } = made;
  if (!service || !alarms || !discovery || !traces) throw new Error('the routes were not registered');
  await service.replace({ by: 'system', address: '' }, content);
  return { ...fixture, state, changes, content: service, alarms, consoles, discovery, traces };
}
