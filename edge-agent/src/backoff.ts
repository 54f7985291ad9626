/**
 * How long to wait before the next try: doubling from `firstMs` up to `capMs`, then spread over the upper half so that many
 * do not come back as one. `attempt` counts failures from 1; `random` is in [0, 1).
 */
export const backoffMs = (attempt: number, firstMs: number, capMs: number, random: number): number =>
  Math.min(firstMs * 2 ** Math.min(Math.max(attempt - 1, 0), 16), capMs) * (0.5 + random / 2);
