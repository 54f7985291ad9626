/**
 * One direction of a line, with whatever faults it has just now. Bytes keep their order, and none is lost unless a fault says so:
 * what stalls comes when the stall is over.
 */
import type { Clock } from '@hall/contracts';

export interface LaneFaults {
  /** Every byte arrives so much later, ms; what comes together arrives together. */
  readonly delayMs: number;
  /** Nothing arrives until this is over; the bytes wait. */
  readonly stalled: boolean;
  /** What comes is thrown away and nobody is told: the cable of a half-open connection. */
  readonly lost: boolean;
  /** Bytes arrive one by one, so many ms apart. */
  readonly dribbleMs: number | undefined;
  /** Share of the bytes that are changed, 0 to 1. */
  readonly corrupt: number;
  /** The line is cut after so many more bytes of this direction. */
  readonly cutAfterBytes: number | undefined;
}

export const healthy: LaneFaults = {
  delayMs: 0,
  stalled: false,
  lost: false,
  dribbleMs: undefined,
  corrupt: 0,
  cutAfterBytes: undefined,
};

/** The faults of a direction, changed while it is used. All connections of a line share them. */
export interface FaultSwitch {
  readonly now: LaneFaults;
  set(faults: Partial<LaneFaults>): void;
  /** Aborts at the next change; another one afterwards. */
  readonly change: AbortSignal;
}

export function faultSwitch(): FaultSwitch {
  let now = healthy;
  let change = new AbortController();
  return {
    get now() {
      return now;
    },
    set(faults) {
      now = { ...now, ...faults };
      const before = change;
      change = new AbortController();
      before.abort();
    },
    get change() {
      return change.signal;
    },
  };
}

/** A stall ends by a change, which wakes; looking again at times costs nothing, ms. */
const STALL_LOOK_MS = 60_000;

export interface LaneOptions {
  readonly faults: FaultSwitch;
  readonly clock: Pick<Clock, 'machine'>;
  /** In [0, 1); decides which bytes are changed, and to what. */
  readonly random: () => number;
  /** Takes bytes at the far end; resolves when there is room for more. */
  readonly deliver: (bytes: Uint8Array) => Promise<void>;
  /** The line is to be cut. */
  readonly cut: () => void;
}

export interface Lane {
  push(bytes: Uint8Array): void;
  /** Bytes that have not arrived. */
  readonly waiting: number;
  /** Resolves when all that was pushed has arrived, was thrown away, or the lane is closed. */
  drained(): Promise<void>;
  /** Throws away what waits. */
  close(): void;
}

export function createLane({ faults, clock: { machine }, random, deliver, cut }: LaneOptions): Lane {
  const over = new AbortController();
  const queue: { readonly bytes: Uint8Array; readonly atMs: number }[] = [];
  let waiting = 0;
  let running: Promise<void> = Promise.resolve();
  let busy = false;

  const damaged = (bytes: Uint8Array): Uint8Array => {
    const { corrupt } = faults.now;
    if (corrupt === 0) return bytes;
    return bytes.map((byte) => (random() < corrupt ? byte ^ (1 + Math.floor(random() * 255)) : byte));
  };

  /** Until the bytes that came at `atMs` may go on; the faults may change meanwhile. */
  async function hold(atMs: number): Promise<void> {
    while (!over.signal.aborted) {
      const { stalled, delayMs } = faults.now;
      const leftMs = atMs + delayMs - machine.nowMs();
      if (!stalled && leftMs <= 0) return;
      await machine.sleep(stalled ? STALL_LOOK_MS : leftMs, AbortSignal.any([over.signal, faults.change])).catch(() => {});
    }
  }

  async function pass(bytes: Uint8Array): Promise<void> {
    const { dribbleMs, cutAfterBytes } = faults.now;
    const upTo = Math.min(bytes.length, cutAfterBytes ?? bytes.length);
    const size = dribbleMs === undefined ? Math.max(1, upTo) : 1;
    for (let at = 0; at < upTo && !over.signal.aborted; at += size) {
      if (at > 0 && dribbleMs !== undefined) await machine.sleep(dribbleMs, over.signal).catch(() => {});
      await deliver(damaged(bytes.subarray(at, Math.min(at + size, upTo))));
    }
    if (cutAfterBytes === undefined) return;
    faults.set({ cutAfterBytes: cutAfterBytes > upTo ? cutAfterBytes - upTo : undefined });
    if (cutAfterBytes <= upTo) cut();
  }

  async function run(): Promise<void> {
    for (let next = queue[0]; next && !over.signal.aborted; next = queue[0]) {
      await hold(next.atMs);
      if (over.signal.aborted) break;
      queue.shift();
      if (!faults.now.lost) await pass(next.bytes);
      waiting -= next.bytes.length;
    }
    busy = false;
  }

  return {
    get waiting() {
      return waiting;
    },
    push(bytes) {
      if (over.signal.aborted) return;
      queue.push({ bytes, atMs: machine.nowMs() });
      waiting += bytes.length;
      if (busy) return;
      busy = true;
      running = run();
    },
    drained: () => running,
    close() {
      over.abort();
      queue.length = 0;
      waiting = 0;
    },
  };
}
