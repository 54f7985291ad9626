import { createHallEngine, type HallEngineOptions } from './engine.ts';
import type { TimedEvent } from './events.ts';

const HOUR_MS = 3_600_000;

/** A whole day, from 06:00 to an hour after the last window may close. */
export interface HallDay {
  readonly day: string;
  readonly startMs: number;
  readonly endMs: number;
  /** In order of hall time; per subject the sequence is 1, 2, 3, …; subjects are unique. */
  readonly events: readonly TimedEvent[];
}

/** Plays a hall day through at once. The same options give the same events, byte by byte. */
export function createHallDay(options: HallEngineOptions): HallDay {
  const engine = createHallEngine(options);
  const { plan } = engine;
  const last = plan.shifts.at(-1);
  const endMs = last ? last.toMs + plan.tailMs + HOUR_MS : plan.startMs + 18 * HOUR_MS;
  return { day: plan.day, startMs: plan.startMs, endMs, events: engine.advanceTo(endMs) };
}
