/** Which alarms are shown where. Pure. */
import type { AlarmView } from '@hall/contracts';
import { alarmRank } from '@hall/model';

/** Lines on the overview at most. */
export const MOST_LINES = 7;

export interface AlarmFilter {
  readonly priority: number | undefined;
  readonly onlyUnacknowledged: boolean;
  readonly withShelved: boolean;
  readonly search: string;
}
export const noFilter: AlarmFilter = { priority: undefined, onlyUnacknowledged: false, withShelved: false, search: '' };

const byImportance = (a: AlarmView, b: AlarmView): number =>
  Number(a.shelved !== null) - Number(b.shelved !== null) ||
  Number(b.active) - Number(a.active) ||
  a.priority - b.priority ||
  alarmRank(a.type) - alarmRank(b.type) ||
  a.raisedAt - b.raisedAt ||
  Number(a.id) - Number(b.id);

/** Alarms that nothing else explains, the most important first. */
export const rootCauses = (alarms: readonly AlarmView[]): readonly AlarmView[] =>
  alarms.filter(({ open, root }) => open && root === null).toSorted(byImportance);

/** What somebody should look at now: active, not put aside. */
export const standing = (alarms: readonly AlarmView[]): readonly AlarmView[] =>
  rootCauses(alarms).filter(({ active, shelved }) => active && shelved === null);

/** The lines of the overview and how many more there are; never more than {@link MOST_LINES}, the "more" among them. */
export function overviewLines(alarms: readonly AlarmView[]): { readonly lines: readonly AlarmView[]; readonly more: number } {
  const all = standing(alarms);
  if (all.length <= MOST_LINES) return { lines: all, more: 0 };
  return { lines: all.slice(0, MOST_LINES - 1), more: all.length - MOST_LINES + 1 };
}

/** `text`: all that can be searched for in an alarm. */
export const passesFilter = (alarm: AlarmView, filter: AlarmFilter, text: string): boolean =>
  (filter.priority === undefined || alarm.priority === filter.priority) &&
  (!filter.onlyUnacknowledged || alarm.acknowledged === null) &&
  (filter.withShelved || alarm.shelved === null) &&
  text.toLowerCase().includes(filter.search.trim().toLowerCase());

/** Times for which an alarm can be put aside, hours, up to what its type allows. */
export const shelveChoices = (mostHours: number): readonly number[] =>
  [...new Set([1, 4, 8, 24, 72, 168, 720, mostHours])].filter((hours) => hours <= mostHours).toSorted((a, b) => a - b);
