/** Makes what an agent consists of, ties it together, and ends it; nobody has connected yet. */
import { randomUUID } from 'node:crypto';
import type { Logger } from 'pino';
import { createCommands } from './commands/runner.ts';
import type { AgentConfig } from './config.ts';
import type { AgentDeps } from './deps.ts';
import { createDeviceTraces } from './devices/device-trace.ts';
import type { World } from './devices/device-host.ts';
import { createReportNumbers } from './devices/device-report.ts';
import { createFallback } from './devices/fallback.ts';
import { createFleet } from './devices/fleet.ts';
import { createDiscovery } from './discovery/discovery.ts';
import { ownNetworks, serialPortsOfSystem } from './discovery/networks.ts';
import { placesInUse } from './discovery/places.ts';
import { driverOf, drivers, finders } from './drivers/registry.ts';
import { createEnds } from './ends.ts';
import type { Codes } from './enrolment/enrol.ts';
import { createLocalLife } from './island/local-life.ts';
import { createBoards } from './kiosk/boards.ts';
import { startKioskServer } from './kiosk/server.ts';
import { createLiveKeeper } from './live/live-keeper.ts';
import { defaultLimits } from './outbox/limits.ts';
import { createOutbox } from './outbox/outbox.ts';
import { createOverrides } from './screens/overrides.ts';
import { gatherStatus } from './status/gather.ts';
import { createStatusReporter } from './status/status.ts';
import { watchStore } from './store/health.ts';
import { openStore } from './store/store.ts';
import { createAgentTime } from './time/agent-time.ts';
import { DEFAULT_ZONE } from './time/local-time.ts';
import { createDocuments } from './twin/documents.ts';
import type { Facts } from './update/health.ts';
import { ownUpdater } from './update/own-updater.ts';
import { createBeats } from './uplink/beats.ts';
import type { Line } from './uplink/line.ts';
import { createServerAddresses, resolveName } from './uplink/server-address.ts';
import { VERSION } from './version.ts';

export interface PartsOptions {
  readonly config: AgentConfig;
  readonly deps: AgentDeps;
  readonly log: Logger;
  readonly line: Line;
  /** Codes for people to compare, while the agent waits to be admitted. */
  readonly codes: () => Codes | undefined;
}
export type AgentParts = Awaited<ReturnType<typeof createAgentParts>>;

/**
 * The agent works from its store at once. What had begun ends again when a later part cannot start.
 * @throws HallError PORT_TAKEN, STORE_NEWER or STORE_FAILED.
 */
export async function createAgentParts({ config, deps, log, line, codes }: PartsOptions) {
  const { clock, random = Math.random } = deps;
  const epoch = randomUUID();
  const counters: Record<string, number> = {};
  const count = (name: string) => {
    counters[name] = (counters[name] ?? 0) + 1;
  };

  const startedMs = clock.machine.nowMs();
  const limits = deps.outboxLimits ?? defaultLimits;
  const ends = createEnds();
  const store = watchStore(await openStore(config.data, log));
  ends.add(() => store.close());
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
  const overrides = createOverrides(remembered.overrides, store, { clock, log });
  ends.add(() => overrides.close());
  const time = createAgentTime(
    { epoch, remembered: remembered.hallTime, store, line, onJump: () => lookAtAll(), count },
    clock,
    log,
  );
  ends.add(() => time.close());
  const { hallTime, discipline } = time;
  const boards = createBoards(clock);
  const zone = () => documents.tables?.calendar.zone ?? DEFAULT_ZONE;
  const outbox = createOutbox(
    {
      store,
      span: remembered.outbox,
      limits,
      send: (records) => line.publish('up', { epoch, installId, records }),
      count,
    },
    clock,
    log,
  );
  ends.add(() => outbox.close());
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
  const kiosk = await ends.unless(
    startKioskServer({ ...config.kiosk, epoch, boards, hallTime, zone, codes, slow: () => count('kiosk.slow') }, clock),
  );
  ends.add(() => kiosk.close());
  const beats = createBeats(clock.machine);
  const live = createLiveKeeper(
    {
      remembered: remembered.live,
      store,
      hallTime,
      beats,
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
        void line.publish('resync', { epoch, gen, seq });
      },
    },
    clock,
    log,
  );
  ends.add(() => live.close());
  const local = await ends.unless(
    createLocalLife(
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
    ),
  );
  const numbered = createReportNumbers();
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
    report: (device, report) => line.tell('reported', numbered(report), device),
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
      send: (said) => line.tell('status', said),
    },
    clock,
  );
  const fleet = createFleet(world, fallback, log);
  const facts = (): Facts => ({
    welcomed: line.state === 'welcomed',
    online: [...fleet.hosts].filter(([, host]) => host.commands.isOpen).map(([id]) => id),
  });
  const updater = ownUpdater(config, deps.updates, () => facts().online, clock);
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
      publish: (progress) => void line.tell('commandState', progress),
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
    publish: (message) => line.publish('discovered', message),
  });
  const traces = createDeviceTraces({
    clock,
    epoch,
    listen: (device, ear) => fleet.hosts.get(device)?.listen(ear),
    cutterOf: (device) => drivers.find(({ id }) => id === fleet.hosts.get(device)?.document.device.driver)?.cut,
    publish: (device, message) => line.publish('traced', message, device),
  });

  outbox.append({ type: 'agent.started', at: hallTime.nowMs(), data: { version: VERSION } });
  await fleet.become(documents.desired);

  return {
    epoch,
    installId,
    counters,
    count,
    beats,
    addresses,
    time,
    overrides,
    outbox,
    documents,
    kiosk,
    live,
    local,
    status,
    fleet,
    facts,
    commands,
    discovery,
    traces,
    /** Writes what waits and ends everything; whoever connected has said goodbye. */
    async close(): Promise<void> {
      traces.close();
      discipline.close();
      status.close();
      await Promise.all([discovery.close(), documents.settled()]);
      const undone = commands.close();
      await local.close();
      await fleet.close();
      await undone;
      outbox.append({ type: 'agent.stopped', at: hallTime.nowMs(), data: {} });
      await ends.run();
    },
  };
}
