import { dayNumber, startOfDay } from '../zone.ts';
import type { Moment } from './machine.ts';

/** A moment of the hall with the business day it belongs to. */
export function momentIn(zone: string, hallMs: number): Moment {
  const day = dayNumber(zone, hallMs);
  return { hallMs, day, dayMs: startOfDay(zone, day) };
}
