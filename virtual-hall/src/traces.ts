/** The way of each act at a counter or window: event, commit, MQTT message, frame at the strip, acknowledgement. */
import type { LiveField } from '@hall/contracts';
import type { Delivery, PlatformEvent } from '@hall/simulators';
import { createAreaNews } from './area-news.ts';

/** Machine times in ms from the moment the event left the platform. */
export interface TraceFrame {
  readonly strip: string;
  readonly atMs: number;
  readonly hex: string;
  readonly zh: string;
  readonly en: string;
  readonly ackMs?: number;
  readonly ackHex?: string;
}
export interface CallTrace {
  readonly id: string;
  readonly type: string;
  readonly window: string;
  readonly ticket?: string;
  /** Hall time of the event, Unix ms. */
  readonly hallMs: number;
  readonly event: PlatformEvent;
  readonly acceptedMs?: number;
  readonly outcome?: string;
  readonly mqtt?: { readonly atMs: number; readonly topic: string; readonly bytes: number; readonly field: LiveField };
  /** Frames that changed the picture for this act; none where it stays as it is, as after most recalls. */
  readonly frames: readonly TraceFrame[];
}

/** A frame as the strip saw it. */
export interface SeenFrame {
  readonly machineMs: number;
  readonly direction: 'in' | 'out';
  readonly hex: string;
  readonly describe: { readonly zh: string; readonly en: string; readonly fields: Readonly<Record<string, unknown>> };
}

export interface Traces {
  sent(event: PlatformEvent, atMs: number): void;
  delivered(delivery: Delivery): void;
  liveField(field: LiveField, topic: string, bytes: number, atMs: number): void;
  frame(strip: string, window: string, frame: SeenFrame): void;
  get(id: string): CallTrace | undefined;
  /** Newest first. */
  newest(count: number): CallTrace[];
}

interface Open {
  trace: CallTrace;
  readonly sentMs: number;
}
const traced = new Set([
  'ticket.called',
  'ticket.recalled',
  'ticket.ended',
  'window.paused',
  'window.resumed',
  'window.opened',
  'window.closed',
]);
/** A frame later than this is upkeep, not part of the act. */
const LONGEST_MS = 3000;

/** Keeps the newest traces. `changed` is told when one grows. */
export function createTraces(changed: (trace: CallTrace) => void, keep = 300): Traces {
  const traces = new Map<string, Open>();
  /** The newest trace of each window. */
  const current = new Map<string, Open>();
  const areaNews = createAreaNews();

  function grow(open: Open, more: Partial<CallTrace>): void {
    open.trace = { ...open.trace, ...more };
    changed(open.trace);
  }

  return {
    sent(event, atMs) {
      const { window, ticket } = event.data;
      if (!traced.has(event.type) || typeof window !== 'string' || traces.has(event.id)) return;
      const trace: CallTrace = {
        id: event.id,
        type: event.type,
        window,
        hallMs: Date.parse(event.time),
        event,
        frames: [],
        ...(typeof ticket === 'string' ? { ticket } : {}),
      };
      const open = { trace, sentMs: atMs };
      traces.set(event.id, open);
      current.set(window, open);
      for (const id of traces.keys()) {
        if (traces.size <= keep) break;
        traces.delete(id);
      }
      changed(trace);
    },
    delivered({ event, acceptedMs, outcome }) {
      const open = traces.get(event.id);
      if (open) grow(open, { acceptedMs: acceptedMs - open.sentMs, outcome });
    },
    liveField(field, topic, bytes, atMs) {
      const open = field.cause === undefined ? undefined : traces.get(field.cause);
      if (!open || open.trace.mqtt || field.key !== `window/${open.trace.window}`) return;
      grow(open, { mqtt: { atMs: atMs - open.sentMs, topic, bytes, field } });
    },
    frame(strip, window, { machineMs, direction, hex, describe }) {
      const news = direction === 'in' ? areaNews.take(strip, describe.fields) : undefined;
      const open = current.get(window);
      if (!open || machineMs - open.sentMs > LONGEST_MS) return;
      const { frames, ticket, type } = open.trace;
      if (direction === 'in') {
        if (!news?.length || frames.some((frame) => frame.strip === strip)) return;
        const isCall = type === 'ticket.called' || type === 'ticket.recalled';
        if (isCall && ticket !== undefined && !news.some((text) => text.includes(ticket))) return;
        const frame = { strip, atMs: machineMs - open.sentMs, hex, zh: describe.zh, en: describe.en };
        grow(open, { frames: [...frames, frame] });
        return;
      }
      const asked = frames.find((frame) => frame.strip === strip && frame.ackMs === undefined);
      if (!asked) return;
      const answered = { ...asked, ackMs: machineMs - open.sentMs, ackHex: hex };
      grow(open, { frames: frames.map((frame) => (frame === asked ? answered : frame)) });
    },
    get: (id) => traces.get(id)?.trace,
    newest: (count) =>
      [...traces.values()]
        .slice(-count)
        .toReversed()
        .map(({ trace }) => trace),
  };
}
