/** Keeps two clients with one id from ending each other's session for ever. Pure; time is machine time in ms. */

/** Takeovers of one id within the window before newcomers are turned away. */
const TAKEOVERS = 3;
const WINDOW_MS = 30_000;

export interface TakeoverLimit {
  /** A newcomer wants the id of a live session. False: it is turned away and the incumbent stays. */
  admit(id: string, nowMs: number): boolean;
}

export function takeoverLimit(): TakeoverLimit {
  const taken = new Map<string, number[]>();
  return {
    admit: (id, nowMs) => {
      for (const [other, times] of taken) if ((times.at(-1) ?? 0) <= nowMs - WINDOW_MS) taken.delete(other);
      const recent = (taken.get(id) ?? []).filter((at) => at > nowMs - WINDOW_MS);
      if (recent.length >= TAKEOVERS) return false;
      taken.set(id, [...recent, nowMs]);
      return true;
    },
  };
}
