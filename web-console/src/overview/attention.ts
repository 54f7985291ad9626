/** What is abnormal about a window, and how bad. The only source of colour on the overview. */
import type { WindowView } from '@hall/contracts';
import { isConfirmed } from '../live/merge.ts';

export type Cause =
  | 'fault'
  | 'no_data'
  | 'back_late'
  | 'strip_offline'
  | 'strip_stale'
  | 'strip_safe'
  | 'not_current'
  | 'not_confirmed';

/** `alarm`: visitors are misled or not served. `warn`: somebody should look. */
export type Attention = 'none' | 'warn' | 'alarm';

const alarms: ReadonlySet<Cause> = new Set(['fault', 'strip_offline', 'strip_safe']);

/** A strip may be behind for this long before it counts, ms of hall time: the way of a call takes milliseconds. */
const GRACE_MS = 3000;

/** Causes of a window, worst first. `hallMs` is hall time now. A closed window needs nothing of its strip but the link. */
export function causesOf(window: WindowView, hallMs: number): readonly Cause[] {
  const causes: Cause[] = [];
  if (window.state === 'fault') causes.push('fault');
  for (const strip of window.strips) {
    if (strip.link !== 'online') causes.push('strip_offline');
    else if (strip.freshness === 'safe') causes.push('strip_safe');
    else if (strip.freshness === 'stale') causes.push('strip_stale');
    else if (window.changedAt === null || hallMs - window.changedAt > GRACE_MS) {
      if (window.liveSeq === 0) continue;
      if (!strip.current) causes.push('not_current');
      else if (!isConfirmed(strip.level)) causes.push('not_confirmed');
    }
  }
  if (window.state === 'no_data') causes.push('no_data');
  if (window.state === 'paused' && window.expectedReturnAt !== null && window.expectedReturnAt < hallMs) causes.push('back_late');
  return [...new Set(causes)].toSorted((a, b) => Number(alarms.has(b)) - Number(alarms.has(a)));
}

/** The worst of the causes. */
export const attentionOf = (causes: readonly Cause[]): Attention =>
  causes.some((cause) => alarms.has(cause)) ? 'alarm' : causes.length > 0 ? 'warn' : 'none';
