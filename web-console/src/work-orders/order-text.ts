/** Words for work orders. Pure. */
import type { WorkOrder } from '@hall/contracts';
import type { Dictionary } from '../i18n/zh.ts';

/** A length of a repair: minutes below two hours, else hours with one decimal. */
export function repairText(ms: number, words: Dictionary['workOrders']): string {
  const minutes = ms / 60_000;
  return minutes < 120 ? words.minutes(String(Math.round(minutes))) : words.hours((minutes / 60).toFixed(1));
}

/** From the beginning of the fault to the end of the work; undefined while nobody knows. */
export const repairMs = ({ state, faultAt, endedAt }: Pick<WorkOrder, 'state' | 'faultAt' | 'endedAt'>): number | undefined =>
  state === 'done' && endedAt !== null ? Math.max(0, endedAt - faultAt) : undefined;
