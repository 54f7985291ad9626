/** One device of the agent: its link, what its screen is to show, and what the server is told about both. */
import {
  codeOf,
  createTimer,
  type Clock,
  type ErrorCode,
  type Live,
  type Moment,
  type Reported,
  type Tables,
} from '@hall/contracts';
import { boundFields } from '@hall/model';
import type { Logger } from 'pino';
import type { Basis, Driver, DriverContext, Order, Replacement } from '../drivers/driver.ts';
import type { Boards } from '../kiosk/boards.ts';
import type { LiveSet } from '../live/live-set.ts';
import { blackened, darkened } from '../island/blank.ts';
import type { NewRecord } from '../outbox/sql.ts';
import { decide, isOvertaken, isSameDrawing, liveFor, vouchedUntil, type Decision } from '../screens/decide.ts';
import { nextEndMs, overlaid, overrideViews, panelOf, type Overrides } from '../screens/overlay.ts';
import type { Link } from '../supervisor/link.ts';
import type { LearntHallTime } from '../time/hall-time.ts';
import { certainPart } from '../time/trust.ts';
import { DEFAULT_ZONE, localTime } from '../time/local-time.ts';
import { isRefusal, type InForce } from '../twin/last-good.ts';
import { planOf, type Document } from '../twin/reconcile.ts';
import { createDeviceCommands, type DeviceCommands } from './device-commands.ts';
import { createDeviceReport, type UnnumberedReport } from './device-report.ts';
import { startRunner, type DeviceRunner, type Outcome } from './device-runner.ts';

/** Timers of the platform do not reach further than some days; looking again every hour costs nothing. */
const LOOK_AGAIN_MS = 60 * 60 * 1000;
/** A device that cannot take an order is decided for so long after a change all the same, ms: the server wants to know. */
const LATEST_MS = 500;
/** Texts whose replaced characters were reported already, per device. */
const REMEMBERED_TEXTS = 256;

/** What all devices of an agent share. */
export interface World {
  readonly clock: Clock;
  readonly random: () => number;
  readonly log: Logger;
  readonly epoch: string;
  readonly hallTime: LearntHallTime;
  readonly boards: Boards;
  /** Machine time of the start of this process. */
  readonly startedMs: number;
  /** @throws HallError DRIVER_UNKNOWN. */
  driverOf(id: string): Driver;
  live(): LiveSet;
  tables(): Tables | undefined;
  /** What stands over the plan of a device now. */
  overrides(device: string): Overrides;
  /** The local blank key holds all screens black. */
  blanked(): boolean;
  append(record: NewRecord): void;
  report(device: string, report: UnnumberedReport): Promise<unknown>;
}

/** What became of a document at its device. */
export interface DocumentEar {
  opened(document: InForce): void;
  refused(document: InForce, code: ErrorCode): void;
}

export type ByteEar = (direction: 'in' | 'out', bytes: Uint8Array) => void;

export interface DeviceHost {
  readonly document: InForce;
  /** What a command may ask of the device. */
  readonly commands: DeviceCommands;
  /** Takes a document that differs only in what is shown. */
  replan(document: InForce): void;
  /** Decides again what is shown, for whatever reason. */
  look(): void;
  /** Has it decided again, as soon as the device can take an order, if one of these live fields is on the screen. */
  lookIfBound(changed: ReadonlySet<string>): void;
  /** Decides again if the screen is waiting for its fields to be believed. */
  lookIfStale(): void;
  /** Tells the server everything again. */
  report(): void;
  state(): DeviceState;
  /** Hears every byte between agent and device until the returned function is called. */
  listen(ear: ByteEar): () => void;
  close(): Promise<void>;
}

export type DeviceState = Omit<Reported, 'seq' | 'at'> & { readonly device: unknown };

export function startDevice(first: InForce, world: World, ear?: DocumentEar): DeviceHost {
  const { clock, hallTime } = world;
  const id = first.device.id;
  const log = world.log.child({ device: id, driver: first.device.driver });
  const over = new AbortController();
  const views = () => overrideViews(world.overrides(id), clock.machine.nowMs(), clock.wall.nowMs());
  const report = createDeviceReport(world.epoch, (data) => world.report(id, data), clock, views);
  const commands = createDeviceCommands({ clock, signal: over.signal, open: () => runner?.open(), order: () => order });
  const reportedTexts = new Set<string>();
  const ears = new Set<ByteEar>();
  let document = first;
  let fields = fieldsOf(document);
  let order: Order | undefined;
  let rebase: (basis: Basis) => void = () => {};
  let confirmedHash: string | undefined;
  let leaking = false;
  /** A field has changed since the last decision. */
  let due = false;
  /** Machine time at which the answer can change by itself. */
  let changesMs = Number.POSITIVE_INFINITY;
  const timer = createTimer(clock, look);

  const fact = (type: NewRecord['type'], data: Record<string, unknown>) =>
    world.append({ type, at: hallTime.nowMs(), device: id, data });

  function textReplaced(text: string, replaced: readonly Replacement[]): void {
    if (reportedTexts.has(text)) return;
    if (reportedTexts.size >= REMEMBERED_TEXTS) reportedTexts.clear();
    reportedTexts.add(text);
    report.count('replaced', replaced.length);
    fact('text.replaced', { text, replaced: replaced.map(({ char, by }) => [char, by]) });
  }

  function onLink(link: Link, cause?: { code: string; error: unknown }): void {
    const before = report.now.link;
    const code = cause && codeOf(cause.error);
    report.link(link, code);
    const { link: now } = report.now;
    if (now === 'online') {
      commands.opened();
      ear?.opened(document);
    }
    if (link.at === 'offline') commands.lost(cause?.error);
    if (isRefusal(code)) ear?.refused(document, code);
    if (now === before) return;
    log[now === 'offline' ? 'warn' : 'info']({ link: now, code, details: detailsOf(cause?.error) }, 'device link changed');
    fact('device.link', { link: now, ...(code === undefined ? {} : { code }) });
  }

  function onTold(outcome: Outcome): void {
    if (due) decideNow();
    report.told(outcome);
    commands.told(outcome);
    const { hash, text, decidedAt } = outcome.order;
    if (hash === confirmedHash) return;
    confirmedHash = hash;
    const { level, sentAt, confirmedAt } = outcome;
    fact('screen.confirmed', { hash, text, ...outcome.order.basis(), level, decidedAt, sentAt, confirmedAt });
  }

  const context: DriverContext = {
    device: id,
    clock,
    signal: over.signal,
    log,
    boards: world.boards,
    localTime: () => localTime(hallTime.nowMs(), world.tables()?.calendar.zone ?? DEFAULT_ZONE),
    panel: () => panelOf(world.overrides(id)),
    count: report.count,
    textReplaced,
    bytes: (direction, bytes) => {
      for (const ear of ears) ear(direction, bytes);
    },
  };

  let runner: DeviceRunner | undefined;
  apply();
  try {
    const { driver, settings } = document.device;
    runner = startRunner(
      world.driverOf(driver),
      settings,
      context,
      { onLink, onTold, newest },
      { clock, signal: over.signal, random: world.random },
    );
  } catch (error) {
    log.error({ code: codeOf(error), details: detailsOf(error) }, 'device cannot be started');
    report.link({ at: 'offline', attempt: 0, waitMs: 0 }, codeOf(error));
  }

  function apply(): void {
    const { fallen, version } = document;
    report.applied(fallen?.good ?? version, fallen && { version, code: fallen.code });
  }

  function look(): void {
    decideNow();
    runner?.wake();
  }

  /**
   * Deciding is put off while the device is busy, for under load most of what it would be told is overtaken meanwhile. After a
   * standstill it may be asked for before the timer has come round.
   */
  function newest(): Order | undefined {
    if (due || clock.machine.nowMs() >= changesMs) decideNow();
    return order;
  }

  function decideNow(): void {
    due = false;
    const tables = world.tables();
    const whole = planOf(document);
    const planned = whole && hallTime.trust === 'untrusted' ? certainPart(whole) : whole;
    if (over.signal.aborted || !tables || !planned) return;
    const overrides = world.overrides(id);
    const plan = world.blanked() ? blackened(planned) : overlaid(planned, document.device, overrides);
    const moment = { machineMs: clock.machine.nowMs(), hallMs: hallTime.nowMs() };
    const live: Live = liveFor(plan, world.live(), world.startedMs);
    const size = { widthPx: plan.widthPx, heightPx: plan.heightPx };
    const panel = panelOf(overrides);
    const decided = decide({ plan, size, tables, live, moment, wallMs: clock.wall.nowMs(), panel });
    const decision = world.blanked() ? darkened(decided) : decided;
    guard(decision);
    const endsMs = nextEndMs(overrides) ?? Number.POSITIVE_INFINITY;
    changesMs = Math.min(moment.machineMs + changesInMs(decision, moment), Math.max(endsMs, moment.machineMs + 1));
    timer.set(changesMs);
    if (order && isSameDrawing(order, decision.drawing)) {
      if (isSameBasis(order.basis(), decision.basis)) return;
      rebase(decision.basis);
      report.rebased();
      return;
    }
    order = orderFor(decision);
    report.decided(order);
  }

  function orderFor({ drawing, basis: first }: Decision): Order {
    let basis = first;
    rebase = (next) => {
      basis = next;
    };
    let vouchedMs: number | undefined;
    /** What vouches for a newer value says nothing of this picture: its time stays as it was last. */
    const vouchedUntilMs = () => {
      if (drawing.panel.endsMs !== undefined) return drawing.panel.endsMs;
      if (!isOvertaken(basis.fields, world.live())) vouchedMs = vouchedUntil(basis.fields, drawing.maxAgeMs, world.live());
      return vouchedMs;
    };
    vouchedUntilMs();
    return {
      ...drawing,
      basis: () => basis,
      // A card that is cut off hides a passing picture at its end without anybody's help.
      vouchedUntilMs,
    };
  }

  function guard({ leak }: Decision): void {
    if (leak !== undefined && !leaking) {
      log.error({ code: 'TEXT_REFUSED', leak }, 'a personal datum was kept from the screen');
      report.count('leaks');
      fact('text.replaced', { code: 'TEXT_REFUSED', leak });
    }
    leaking = leak !== undefined;
  }

  /** How soon the answer can change by itself, machine ms. */
  function changesInMs({ nextMachineMs, nextHallMs }: Decision, { machineMs, hallMs }: Moment): number {
    const byAge = nextMachineMs === undefined ? LOOK_AGAIN_MS : nextMachineMs - machineMs;
    const byHall = nextHallMs === undefined ? LOOK_AGAIN_MS : (nextHallMs - hallMs) / hallTime.speed;
    return Math.max(1, Math.min(byAge, byHall, LOOK_AGAIN_MS));
  }

  look();
  report.publish();
  return {
    get document() {
      return document;
    },
    commands,
    replan(next) {
      document = next;
      fields = fieldsOf(next);
      apply();
      if (report.now.link === 'online') ear?.opened(next);
      look();
      report.publish();
    },
    look,
    lookIfBound(changed) {
      if (![...changed].some((key) => fields.has(key))) return;
      if (!due) timer.set(Math.min(changesMs, clock.machine.nowMs() + LATEST_MS));
      due = true;
      runner?.wake();
    },
    lookIfStale() {
      const freshness = order?.basis().freshness;
      if (freshness === 'stale' || freshness === 'safe') look();
    },
    report: report.publish,
    state: () => ({ ...report.now, device: runner?.read() }),
    listen(ear) {
      ears.add(ear);
      return () => void ears.delete(ear);
    },
    async close() {
      timer.stop();
      over.abort();
      await runner?.ended;
      report.close();
    },
  };
}

const fieldsOf = (document: Document): ReadonlySet<string> => {
  const plan = planOf(document);
  return new Set(plan ? boundFields(plan) : []);
};

const isSameBasis = (one: Basis, other: Basis): boolean =>
  one.freshness === other.freshness &&
  Object.keys(one.fields).length === Object.keys(other.fields).length &&
  Object.entries(one.fields).every(([key, seq]) => other.fields[key] === seq);

/** Numbers and names of a failure for the log; causes are messages of the system, not of devices or people. */
function detailsOf(error: unknown): unknown {
  if (!(error instanceof Error)) return undefined;
  const details = 'details' in error ? error.details : {};
  return { ...(details as object), ...(error.cause instanceof Error ? { cause: error.cause.message } : {}) };
}
