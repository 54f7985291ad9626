/** When an agent process that ended is started again. Pure; times are machine ms. */
import { backoffMs } from '../backoff.ts';

/** A process that ran for so long had started well: the next wait is the shortest again. */
const GOOD_MS = 60_000;
const FIRST_MS = 500;
const CAP_MS = 30_000;

export interface Restarts {
  /** Ends in a row after short runs. */
  readonly short: number;
  /** How long to wait before the next start. */
  readonly waitMs: number;
}

export const noRestarts: Restarts = { short: 0, waitMs: 0 };

/** After a run of `ranMs`; `random` is in [0, 1). */
export function afterEnd({ short }: Restarts, ranMs: number, random: number): Restarts {
  const next = ranMs >= GOOD_MS ? 1 : short + 1;
  return { short: next, waitMs: backoffMs(next, FIRST_MS, CAP_MS, random) };
}
