/** What the server is told about one device: a whole document, the newest only. */
import { createTimer, type Clock, type DocumentVersion, type ErrorCode, type OverrideView, type Reported } from '@hall/contracts';
import type { Order } from '../drivers/driver.ts';
import { createNewest } from '../newest.ts';
import type { Link } from '../supervisor/link.ts';
import type { Outcome } from './device-runner.ts';

export interface DeviceReport {
  /** The document in force, and the newer one that is refused. */
  applied(version: DocumentVersion, refused?: Reported['refused']): void;
  link(link: Link, code?: ErrorCode): void;
  /** Something new is to be shown; nothing is known about it yet. */
  decided(order: Order | undefined): void;
  /** The same picture rests on something else. */
  rebased(): void;
  told(outcome: Outcome): void;
  count(name: string, by?: number): void;
  /** Says it again, e.g. to a server that has just been met. */
  publish(): void;
  /** Says nothing more, also of what waits: the device may have another host by then. */
  close(): void;
  readonly now: Omit<Reported, 'seq' | 'at'>;
}

/** Not yet numbered: the number grows over all hosts that a device has within an epoch. */
export type UnnumberedReport = Omit<Reported, 'seq'>;

/** Numbers what is said of the devices of an agent: a host that is opened anew goes on where the one before has ended. */
export function createReportNumbers(): (report: UnnumberedReport) => Reported {
  let seq = 0;
  return (report) => ({ ...report, seq: (seq += 1) });
}

/** A device that is slow or overtaken all the time does not confirm the newest picture; so long the server waits for it, ms. */
const LATEST_MS = 500;
/**
 * What the devices of an agent confirm within so long is said in one go, ms. The fact of the confirmation takes its own way
 * (the outbox); this is what holds now, and ten small messages in one packet cost a fraction of ten packets.
 */
export const GATHER_MS = 100;

/** `send` resolves when the broker took it or never will. Times in the report are wall time. */
export function createDeviceReport(
  epoch: string,
  send: (report: UnnumberedReport) => Promise<unknown>,
  clock: Clock,
  overrides: () => readonly OverrideView[] = () => [],
): DeviceReport {
  const counters: Record<string, number> = {};
  let version: DocumentVersion | undefined;
  let refused: Reported['refused'];
  let at: Reported['link'] = 'offline';
  let since = clock.wall.nowMs();
  let error: ErrorCode | undefined;
  let order: Order | undefined;
  let outcome: Outcome | undefined;
  let closed = false;
  /** Machine time at which there is something to say. */
  let dueMs = Number.POSITIVE_INFINITY;

  const sending = createNewest<undefined>(async () => {
    if (closed) return;
    dueMs = Number.POSITIVE_INFINITY;
    late.clear();
    await send({ ...now(), at: clock.wall.nowMs() });
  });
  const late = createTimer(clock, () => sending.give(undefined));
  const sayBy = (byMs: number) => {
    if (byMs >= dueMs) return;
    dueMs = byMs;
    late.set(byMs);
  };

  function now(): Omit<Reported, 'seq' | 'at'> {
    const over = overrides();
    return {
      epoch,
      link: at,
      since,
      counters: { ...counters },
      ...(over.length > 0 ? { overrides: [...over] } : {}),
      ...(version ? { applied: version } : {}),
      ...(refused ? { refused } : {}),
      ...(error === undefined || at === 'online' ? {} : { error }),
      ...(order ? { screen: screen(order, outcome?.order === order ? outcome : undefined) } : {}),
    };
  }

  return {
    get now() {
      return now();
    },
    applied(next, not) {
      version = next;
      refused = not;
    },
    link(link, code) {
      // A device that is tried again and again is offline all the while.
      const next = link.at === 'opening' ? 'offline' : link.at;
      const same = next === at && (code === undefined || code === error);
      if (code !== undefined) error = code;
      if (next !== 'online') outcome = undefined;
      if (next !== at) since = clock.wall.nowMs();
      at = next;
      if (!same) sending.give(undefined);
    },
    decided(next) {
      order = next;
      if (at !== 'online') return sending.give(undefined);
      // While the device is there, its answer is the next thing to say.
      sayBy(clock.machine.nowMs() + LATEST_MS);
    },
    rebased() {
      if (at !== 'online' || outcome?.order === order) sending.give(undefined);
    },
    told(next) {
      outcome = next;
      // All devices look at the same marks, so they speak in the same turn.
      if (next.order === order) sayBy((Math.floor(clock.machine.nowMs() / GATHER_MS) + 1) * GATHER_MS);
    },
    count(name, by = 1) {
      counters[name] = (counters[name] ?? 0) + by;
    },
    publish: () => sending.give(undefined),
    close: () => {
      closed = true;
      late.stop();
    },
  };
}

/** Longest line and most lines a report may hold. */
const LINE_CHARACTERS = 400;
const LINES = 400;

function screen(order: Order, outcome: Outcome | undefined): NonNullable<Reported['screen']> {
  const { hash, text, decidedAt } = order;
  return {
    hash,
    text: text.slice(0, LINES).map((line) => line.slice(0, LINE_CHARACTERS)),
    ...order.basis(),
    decidedAt,
    level: outcome?.level ?? 'none',
    ...(outcome ? { sentAt: outcome.sentAt, confirmedAt: outcome.confirmedAt } : {}),
  };
}
