/** What the page knows of the hall: filled by the stage's stream, read by the parts of the page. */
import type { CounterView } from '@hall/simulators';
import type { StageAct, StageChanges, StageFault, StageHall, StripView, ToldView } from '../src/stage-messages.ts';
import type { CallTrace } from '../src/traces.ts';

export interface Store {
  readonly hall: StageHall;
  readonly strips: Map<string, StripView>;
  readonly counters: Map<string, CounterView>;
  readonly told: Map<string, ToldView>;
  /** Oldest first. */
  readonly traces: Map<string, CallTrace>;
  /** The newest of what comes every time. */
  now: StageChanges;
  /** The window at the counter. */
  selected: string;
  /** The trace that is open. */
  openTrace: string | undefined;
}

const KEPT_TRACES = 60;
type Listener = (store: Store, changes: StageChanges) => void;
const listeners: Listener[] = [];
export const onChange = (listener: Listener): void => void listeners.push(listener);
/** Lets every part draw again without news. */
export const redraw = (store: Store): void => {
  for (const listener of listeners) listener(store, { hallMs: store.now.hallMs });
};

export async function openStore(): Promise<Store> {
  const hall = (await (await fetch('/api/hall')).json()) as StageHall;
  return {
    hall,
    strips: new Map(),
    counters: new Map(),
    told: new Map(),
    traces: new Map(),
    now: { hallMs: 0 },
    selected: hall.windows[0]?.id ?? '',
    openTrace: undefined,
  };
}

/** Follows the stream; a lost stream is opened again by the browser and begins with everything. */
export function follow(store: Store): void {
  const stream = new EventSource('/api/stream');
  stream.addEventListener('message', ({ data }: MessageEvent<string>) => {
    const changes = JSON.parse(data) as StageChanges;
    for (const strip of changes.strips ?? []) store.strips.set(strip.id, strip);
    for (const counter of changes.counters ?? []) store.counters.set(counter.id, counter);
    for (const view of changes.told ?? []) {
      store.told.delete(view.device);
      store.told.set(view.device, view);
    }
    for (const trace of (changes.traces ?? []).toSorted((a, b) => a.hallMs - b.hallMs)) store.traces.set(trace.id, trace);
    for (const id of store.traces.keys()) {
      if (store.traces.size <= KEPT_TRACES) break;
      if (id !== store.openTrace) store.traces.delete(id);
    }
    store.now = changes;
    for (const listener of listeners) listener(store, changes);
  });
}

async function post(path: string, body: unknown): Promise<unknown> {
  const reply = await fetch(path, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(body),
  });
  return reply.json();
}
export interface ActReply {
  readonly done: boolean;
  readonly why?: string;
  readonly ticket?: string;
  readonly events: ReadonlyArray<{ readonly id: string; readonly type: string }>;
}
export const act = (what: StageAct): Promise<ActReply> => post('/api/act', what) as Promise<ActReply>;
export const fault = (what: StageFault): Promise<unknown> => post('/api/fault', what);
