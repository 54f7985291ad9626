/** How measurements are thinned: readings become buckets, buckets become wider ones. Pure; counts, sums and extremes are kept. */

export interface Bucket {
  /** Beginning, hall time, Unix ms. */
  readonly at: number;
  readonly n: number;
  readonly min: number;
  readonly max: number;
  readonly sum: number;
  /** The newest reading in it. */
  readonly last: number;
}

const MINUTE_MS = 60_000;
const HOUR_MS = 3_600_000;
const DAY_MS = 86_400_000;
/** What is older than `after` is thinned from one step to the next. A single reading has step 0. */
export const thinning = [
  { from: 0, to: 5 * MINUTE_MS, after: 48 * HOUR_MS },
  { from: 5 * MINUTE_MS, to: HOUR_MS, after: 31 * DAY_MS },
] as const;
export const KEEP_MS = 365 * DAY_MS;

export const reading = (at: number, value: number): Bucket => ({ at, n: 1, min: value, max: value, sum: value, last: value });

/** Two parts of one bucket; `later` holds the newer readings. */
export const joined = (earlier: Bucket, later: Bucket): Bucket => ({
  at: earlier.at,
  n: earlier.n + later.n,
  min: Math.min(earlier.min, later.min),
  max: Math.max(earlier.max, later.max),
  sum: earlier.sum + later.sum,
  last: later.last,
});

/** Buckets of one measurement, oldest first, as buckets of `stepMs`. */
export function thin(buckets: readonly Bucket[], stepMs: number): Bucket[] {
  const wider: Bucket[] = [];
  for (const bucket of buckets) {
    const at = Math.floor(bucket.at / stepMs) * stepMs;
    const newest = wider.at(-1);
    if (newest?.at === at) wider[wider.length - 1] = joined(newest, bucket);
    else wider.push({ ...bucket, at });
  }
  return wider;
}
