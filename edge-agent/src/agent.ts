/** The edge agent: makes true on hardware what the hall server wants, and goes on alone when the server is away. */
import { randomUUID } from 'node:crypto';
import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { HallError, type Clock, type Payload, type TimeTrust } from '@hall/contracts';
import { packageFolderOf } from '@hall/runtime';
import type { Logger } from 'pino';
import type { LogRing } from './commands/log-ring.ts';
import { createCommands } from './commands/runner.ts';
import { asksToBeAdmitted, updatesUrl, type AgentConfig } from './config.ts';
import { createDeviceTraces } from './devices/device-trace.ts';
import type { CallPort, CallPortState } from './island/call-port.ts';
import { createFallback } from './devices/fallback.ts';
import { createFleet } from './devices/fleet.ts';
import type { DeviceState, World } from './devices/device-host.ts';
import type { Codes } from './enrolment/enrol.ts';
import { identityFiles } from './enrolment/identity.ts';
import { brokerUrl, startMember, type Member } from './enrolment/member.ts';
import { createDiscovery } from './discovery/discovery.ts';
import type { OwnNetwork, SerialPortInfo } from './discovery/finder.ts';
import { ownNetworks, serialPortsOfSystem } from './discovery/networks.ts';
import { placesInUse } from './discovery/places.ts';
import { driverInfos, driverOf, drivers, finders } from './drivers/registry.ts';
import { createBoards } from './kiosk/boards.ts';
import { startKioskServer } from './kiosk/server.ts';
import { createLocalLife } from './island/local-life.ts';
import { createLiveKeeper } from './live/live-keeper.ts';
import { defaultLimits, type OutboxLimits } from './outbox/limits.ts';
import { createOutbox } from './outbox/outbox.ts';
import type { OutboxSpan } from './outbox/sql.ts';
import type { Parent } from './run/heartbeat.ts';
import { createOverrides } from './screens/overrides.ts';
import { gatherStatus } from './status/gather.ts';
import { createStatusReporter } from './status/status.ts';
import { watchStore } from './store/health.ts';
import { SCHEMA_VERSION } from './store/schema-version.ts';
import { openStore } from './store/store.ts';
import { createDiscipline } from './time/discipline.ts';
import { createHallTime, type HallTimeSample } from './time/hall-time.ts';
import { keepHallTime } from './time/keep-hall-time.ts';

import { DEFAULT_ZONE } from './time/local-time.ts';
import { createDocuments } from './twin/documents.ts';
import type { Facts } from './update/health.ts';
import { createUpdater } from './update/updater.ts';
import type { Incoming } from './uplink/messages.ts';
import type { Credentials } from './uplink/connection.ts';
import { createServerAddresses, resolveName, type Resolve } from './uplink/server-address.ts';
import { HEARTBEAT_MS, startUplink, type Uplink, type UplinkState } from './uplink/uplink.ts';
import { VERSION } from './version.ts';
import type { LoopWatch } from './watchdog/loop-watch.ts';

/** Hall time that moved by more than this between two samples has jumped, and every screen is looked at anew, hall ms. */
const TIME_JUMP_MS = 1000;

export interface AgentDeps {
  readonly clock: Clock;
  readonly log: Logger;
  /** In [0, 1); spreads retries. */
  readonly random?: () => number;
  readonly outboxLimits?: OutboxLimits;
  /** The newest lines of `log`, for whoever may ask for them. */
  readonly logs?: LogRing;
  /** Ends this run of the agent and begins another; without it the agent cannot be told to restart. */
  readonly restart?: () => void;
  /** Codes for people to compare, while the agent waits to be admitted. */
  readonly onCodes?: (codes: Codes | undefined) => void;
  /** Where a search looks without being told; default what the system has. */
  readonly networks?: () => readonly OwnNetwork[];
  /** Default the system's name service. */
  readonly resolve?: Resolve;
  readonly serialPorts?: () => Promise<readonly SerialPortInfo[]>;
  /** Who measures the event loop, where this process is the agent's own. */
  readonly loop?: LoopWatch;
  /** The parent that can start another release of the agent, and the folder of the keys that may sign one. */
  readonly updates?: { readonly parent: Parent; readonly keys: string };
  /** Names the configuration file, as far as it is one. */
  readonly configHash?: string;
}

export interface AgentState {
  /** Undefined until the agent was given its id. */
  readonly agent: string | undefined;
  /** What the agent shows while it waits to be admitted. */
  readonly codes: Codes | undefined;
  readonly uplink: UplinkState;
  readonly epoch: string;
  readonly installId: string;
  readonly live: { readonly gen: string; readonly head: number; readonly keys: number };
  readonly outbox: OutboxSpan;
  readonly time: { readonly trust: TimeTrust; readonly skewMs: number | undefined };
  readonly devices: Readonly<Record<string, DeviceState>>;
  /** What the agent does without a server. */
  readonly local: CallPortState;
  /** Dropped messages, requests for a resync and the like, by name. */
  readonly counters: Readonly<Record<string, number>>;
}

export interface EdgeAgent {
  /** Board pages are `{kioskUrl}/screen/{device}`. */
  readonly kioskUrl: string;
  /** What keys at windows reach; its address and token are in `call-port.json` of the data folder. */
  readonly callPort: CallPort;
  /** What the agent is doing; for tests and for the log. */
  state(): AgentState;
  /** What a release on trial is judged by. */
  facts(): Facts;
  /** Another key and certificate now, for an agent that was admitted. @throws HallError as the server answers. */
  renewKey(): Promise<void>;
  /** Says goodbye, writes what waits and closes everything. May be called more than once. */
  close(): Promise<void>;
}

/**
 * Starts an agent. It works from its store at once and from the server as soon as that answers.
 * @throws HallError CONFIG_INVALID (`field`), PORT_TAKEN, STORE_NEWER or STORE_FAILED.
 */
export async function createEdgeAgent(config: AgentConfig, deps: AgentDeps): Promise<EdgeAgent> {
  const { clock, random = Math.random } = deps;
  const log = deps.log.child({ hall: config.hall, ...(config.agent !== undefined && { agent: config.agent }) });
  const { passwordFile, caFile } = config.server;
  if (passwordFile !== undefined && !existsSync(passwordFile)) {
    throw new HallError('CONFIG_INVALID', { field: 'server.passwordFile', reason: 'the file does not exist' });
  }
  const epoch = randomUUID();
  const counters: Record<string, number> = {};
  const count = (name: string) => {
    counters[name] = (counters[name] ?? 0) + 1;
  };

  let uplink: Uplink | undefined;
  let member: Member | undefined;
  let agent: string | undefined;

  const startedMs = clock.machine.nowMs();
  const limits = deps.outboxLimits ?? defaultLimits;
  const store = watchStore(await openStore(config.data, log));
  const remembered = await store.call('remember');
  const { installId } = remembered;
  for (const [table, rows] of Object.entries(remembered.dropped)) {
    log.error({ table, rows }, 'damaged rows of the store are dropped');
    counters[`store.dropped.${table}`] = rows;
  }
  const addresses = createServerAddresses(
    {
      remembered: remembered.addresses,
      resolve: deps.resolve ?? resolveName,
      save: (good) => store.call('saveAddresses', good),
    },
    clock,
    log,
  );
  const hallTime = createHallTime(clock, remembered.hallTime);
  const overrides = createOverrides(remembered.overrides, store, { clock, log });
  const discipline = createDiscipline(
    { epoch, ask: (request) => void uplink?.publish('timeRequest', request), learn, count },
    clock,
  );
  const keepsTime = keepHallTime(hallTime, (snapshot) => store.call('saveHallTime', snapshot), clock, log);
  const boards = createBoards(clock);
  const zone = () => documents.tables?.calendar.zone ?? DEFAULT_ZONE;
  const outbox = createOutbox(
    {
      store,
      span: remembered.outbox,
      limits,
      send: async (records) => (await uplink?.publish('up', { epoch, installId, records })) ?? false,
      count,
    },
    clock,
    log,
  );
  const documents = createDocuments(
    remembered,
    store,
    {
      onTables: () => lookAtAll(),
      onDesired: () => {
        fallback.keepOnly(new Set(documents.desired.keys()));
        void fleet.become(documents.desired);
      },
    },
    log,
  );
  const fallback = createFallback(remembered, store, driverOf, log);
  const kiosk = await startKioskServer(
    { ...config.kiosk, epoch, boards, hallTime, zone, codes: () => member?.codes, slow: () => count('kiosk.slow') },
    clock,
  ).catch(async (error: unknown) => {
    await outbox.close();
    await store.close();
    throw error;
  });
  const live = createLiveKeeper(
    {
      remembered: remembered.live,
      store,
      hallTime,
      onChange: (changed) => {
        local.onTruth(changed);
        for (const host of fleet.hosts.values()) host.lookIfBound(changed);
      },
      onLease: () => {
        local.onTruth(new Set());
        for (const host of fleet.hosts.values()) host.lookIfStale();
      },
      resync: (gen, seq) => {
        count('resync');
        void uplink?.publish('resync', { epoch, gen, seq });
      },
    },
    clock,
    log,
  );
  const local = await createLocalLife(
    {
      config,
      installId,
      store,
      outbox,
      limits,
      hallTime,
      live: () => live.set,
      documents,
      onChange: (keys) => {
        for (const host of fleet.hosts.values()) host.lookIfBound(keys);
      },
      onBlank: () => lookAtAll(),
      onSlow: () => count('call_port.slow'),
    },
    clock,
    log,
  ).catch(async (error: unknown) => {
    await Promise.all([kiosk.close(), live.close(), outbox.close()]);
    await store.close();
    throw error;
  });
  const world: World = {
    // Stamps that leave this machine are on the server's wall clock, as far as it is known.
    clock: { ...clock, hall: hallTime, wall: discipline.wall },
    random,
    log,
    epoch,
    hallTime,
    boards,
    startedMs: clock.machine.nowMs(),
    driverOf,
    live: () => local.overlay(live.set),
    tables: () => documents.tables,
    overrides: overrides.of,
    blanked: () => local.blanked,
    append: outbox.append,
    report: async (device, report) => uplink?.state === 'welcomed' && uplink.publish('reported', report, device),
  };
  const status = createStatusReporter(
    {
      gather: () =>
        gatherStatus({
          epoch,
          clock,
          startedMs,
          data: config.data,
          store,
          hallTime,
          discipline,
          outbox: () => outbox.span,
          limits,
          documents: () => ({
            ...(documents.applied.tables && { tables: documents.applied.tables }),
            devices: fleet.hosts.size,
            fellBack: fleet.fellBack(),
          }),
          counters,
          loop: deps.loop,
          config: deps.configHash,
        }),
      send: async (said) => uplink?.state === 'welcomed' && uplink.publish('status', said),
    },
    clock,
  );
  const fleet = createFleet(world, fallback, log);
  const facts = (): Facts => ({
    welcomed: uplink?.state === 'welcomed',
    online: [...fleet.hosts].filter(([, host]) => host.commands.isOpen).map(([id]) => id),
  });
  const base = updatesUrl(config);
  const updater =
    deps.updates && base !== undefined
      ? createUpdater(
          {
            ...deps.updates,
            data: config.data,
            base,
            bytesPerS: config.updates.bytesPerS,
            version: VERSION,
            schema: SCHEMA_VERSION,
            packageFolder: fileURLToPath(packageFolderOf(import.meta.url)),
            online: () => facts().online,
          },
          clock,
        )
      : undefined;
  const commands = createCommands(
    {
      epoch,
      version: VERSION,
      store,
      limits,
      remembered: remembered.commands,
      hallTime,
      overrides,
      hosts: () => fleet.hosts,
      can: ({ document }, { act }) => driverOf(document.device.driver).acts?.includes(act) ?? false,
      ...(deps.restart ? { restart: deps.restart } : {}),
      ...(deps.logs ? { logs: deps.logs } : {}),
      ...(updater && { updater }),
      publish: (progress) => {
        if (uplink?.state === 'welcomed') void uplink.publish('commandState', progress);
      },
      recorded: outbox.recorded,
      count,
    },
    clock,
    log,
  );
  const lookAtAll = () => {
    for (const host of fleet.hosts.values()) host.look();
  };

  const discovery = createDiscovery({
    clock,
    log,
    epoch,
    finders,
    networks: deps.networks ?? ownNetworks,
    serialPorts: deps.serialPorts ?? serialPortsOfSystem,
    inUse: () =>
      placesInUse([...documents.desired.values(), ...[...fleet.hosts.values()].map(({ document }) => document)], driverOf, clock),
    publish: async (message) => uplink?.publish('discovered', message),
  });
  const traces = createDeviceTraces({
    clock,
    epoch,
    listen: (device, ear) => fleet.hosts.get(device)?.listen(ear),
    cutterOf: (device) => drivers.find(({ id }) => id === fleet.hosts.get(device)?.document.device.driver)?.cut,
    publish: async (device, message) => uplink?.publish('traced', message, device),
  });

  outbox.append({ type: 'agent.started', at: hallTime.nowMs(), data: { version: VERSION } });
  await fleet.become(documents.desired);

  function learn(sample: HallTimeSample): void {
    const before = hallTime.nowMs();
    const { speed, trust } = hallTime;
    hallTime.learn(sample);
    if (trust !== 'told') keepsTime.now();
    const jumped = Math.abs(hallTime.nowMs() - before) > TIME_JUMP_MS * Math.max(1, sample.speed);
    if (jumped || speed !== sample.speed || trust === 'untrusted') lookAtAll();
  }
  /** What else the server says about the time counts until it has been measured; after that it only makes doubt. */
  function hearOfTime(sample: HallTimeSample): void {
    if (!discipline.measured) return learn(sample);
    const differs = Math.abs(sample.hallMs - hallTime.nowMs()) > TIME_JUMP_MS * Math.max(1, sample.speed);
    if (differs || sample.speed !== hallTime.speed) discipline.doubt();
  }

  const hello = (): Payload<'hello'> => ({
    epoch,
    installId,
    version: VERSION,
    drivers: [...driverInfos],
    applied: { ...documents.applied, live: { gen: live.set.gen, seq: live.set.head } },
    outbox: { tail: outbox.span.tail, head: outbox.span.head },
    wallMs: clock.wall.nowMs(),
    heartbeatMs: HEARTBEAT_MS,
  });

  function onMessage(message: Incoming): void {
    switch (message.name) {
      case 'welcome':
        hearOfTime(message.data.hallTime);
        discipline.welcomed();
        status.welcomed();
        documents.keepOnly(message.data.devices);
        outbox.welcomed(message.data.outboxAck);
        for (const host of fleet.hosts.values()) host.report();
        commands.welcomed();
        return;
      case 'tables':
        return documents.takeTables(message.data);
      case 'desired':
        if (message.data.device.id !== message.device || message.data.device.agent !== agent) return count('dropped.device');
        return documents.takeDesired(message.data);
      case 'live':
        return live.take(message.data);
      case 'lease':
        hearOfTime(message.data.hallTime);
        return live.takeLease(message.data);
      case 'waiting':
        return local.takeWaiting(message.data);
      case 'upack':
        if (message.data.installId === installId) outbox.acknowledged(message.data.seq);
        else count('dropped.upack');
        return;
      case 'command':
        return commands.take(message.data);
      case 'discover':
        return discovery.take(message.data);
      case 'trace':
        return traces.take(message.device ?? '', message.data);
      case 'timeReply':
        return discipline.take(message.data);
      case 'serverState':
        log.info({ server: message.data.state }, 'server state');
    }
  }

  const connect = (id: string, url: string, credentials: (refusals: number) => Promise<Credentials>): void => {
    agent = id;
    uplink = startUplink(
      {
        hall: config.hall,
        agent: id,
        url,
        addresses,
        credentials,
        epoch,
        hello,
        onMessage,
        onState: (state) => {
          log.info({ uplink: state }, 'uplink changed');
          local.onUplink(state);
          if (state !== 'welcomed') {
            outbox.parted();
            discipline.parted();
          }
          // Two agents must not command the same strip: the one that is refused lets go of all.
          if (state === 'fenced') void fleet.become(new Map());
          if (state === 'welcomed') void fleet.become(documents.desired);
        },
        count,
      },
      { clock, log, random },
    );
  };
  if (asksToBeAdmitted(config)) {
    const { url, caFingerprint, mqttUrl } = config.server;
    const { onCodes = () => {} } = deps;
    const who = startMember(
      {
        hall: config.hall,
        url,
        wish: config.agent,
        caFingerprint,
        mqttUrl,
        files: identityFiles(config.data),
        onCodes: (codes) => {
          if (codes) log.info(codes, 'compare this code in the console');
          onCodes(codes);
        },
        onIdentity: (identity) =>
          connect(identity.agent, brokerUrl(identity, url, mqttUrl), async (refusals) => who.credentials(refusals)),
        onRenewed: () => void uplink?.reconnect(),
      },
      { clock, log, random, addresses },
    );
    member = who;
  } else if (config.agent !== undefined && passwordFile !== undefined) {
    connect(config.agent, config.server.url, async () => ({
      password: (await readFile(passwordFile, 'utf8')).trim(),
      ...(caFile !== undefined && { ca: await readFile(caFile, 'utf8') }),
    }));
  }

  let closing: Promise<void> | undefined;
  async function close(): Promise<void> {
    await member?.close();
    await uplink?.close();
    traces.close();
    discipline.close();
    status.close();
    await Promise.all([discovery.close(), documents.settled()]);
    const undone = commands.close();
    await local.close();
    await fleet.close();
    await undone;
    await overrides.close();
    outbox.append({ type: 'agent.stopped', at: hallTime.nowMs(), data: {} });
    await Promise.all([kiosk.close(), live.close(), outbox.close(), keepsTime.close()]);
    await store.close();
  }

  return {
    kioskUrl: kiosk.url,
    renewKey: async () => member?.renew(),
    callPort: local.callPort,
    facts,
    state: () => ({
      agent,
      codes: member?.codes,
      uplink: uplink?.state ?? 'offline',
      epoch,
      installId,
      live: { gen: live.set.gen, head: live.set.head, keys: live.set.entries.size },
      outbox: outbox.span,
      time: { trust: hallTime.trust, skewMs: discipline.skew()?.ms },
      devices: Object.fromEntries([...fleet.hosts].map(([id, host]) => [id, host.state()])),
      local: local.callPort.state(),
      counters: { ...counters },
    }),
    close: () => (closing ??= close()),
  };
}
