/** How often a device is told something new. Pure. */

/** Orders a device is told one right after the other. */
export const BURST = 3;
/** After that, the shortest time from one order to the next, ms: nobody reads more than ten pictures a second. */
export const EVERY_MS = 100;

const ROUNDING_MS = 1e-6;

export interface Pace {
  /** How long the device rests before its next order, whole ms; 0 when it may have it now. */
  restMs(nowMs: number): number;
  /** It is told something now. */
  told(nowMs: number): void;
}

/**
 * A screen that changes ten times a second is told the first changes at once and then the newest state at this pace, so that
 * a burst costs neither the line, nor the agent, nor the card more than anybody can see. Times are machine time, ms.
 */
export function createPace(): Pace {
  let held = BURST;
  let sinceMs = 0;
  const heldAt = (nowMs: number) => Math.min(BURST, held + (nowMs - sinceMs) / EVERY_MS);
  return {
    // Whole, because a rest of a rounding error would end before it began, again and again.
    restMs: (nowMs) => Math.ceil(Math.max(0, (1 - heldAt(nowMs)) * EVERY_MS - ROUNDING_MS)),
    told: (nowMs) => {
      held = heldAt(nowMs) - 1;
      sinceMs = nowMs;
    },
  };
}
