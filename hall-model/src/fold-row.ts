/** Threads as rows of the store: enough to go on folding after a restart without the facts of past days. */
import type { Base, Sequenced, Thread } from './thread.ts';
import { BEFORE_ALL_MS } from './thread.ts';

interface Row<S, E> {
  readonly base?: Base<Partial<S>>;
  readonly events: readonly E[];
}

/** A thread as JSON, with further fields of its entity. */
export function threadRow<S, E extends Sequenced>(thread: Thread<S, E>, further: object = {}): string {
  const { base, events } = thread;
  const fresh = base.sequence === 0 && base.afterMs === BEFORE_ALL_MS;
  const row: Row<S, E> = fresh ? { events } : { base: base as Base<Partial<S>>, events };
  return JSON.stringify({ ...further, ...row });
}

/** Reads what `threadRow` wrote; `blank` fills fields that JSON leaves out because they are undefined. */
export function readThreadRow<S, E>(
  row: string,
  blank: S,
): { base: Base<S>; events: readonly E[]; further: Record<string, unknown> } {
  const { base, events, ...further } = JSON.parse(row) as Row<S, E> & Record<string, unknown>;
  return {
    base: base ? { ...base, state: { ...blank, ...base.state } } : { state: blank, sequence: 0, afterMs: BEFORE_ALL_MS },
    events,
    further,
  };
}
