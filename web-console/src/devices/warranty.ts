/** How long a warranty still runs. Days are counted in the zone of the hall, as they stand in the calendar there. */

export type Warranty =
  | { readonly is: 'none' }
  | { readonly is: 'valid' | 'ending'; readonly until: string; readonly days: number }
  | { readonly is: 'over'; readonly until: string };

/** So many days before its end a warranty is pointed out: time enough to have something repaired under it. */
export const ENDING_DAYS = 60;
const DAY_MS = 86_400_000;

/** `until` is its last day, `today` the day in the hall, both YYYY-MM-DD. */
export function warrantyOf(until: string | undefined, today: string): Warranty {
  if (until === undefined) return { is: 'none' };
  const days = Math.round((Date.parse(until) - Date.parse(today)) / DAY_MS);
  if (Number.isNaN(days)) return { is: 'none' };
  if (days < 0) return { is: 'over', until };
  return { is: days <= ENDING_DAYS ? 'ending' : 'valid', until, days };
}
