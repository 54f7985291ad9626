import { useEffect, useState } from 'react';
import { useHallClock } from '../live/hall-data.ts';
import { serverOffset } from '../api/server-offset.ts';
import { hallNow } from './hall-clock.ts';

/** `performance.now()`, read again every `everyMs`. */
export function useTick(everyMs = 1000): number {
  const [now, setNow] = useState(() => performance.now());
  useEffect(() => {
    const timer = window.setInterval(() => setNow(performance.now()), everyMs);
    return () => window.clearInterval(timer);
  }, [everyMs]);
  return now;
}

/** Hall time, ticking; undefined until the overview was read. */
export function useHallNow(): number | undefined {
  const now = useTick();
  const clock = useHallClock();
  return clock && hallNow(clock, now);
}

/** Wall time of the server, ticking: the browser's own clock may be wrong. */
export function useWallNow(): number {
  useTick();
  return Date.now() + serverOffset();
}
