/** The way of recent calls: when each event was committed, published, and confirmed by which screen. In memory, bounded. */
import type { LiveField, Reported, Trace } from '@hall/contracts';
import type { Static } from 'typebox';

/** Events remembered; an hour of a busy hall. */
const REMEMBERED = 5000;
/** A field waits for its screens at most this many changes long; older ones were overtaken. */
const WAITING_PER_FIELD = 16;

type Screen = Static<typeof Trace>['screens'][number];

interface Entry {
  readonly event: string;
  readonly field: string;
  readonly liveSeq: number;
  readonly committedAt: number;
  publishedAt: number | null;
  readonly screens: Map<string, Screen>;
}

/** What is remembered of one event beyond its fact. */
export type TracePart = Pick<Static<typeof Trace>, 'committedAt' | 'publishedAt' | 'field' | 'liveSeq' | 'screens'>;

export interface Traces {
  committed(fields: readonly LiveField[], atMs: number): void;
  published(fields: readonly LiveField[], atMs: number): void;
  reported(device: string, report: Reported): void;
  of(event: string): TracePart | undefined;
  /** From the commit of the change that made its present picture to the confirmation, ms; undefined while none is known. */
  latencyOf(device: string): number | undefined;
}

export function createTraces(): Traces {
  const byEvent = new Map<string, Entry>();
  const waiting = new Map<string, Entry[]>();
  const latency = new Map<string, number>();
  return {
    committed: (fields, atMs) => {
      for (const { key, seq, cause } of fields) {
        // An event changes a window and queues; the window is what people look for.
        if (cause === undefined || (key.startsWith('queue/') && byEvent.has(cause))) continue;
        const entry: Entry = { event: cause, field: key, liveSeq: seq, committedAt: atMs, publishedAt: null, screens: new Map() };
        byEvent.set(cause, entry);
        const entries = waiting.get(key) ?? [];
        waiting.set(key, entries);
        entries.push(entry);
        if (entries.length > WAITING_PER_FIELD) entries.shift();
      }
      for (const event of byEvent.keys()) {
        if (byEvent.size <= REMEMBERED) break;
        byEvent.delete(event);
      }
    },
    published: (fields, atMs) => {
      for (const { cause, seq } of fields) {
        const entry = cause === undefined ? undefined : byEvent.get(cause);
        if (entry?.liveSeq === seq) entry.publishedAt ??= atMs;
      }
    },
    reported: (device, { screen }) => {
      if (!screen) return;
      const { level, decidedAt, sentAt = null, confirmedAt = null } = screen;
      for (const [key, seq] of Object.entries(screen.fields)) {
        for (const { liveSeq, committedAt, screens } of waiting.get(key) ?? []) {
          if (liveSeq > seq || (screens.get(device)?.confirmedAt ?? null) !== null) continue;
          screens.set(device, { device, level, decidedAt, sentAt, confirmedAt });
          // A change that draws the same picture was confirmed before it came, and takes no time.
          if (confirmedAt !== null && confirmedAt >= committedAt) latency.set(device, confirmedAt - committedAt);
        }
      }
    },
    of: (event) => {
      const entry = byEvent.get(event);
      if (!entry) return undefined;
      const { committedAt, publishedAt, field, liveSeq, screens } = entry;
      return { committedAt, publishedAt, field, liveSeq, screens: [...screens.values()] };
    },
    latencyOf: (device) => latency.get(device),
  };
}
