import type { WindowState, WindowView } from '@hall/contracts';
import { attentionOf, causesOf } from './attention.ts';

export interface WindowFilter {
  readonly area: string;
  readonly state: WindowState | '';
  readonly abnormal: boolean;
  readonly search: string;
}
export const noFilter: WindowFilter = { area: '', state: '', abnormal: false, search: '' };

const texts = (window: WindowView): string =>
  [
    window.number,
    window.id,
    window.department.zh,
    window.department.en,
    window.ticket,
    window.staff,
    ...window.services.flatMap((service) => [service.zh, service.en]),
  ]
    .filter(Boolean)
    .join('\n')
    .toLowerCase();

/** Whether a window passes. A search of digits only is the number of a window; anything else is looked for everywhere. */
export function passes(window: WindowView, filter: WindowFilter, hallMs: number): boolean {
  if (filter.area && window.area !== filter.area) return false;
  if (filter.state && window.state !== filter.state) return false;
  if (filter.abnormal && attentionOf(causesOf(window, hallMs)) === 'none') return false;
  const search = filter.search.trim().toLowerCase();
  if (search === '') return true;
  if (/^\d{1,4}$/.test(search)) return Number(window.number) === Number(search) || (window.ticket ?? '').includes(search);
  return texts(window).includes(search);
}

/** The areas of a hall in the order of its windows. */
export const areasOf = (windows: readonly WindowView[]): string[] => [
  ...new Set(windows.flatMap((window) => (window.area === undefined ? [] : [window.area]))),
];

/** How many windows are in each state. */
export function countStates(windows: readonly WindowView[]): Partial<Record<WindowState, number>> {
  const counts: Partial<Record<WindowState, number>> = {};
  for (const { state } of windows) counts[state] = (counts[state] ?? 0) + 1;
  return counts;
}
