/** The health gate of a trial: what it makes of heartbeats and time. Pure; times are machine ms. */
import { isHealthy, type Facts } from './health.ts';

export interface GateTimes {
  /** A release that has not passed so long after its start is rolled back. */
  readonly withinMs: number;
  /** It has to stay healthy for so long. */
  readonly settleMs: number;
}
/** What runs again after a rollback is to be started within 60 s of the beginning of the trial. */
export const gateTimes: GateTimes = { withinMs: 55_000, settleMs: 10_000 };

export interface Gate {
  readonly healthySince: number | undefined;
  readonly isPassed: boolean;
}
export const closedGate: Gate = { healthySince: undefined, isPassed: false };

/** After a heartbeat at `now`; one without facts says nothing. */
export function hear(
  gate: Gate,
  facts: Facts | undefined,
  before: readonly string[],
  now: number,
  { settleMs }: GateTimes,
): Gate {
  if (gate.isPassed || !facts) return gate;
  if (!isHealthy(facts, before)) return closedGate;
  const healthySince = gate.healthySince ?? now;
  return { healthySince, isPassed: now - healthySince >= settleMs };
}
