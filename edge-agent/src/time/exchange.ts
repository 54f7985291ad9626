/**
 * What four time stamps say about the server's clocks. Pure. The agent's two stamps are machine time, so a wall clock that is
 * set meanwhile cannot spoil a measurement; the server's two are its wall clock.
 */
import type { HallTimeSample } from './hall-time.ts';

export interface Exchange {
  /** When the question left and the answer came, machine ms of this agent. */
  readonly askedMs: number;
  readonly heardMs: number;
  /** When the server took the question and gave the answer, wall ms of the server. */
  readonly receivedMs: number;
  readonly repliedMs: number;
  /** The server's hall clock at `repliedMs`. */
  readonly hallTime: HallTimeSample;
}

export interface Measurement {
  /** Machine time of the measurement, ms. */
  readonly atMs: number;
  /** Time on the way, both ways together, ms. */
  readonly rttMs: number;
  /** The server's wall clock less this machine's time, ms. */
  readonly wallBaseMs: number;
  /** The server's hall clock at `atMs`. */
  readonly hallTime: HallTimeSample;
}

/** Measurements kept; the best of them counts. */
export const KEPT = 8;
/** How far two clocks of computers run apart at most: 100 millionths. */
const DRIFT = 100e-6;
/** Stamps of the server are whole milliseconds. */
const ROUNDING_MS = 1;

/** Undefined for stamps that cannot be: the server's clock was set between them, or the answer came before the question. */
export function measure({ askedMs, heardMs, receivedMs, repliedMs, hallTime }: Exchange): Measurement | undefined {
  const heldMs = repliedMs - receivedMs;
  const rttMs = heardMs - askedMs - heldMs;
  if (heldMs < 0 || rttMs < -ROUNDING_MS) return undefined;
  const atMs = (askedMs + heardMs) / 2;
  const wayBackMs = Math.max(0, rttMs) / 2;
  const hallMs = hallTime.hallMs - (heardMs - wayBackMs - atMs) * hallTime.speed;
  return {
    atMs,
    rttMs: Math.max(0, rttMs),
    wallBaseMs: (receivedMs + repliedMs) / 2 - atMs,
    hallTime: { hallMs, speed: hallTime.speed },
  };
}

/** How wrong a measurement may be at a machine time, ms: half its way, for it may be all in one direction, and the drift since. */
export const errorMs = ({ atMs, rttMs }: Measurement, nowMs: number): number =>
  rttMs / 2 + ROUNDING_MS + Math.abs(nowMs - atMs) * DRIFT;

/**
 * The measurements to keep once there is another one: the newest eight. Those that contradict the newest by more than both may
 * be wrong were made before the server's clock was set, and go.
 */
export function withMeasurement(kept: readonly Measurement[], newest: Measurement): readonly Measurement[] {
  const agrees = (one: Measurement) => {
    const allowedMs = errorMs(one, newest.atMs) + errorMs(newest, newest.atMs);
    const expectedHallMs = one.hallTime.hallMs + (newest.atMs - one.atMs) * one.hallTime.speed;
    return (
      one.hallTime.speed === newest.hallTime.speed &&
      Math.abs(one.wallBaseMs - newest.wallBaseMs) <= allowedMs &&
      Math.abs(expectedHallMs - newest.hallTime.hallMs) <= (allowedMs + ROUNDING_MS) * one.hallTime.speed
    );
  };
  return [...kept.filter(agrees), newest].slice(-KEPT);
}

/** The one that can be least wrong now; with one way as good as another that is the one with the shortest way. */
export function bestOf(kept: readonly Measurement[], nowMs: number): Measurement | undefined {
  return kept.reduce<Measurement | undefined>(
    (best, one) => (best === undefined || errorMs(one, nowMs) <= errorMs(best, nowMs) ? one : best),
    undefined,
  );
}
