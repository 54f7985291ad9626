/** The whole simulated hall: strips, platform, cables, truth and checker, and the page that shows them. */
import type { Clock } from '@hall/contracts';
import {
  createCityPlatform,
  createSender,
  type CityPlatform,
  type Delivery,
  type PlatformEvent,
  type Sender,
} from '@hall/simulators';
import { openAgentCable, type AgentCable } from './agent-cable.ts';
import { createChecker, type Checker } from './checker.ts';
import type { StageConfig } from './config.ts';
import { noControl, type ControlPort, type ProcessState } from './control.ts';
import { readPassing } from './passing.ts';
import type { ToldView } from './stage-messages.ts';
import { startStageServer } from './stage-server.ts';
import { openStrips, type StageStrip } from './strips.ts';
import { createTraces, type Traces } from './traces.ts';
import { createTruth, type Truth } from './truth.ts';

const LOOK_MS = 100;
const TRUTH_TICK_MS = 1000;

export interface VirtualHallDeps {
  readonly clock: Clock;
  /** Default: nothing can be killed. */
  readonly control?: ControlPort;
  /** Strips that already listen, where ports had to be known before the content; closed with the hall. */
  readonly strips?: readonly StageStrip[];
}

/** What has changed since the page was told last. */
export interface Dirty {
  readonly strips: Set<string>;
  readonly windows: Set<string>;
  readonly told: Set<string>;
  readonly traces: Set<string>;
}

export interface Feed {
  connected: boolean;
  why: string;
  sent: number;
  accepted: number;
  duplicate: number;
  quarantined: number;
  refused: number;
}

export interface VirtualHall {
  /** Address of the page. */
  readonly url: string;
  readonly config: StageConfig;
  readonly strips: ReadonlyMap<string, StageStrip>;
  readonly cables: ReadonlyMap<string, AgentCable>;
  readonly processes: ReadonlyMap<string, ProcessState>;
  readonly told: ReadonlyMap<string, ToldView>;
  readonly platform: CityPlatform;
  readonly sender: Sender;
  readonly feed: Readonly<Feed>;
  readonly truth: Truth;
  readonly checker: Checker;
  readonly traces: Traces;
  readonly control: ControlPort;
  close(): Promise<void>;
}

/** What the page's server works with: the hall, and what changed in it. */
export type RunningHall = Omit<VirtualHall, 'url' | 'close'> & {
  /** Takes what has changed since the last time. */
  changes(): Dirty;
  readonly startedMs: number;
};

const emptyDirty = (): Dirty => ({ strips: new Set(), windows: new Set(), told: new Set(), traces: new Set() });

/**
 * Opens strips and cables, begins to play, and serves the page. Rejects with the system's error where a port is taken;
 * nothing stays open then.
 */
export async function createVirtualHall(config: StageConfig, deps: VirtualHallDeps): Promise<VirtualHall> {
  const { clock, control = noControl } = deps;
  const closing: (() => Promise<void> | void)[] = [];
  const closeAll = async () => {
    for (const close of closing.splice(0).toReversed()) await close();
  };
  try {
    const strips = new Map((deps.strips ?? (await openStrips(config.content, clock))).map((strip) => [strip.id, strip]));
    closing.push(async () => void (await Promise.all([...strips.values()].map((strip) => strip.close()))));
    return await run(config, clock, control, strips, closing, closeAll);
  } catch (error) {
    await closeAll();
    throw error;
  }
}

async function run(
  config: StageConfig,
  clock: Clock,
  control: ControlPort,
  strips: ReadonlyMap<string, StageStrip>,
  closing: (() => Promise<void> | void)[],
  closeAll: () => Promise<void>,
): Promise<VirtualHall> {
  const { content } = config;
  const windowOf = new Map(content.devices.map((device) => [device.id, device.screen?.window ?? '']));
  const agentOf = new Map(content.devices.map((device) => [device.id, device.agent]));
  let dirty = emptyDirty();
  const told = new Map<string, ToldView>();
  const processes = new Map<string, ProcessState>();
  const cables = new Map<string, AgentCable>();
  const feed: Feed = { connected: false, why: '', sent: 0, accepted: 0, duplicate: 0, quarantined: 0, refused: 0 };
  const truth = createTruth(content, clock, config.simulation.speed);
  const traces = createTraces((trace) => dirty.traces.add(trace.id));

  const running = (name: string) => (processes.get(name) ?? 'running') === 'running';
  const cut = (strip: StageStrip): boolean => {
    const agent = agentOf.get(strip.id) ?? '';
    const onTheWay = feed.connected && running('server') && running(agent) && cables.get(agent)?.unplugged !== true;
    return strip.unplugged || !strip.simulator.state.powered || !onTheWay;
  };
  const checker = createChecker({
    clock,
    truth,
    maxAgeMs: content.settings.liveMaxAgeS * 1000,
    strips: [...strips.values()].map((strip) => ({
      id: strip.id,
      picture: () => strip.simulator.picture(),
      storedKey: strip.storedKey,
      darkKey: strip.darkKey,
      cut: () => cut(strip),
    })),
    changed: (id) => dirty.strips.add(id),
  });
  for (const { id, simulator } of strips.values()) {
    closing.push(
      simulator.onChange(() => {
        checker.seen(id);
        dirty.strips.add(id);
      }),
      simulator.onFrame((frame) => traces.frame(id, windowOf.get(id) ?? '', frame)),
    );
  }
  for (const { agent, port } of config.cables.agents) {
    const cable = await openAgentCable({
      agent,
      port,
      target: config.cables.target,
      message: (_, message) =>
        readPassing(message, {
          liveField: (field, topic, bytes) => traces.liveField(field, topic, bytes, clock.machine.nowMs()),
          told: (view) => {
            told.set(view.device, view);
            dirty.told.add(view.device);
          },
        }),
    });
    cables.set(agent, cable);
    closing.push(() => cable.close());
  }
  closing.push(
    control.watch((name, state) => {
      processes.set(name, state);
      checker.look();
    }),
  );

  const delivered = (delivery: Delivery) => {
    truth.acknowledged(1);
    feed[delivery.outcome] += 1;
    traces.delivered(delivery);
  };
  const sender = createSender({
    clock,
    hall: config.hall,
    baseUrl: config.server.baseUrl,
    secret: config.server.secret,
    delivered,
    snapshotDelivered: () => truth.acknowledged(1),
    connected: (connected, why) => {
      Object.assign(feed, { connected, why });
      checker.look();
    },
  });
  closing.push(() => sender.close());

  const send = (event: PlatformEvent) => {
    feed.sent += 1;
    for (const id of truth.sent(event)) dirty.strips.add(id);
    traces.sent(event, clock.machine.nowMs());
    const { window } = event.data;
    if (typeof window === 'string') dirty.windows.add(window);
    sender.send(event);
  };
  const platform = createCityPlatform({
    clock,
    content,
    send,
    day: config.day,
    seed: config.seed,
    tickets: config.tickets,
    source: config.server.source,
    speed: config.simulation.speed,
    catchUp:
      config.catchUp === 'events'
        ? 'events'
        : {
            snapshot: (snapshot) => {
              truth.snapshotSent(snapshot);
              sender.sendSnapshot(snapshot);
            },
          },
  });
  closing.push(() => platform.close());

  const over = new AbortController();
  const looking = lookAround();
  closing.push(async () => {
    over.abort(new Error('closed'));
    await looking;
  });
  async function lookAround(): Promise<void> {
    let tickedMs = 0;
    while (!over.signal.aborted) {
      await clock.machine.sleep(LOOK_MS, over.signal).catch(() => {});
      if (clock.machine.nowMs() - tickedMs >= TRUTH_TICK_MS) {
        tickedMs = clock.machine.nowMs();
        truth.tick();
      }
      checker.look();
    }
  }

  const hall = { config, strips, cables, processes, told, platform, sender, feed, truth, checker, traces, control };
  const page = await startStageServer(
    {
      ...hall,
      startedMs: clock.machine.nowMs(),
      changes() {
        const taken = dirty;
        dirty = emptyDirty();
        return taken;
      },
    },
    clock,
  );
  closing.push(() => page.close());
  return { ...hall, url: page.url, close: closeAll };
}
