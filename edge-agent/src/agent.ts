/** The edge agent: makes true on hardware what the hall server wants, and goes on alone when the server is away. */
import { randomUUID } from 'node:crypto';
import { existsSync } from 'node:fs';
import { HallError, type Clock, type Payload } from '@hall/contracts';
import type { Logger } from 'pino';
import type { AgentConfig } from './config.ts';
import { createFleet } from './devices/fleet.ts';
import type { DeviceState, World } from './devices/device-host.ts';
import { driverInfos, driverOf } from './drivers/registry.ts';
import { createBoards } from './kiosk/boards.ts';
import { startKioskServer } from './kiosk/server.ts';
import { createLiveKeeper } from './live/live-keeper.ts';
import { defaultLimits, type OutboxLimits } from './outbox/limits.ts';
import { createOutbox } from './outbox/outbox.ts';
import type { OutboxSpan } from './outbox/sql.ts';
import { openStore } from './store/store.ts';
import { createHallTime, type HallTimeSample } from './time/hall-time.ts';
import { DEFAULT_ZONE } from './time/local-time.ts';
import { createDocuments } from './twin/documents.ts';
import type { Incoming } from './uplink/messages.ts';
import { HEARTBEAT_MS, startUplink, type Uplink, type UplinkState } from './uplink/uplink.ts';
import { VERSION } from './version.ts';

/** Hall time that moved by more than this between two samples has jumped, and every screen is looked at anew, hall ms. */
const TIME_JUMP_MS = 1000;

export interface AgentDeps {
  readonly clock: Clock;
  readonly log: Logger;
  /** In [0, 1); spreads retries. */
  readonly random?: () => number;
  readonly outboxLimits?: OutboxLimits;
}

export interface AgentState {
  readonly uplink: UplinkState;
  readonly epoch: string;
  readonly installId: string;
  readonly live: { readonly gen: string; readonly head: number; readonly keys: number };
  readonly outbox: OutboxSpan;
  readonly devices: Readonly<Record<string, DeviceState>>;
  /** Dropped messages, requests for a resync and the like, by name. */
  readonly counters: Readonly<Record<string, number>>;
}

export interface EdgeAgent {
  /** Board pages are `{kioskUrl}/screen/{device}`. */
  readonly kioskUrl: string;
  /** What the agent is doing; for tests and for the log. */
  state(): AgentState;
  /** Says goodbye, writes what waits and closes everything. May be called more than once. */
  close(): Promise<void>;
}

/**
 * Starts an agent. It works from its store at once and from the server as soon as that answers.
 * @throws HallError CONFIG_INVALID (`field`), PORT_TAKEN, STORE_NEWER or STORE_FAILED.
 */
export async function createEdgeAgent(config: AgentConfig, deps: AgentDeps): Promise<EdgeAgent> {
  const { clock, random = Math.random } = deps;
  const log = deps.log.child({ hall: config.hall, agent: config.agent });
  if (!existsSync(config.server.passwordFile)) {
    throw new HallError('CONFIG_INVALID', { field: 'server.passwordFile', reason: 'the file does not exist' });
  }
  const epoch = randomUUID();
  const counters: Record<string, number> = {};
  const count = (name: string) => {
    counters[name] = (counters[name] ?? 0) + 1;
  };

  let uplink: Uplink | undefined;

  const store = await openStore(config.data, log);
  const remembered = await store.call('remember');
  const { installId } = remembered;
  const hallTime = createHallTime(clock, remembered.hallTime);
  const boards = createBoards(clock);
  const zone = () => documents.tables?.calendar.zone ?? DEFAULT_ZONE;
  const outbox = createOutbox(
    {
      store,
      span: remembered.outbox,
      limits: deps.outboxLimits ?? defaultLimits,
      send: async (records) => (await uplink?.publish('up', { epoch, installId, records })) ?? false,
      count,
    },
    clock,
    log,
  );
  const documents = createDocuments(
    remembered,
    store,
    { onTables: () => lookAtAll(), onDesired: () => void fleet.become(documents.desired) },
    log,
  );
  const kiosk = await startKioskServer({ ...config.kiosk, epoch, boards, hallTime, zone }, clock).catch(
    async (error: unknown) => {
      await outbox.close();
      await store.close();
      throw error;
    },
  );
  const live = createLiveKeeper(
    {
      remembered: remembered.live,
      store,
      hallTime,
      onChange: (changed) => {
        for (const host of fleet.hosts.values()) host.lookIfBound(changed);
      },
      onLease: () => {
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
  const world: World = {
    clock,
    random,
    log,
    epoch,
    hallTime,
    boards,
    startedMs: clock.machine.nowMs(),
    driverOf,
    live: () => live.set,
    tables: () => documents.tables,
    append: outbox.append,
    report: async (device, report) => uplink?.state === 'welcomed' && uplink.publish('reported', report, device),
  };
  const fleet = createFleet(world, log);
  const lookAtAll = () => {
    for (const host of fleet.hosts.values()) host.look();
  };

  outbox.append({ type: 'agent.started', at: hallTime.nowMs(), data: { version: VERSION } });
  await fleet.become(documents.desired);

  function learn(sample: HallTimeSample): void {
    const before = hallTime.nowMs();
    const speed = hallTime.speed;
    hallTime.learn(sample);
    const jumped = Math.abs(hallTime.nowMs() - before) > TIME_JUMP_MS * Math.max(1, sample.speed);
    if (jumped || speed !== sample.speed) lookAtAll();
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
        learn(message.data.hallTime);
        documents.keepOnly(message.data.devices);
        outbox.welcomed(message.data.outboxAck);
        for (const host of fleet.hosts.values()) host.report();
        return;
      case 'tables':
        return documents.takeTables(message.data);
      case 'desired':
        if (message.data.device.id !== message.device || message.data.device.agent !== config.agent)
          return count('dropped.device');
        return documents.takeDesired(message.data);
      case 'live':
        return live.take(message.data);
      case 'lease':
        learn(message.data.hallTime);
        return live.takeLease(message.data);
      case 'upack':
        if (message.data.installId === installId) outbox.acknowledged(message.data.seq);
        else count('dropped.upack');
        return;
      case 'serverState':
        log.info({ server: message.data.state }, 'server state');
    }
  }

  uplink = startUplink(
    {
      hall: config.hall,
      agent: config.agent,
      ...config.server,
      epoch,
      hello,
      onMessage,
      onState: (state) => {
        log.info({ uplink: state }, 'uplink changed');
        if (state !== 'welcomed') outbox.parted();
        // Two agents must not command the same strip: the one that is refused lets go of all.
        if (state === 'fenced') void fleet.become(new Map());
        if (state === 'welcomed') void fleet.become(documents.desired);
      },
      count,
    },
    { clock, log, random },
  );

  let closing: Promise<void> | undefined;
  async function close(): Promise<void> {
    await uplink?.close();
    await documents.settled();
    await fleet.close();
    outbox.append({ type: 'agent.stopped', at: hallTime.nowMs(), data: {} });
    await Promise.all([kiosk.close(), live.close(), outbox.close()]);
    await store.close();
  }

  return {
    kioskUrl: kiosk.url,
    state: () => ({
      uplink: uplink?.state ?? 'offline',
      epoch,
      installId,
      live: { gen: live.set.gen, head: live.set.head, keys: live.set.entries.size },
      outbox: outbox.span,
      devices: Object.fromEntries([...fleet.hosts].map(([id, host]) => [id, host.state()])),
      counters: { ...counters },
    }),
    close: () => (closing ??= close()),
  };
}
