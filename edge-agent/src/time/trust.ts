/**
 * What time it is when the agent starts and nobody has told it yet. Pure.
 *
 * The only clock that goes on while the machine is off is its wall clock, and that one stops or jumps with a dead battery. It is
 * believed if it has gone on from where it was; else the time is not trusted until the server tells it. Then hall time is the
 * highest time ever seen, carried on by machine time: never later than the truth, so nothing begins too early, and never
 * earlier than what was seen, so nothing that was over comes back.
 */
import type { ScreenPlan, TimeTrust } from '@hall/contracts';
import type { StoredHallTime } from './hall-time.ts';

/** A wall clock before this is one of a machine that has forgotten the time. */
const EARLIEST_MS = Date.UTC(2026, 0, 1);
/** Where clocks of 32 bits end. */
const LATEST_MS = Date.UTC(2038, 0, 19, 3, 14, 7);
/** A machine that was off for longer is asked for the time again, ms. */
const LONGEST_OFF_MS = 366 * 24 * 60 * 60 * 1000;
/** A wall clock may be set back by so much without having forgotten the time, ms. */
const SET_BACK_MS = 2000;

export interface StartingTime {
  readonly hallMs: number;
  readonly speed: number;
  readonly trust: Exclude<TimeTrust, 'told'>;
  readonly highestMs: number;
}

/** `now`: this machine's own clocks. */
export function startingTime(now: { readonly wallMs: number; readonly hallMs: number }, stored?: StoredHallTime): StartingTime {
  const plausible = now.wallMs >= EARLIEST_MS && now.wallMs < LATEST_MS;
  // Who has never heard the time has nothing to show either; the own clock is as good as any.
  if (!stored) return { hallMs: now.hallMs, speed: 1, trust: plausible ? 'carried' : 'untrusted', highestMs: now.hallMs };
  const { speed } = stored;
  const highestMs = Math.max(stored.highestMs ?? 0, stored.hallMs);
  const offMs = now.wallMs - stored.wallMs;
  const carriedMs = stored.hallMs + offMs * speed;
  const wentOn = plausible && offMs >= -SET_BACK_MS && offMs <= LONGEST_OFF_MS;
  if (!wentOn || carriedMs < highestMs - SET_BACK_MS * speed) return { hallMs: highestMs, speed, trust: 'untrusted', highestMs };
  const hallMs = Math.max(carriedMs, highestMs);
  return { hallMs, speed, trust: 'carried', highestMs: hallMs };
}

/**
 * The plan as far as it is certain while the time is not trusted. True time is at least what hall time says, so a layer that has
 * begun has begun; but one that ends may be over already, and is left out. An emergency stays until it is over for certain:
 * to take a warning away too early is worse.
 */
export function certainPart(plan: ScreenPlan): ScreenPlan {
  const regions = plan.regions.map(({ id, layers }) => ({
    id,
    layers: layers.filter((layer) => layer.validTo === undefined || layer.class === 'emergency'),
  }));
  return { ...plan, regions };
}
