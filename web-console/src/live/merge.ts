/** What a message of the server does to what the console holds. Pure; rows are whole, the newest wins. */
import type { AlarmView, Changes, EventRow, Overview, WindowView, ConsoleNotice } from '@hall/contracts';

/** Replaces rows of the same id, in their places, and adds the others at the end. */
export function mergeById<R extends { readonly id: string }>(rows: readonly R[], changed: readonly R[]): readonly R[] {
  if (changed.length === 0) return rows;
  const newest = new Map(changed.map((row) => [row.id, row]));
  const held = new Set(rows.map((row) => row.id));
  return [...rows.map((row) => newest.get(row.id) ?? row), ...[...newest.values()].filter((row) => !held.has(row.id))];
}

/** Alarms by id, newest rows win; closed ones leave. */
export const mergeAlarms = (rows: readonly AlarmView[], changed: readonly AlarmView[]): readonly AlarmView[] =>
  mergeById(rows, changed).filter(({ open }) => open);

/** At least the device itself has answered. */
export const isConfirmed = (level: string): boolean => level !== 'none' && level !== 'sent';

const confirmedIn = (windows: readonly WindowView[]): number =>
  windows.reduce((sum, { strips }) => sum + strips.filter((strip) => strip.current && isConfirmed(strip.level)).length, 0);

function mergeQueues(held: Overview['queues'], changed: Overview['queues']): Overview['queues'] {
  const newest = new Map(changed.map((queue) => [queue.service, queue]));
  const known = new Set(held.map((queue) => queue.service));
  return [...held.map((queue) => newest.get(queue.service) ?? queue), ...changed.filter((queue) => !known.has(queue.service))];
}

/**
 * The overview after a message. The number of confirmed screens moves by what changed in the rows, because it also
 * counts screens that no window row carries. Windows that are not known yet are left out; see `needsOverview`.
 */
export function mergeOverview(overview: Overview, changes: Changes): Overview {
  const { queues, feed, hall } = changes;
  const ids = new Set(overview.windows.map((window) => window.id));
  const changed = (changes.windows ?? []).filter((window) => ids.has(window.id));
  const windows = mergeById(overview.windows, changed);
  const gained = confirmedIn(windows) - confirmedIn(overview.windows);
  return {
    ...overview,
    ...(hall && { hall }),
    ...(feed && { feed }),
    ...(queues && { queues: mergeQueues(overview.queues, queues) }),
    windows: [...windows],
    screensConfirmed: Math.min(overview.screens, Math.max(0, overview.screensConfirmed + gained)),
  };
}

/** Whether a message tells of something only the whole overview can answer: a new window, or agents coming and going. */
export const needsOverview = (overview: Overview, changes: Changes): boolean =>
  changes.agents !== undefined ||
  (changes.windows ?? []).some((window) => !overview.windows.some((known) => known.id === window.id));

/** Facts newest first, each once, at most `limit`. */
export function mergeEvents(rows: readonly EventRow[], arrived: readonly EventRow[], limit: number): readonly EventRow[] {
  const bySeq = new Map([...rows, ...arrived].map((row) => [row.seq, row]));
  return [...bySeq.values()].toSorted((a, b) => b.seq - a.seq).slice(0, limit);
}

/** Most notices that the console holds. */
const MOST_NOTICES = 50;
/** Notices newest first, each once. */
export function mergeNotices(rows: readonly ConsoleNotice[], arrived: readonly ConsoleNotice[]): readonly ConsoleNotice[] {
  const bySeq = new Map([...rows, ...arrived].map((row) => [row.seq, row]));
  return [...bySeq.values()].toSorted((a, b) => b.seq - a.seq).slice(0, MOST_NOTICES);
}
