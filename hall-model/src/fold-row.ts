/** Threads as rows of the store: enough to go on folding after a restart without the facts of past days. */
import type { HallEvent } from '@hall/contracts';
import type { Base, Sequenced, Thread } from './thread.ts';
import { BEFORE_ALL_MS } from './thread.ts';

/** Row of what belongs to no single entity: the newest reset and snapshots. */
export const HALL_KEY = 'hall';
export const ticketKey = (source: string, subject: string): string => `ticket ${subject} ${source}`;
export const windowKey = (window: string): string => `window ${window}`;
export const caseKey = (source: string, subject: string): string => `case ${subject} ${source}`;

/** What the fold needs of an event; a visitor's name is not among it. */
export function thin(event: HallEvent): Pick<HallEvent, 'id' | 'type' | 'time' | 'sequence' | 'data'> {
  const { id, type, time, sequence } = event;
  if (event.type === 'ticket.issued') {
    const { name: _, channel: __, ...data } = event.data;
    return { id, type, time, sequence, data };
  }
  if (event.type === 'case.received') {
    const { applicant: _, ...data } = event.data;
    return { id, type, time, sequence, data };
  }
  return { id, type, time, sequence, data: event.data };
}

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
