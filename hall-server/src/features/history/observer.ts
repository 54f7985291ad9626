/**
 * Watches devices and gathers what has changed, so that it is written in batches. No I/O. A report that changes nothing
 * leaves nothing; a device that changes all the time is looked at once a minute.
 */
import type { DeviceView, HistoryKind, StateChange } from '@hall/contracts';
import { statesOf, type Outside } from './condition.ts';

export interface DeviceState extends StateChange {
  readonly device: string;
}
export interface Reading {
  readonly device: string;
  readonly metric: string;
  readonly at: number;
  readonly value: number;
}
export interface Gathered {
  readonly states: readonly DeviceState[];
  readonly readings: readonly Reading[];
}

/** A number is kept this often while it changes, and this often while it does not, ms. */
const READ_EVERY_MS = 60_000;
const READ_SAME_EVERY_MS = 600_000;
const MOST_METRICS = 32;
/** Changes of a device in an hour above which it is looked at only once a minute. */
const MOST_CHANGES = 120;
const HOUR_MS = 3_600_000;
const SLOW_MS = 60_000;

interface Watched {
  readonly states: Map<HistoryKind, string>;
  readonly read: Map<string, { at: number; value: number }>;
  changes: { hour: number; count: number };
  lookedAt: number;
}
export interface Observer {
  /** Something about the device may have changed. */
  touch(device: string): void;
  /** Looks at what was touched. `now`: hall time, Unix ms. */
  look(
    now: number,
    view: (device: string) => { readonly view: DeviceView; readonly outside: Outside; readonly known: boolean } | undefined,
  ): void;
  /** What has gathered; it is forgotten with that. */
  take(): Gathered;
  /** Puts back what could not be written; the oldest is lost beyond `most` rows. */
  putBack(gathered: Gathered, most: number): void;
}

/** `last`: the newest state of each kind that is in the store. */
export function createObserver(
  last: ReadonlyArray<{ readonly device: string; readonly kind: HistoryKind; readonly value: string }>,
): Observer {
  const watched = new Map<string, Watched>();
  let touched = new Set<string>();
  let states: DeviceState[] = [];
  let readings: Reading[] = [];
  const of = (device: string): Watched => {
    let held = watched.get(device);
    if (!held) {
      held = { states: new Map(), read: new Map(), changes: { hour: 0, count: 0 }, lookedAt: Number.NEGATIVE_INFINITY };
      watched.set(device, held);
    }
    return held;
  };
  for (const { device, kind, value } of last) of(device).states.set(kind, value);

  const note = (device: string, held: Watched, kind: HistoryKind, value: string, now: number): void => {
    if ((held.states.get(kind) ?? '') === value) return;
    held.states.set(kind, value);
    states.push({ device, kind, at: now, value });
    const hour = Math.floor(now / HOUR_MS);
    held.changes = { hour, count: held.changes.hour === hour ? held.changes.count + 1 : 1 };
  };
  const read = (device: string, held: Watched, counters: Readonly<Record<string, number>>, now: number): void => {
    for (const [metric, value] of Object.entries(counters)) {
      if (!Number.isFinite(value)) continue;
      const before = held.read.get(metric);
      if (!before && held.read.size >= MOST_METRICS) continue;
      const wait = before?.value === value ? READ_SAME_EVERY_MS : READ_EVERY_MS;
      if (before && now >= before.at && now - before.at < wait) continue;
      held.read.set(metric, { at: now, value });
      readings.push({ device, metric, at: now, value });
    }
  };
  return {
    touch: (device) => void touched.add(device),
    look: (now, viewOf) => {
      const due = touched;
      touched = new Set();
      for (const device of due) {
        const held = of(device);
        const busy = held.changes.hour === Math.floor(now / HOUR_MS) && held.changes.count > MOST_CHANGES;
        if (busy && now >= held.lookedAt && now - held.lookedAt < SLOW_MS) {
          touched.add(device);
          continue;
        }
        held.lookedAt = now;
        const seen = viewOf(device);
        if (!seen) {
          note(device, held, 'condition', 'unknown', now);
          watched.delete(device);
          continue;
        }
        const { view, outside, known } = seen;
        if (!known) {
          touched.add(device);
          note(device, held, 'condition', 'unknown', now);
          continue;
        }
        for (const [kind, value] of Object.entries(statesOf(view, outside))) note(device, held, kind as HistoryKind, value, now);
        read(device, held, view.reported?.counters ?? {}, now);
      }
    },
    take: () => {
      const gathered = { states, readings };
      states = [];
      readings = [];
      return gathered;
    },
    putBack: (gathered, most) => {
      states = [...gathered.states, ...states].slice(-most);
      readings = [...gathered.readings, ...readings].slice(-most);
    },
  };
}
