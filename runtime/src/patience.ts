/**
 * How long, and for how many at a time, a program waits for those who have begun something and not finished it: a connection that
 * has not said who it is, a packet or a body that is not whole.
 */

export type GivenUp = 'too_slow' | 'too_many';

export interface PatienceOptions {
  readonly machine: { nowMs(): number; sleep(ms: number, signal?: AbortSignal): Promise<void> };
  /** Nobody is waited for longer, ms. */
  readonly forMs: number;
  /** So many at a time. */
  readonly most: number;
  /** What all of them together may weigh. */
  readonly mostWeight?: number;
}

export interface Wait {
  /** What it weighs by now; 0 at first. It may be given up within the call. */
  weigh(weight: number): void;
  /** It is finished, or has gone. May be called again. */
  over(): void;
}

export interface Patience {
  /**
   * Begins to wait; `giveUp` is called at most once, and no more after `over`. When there are too many, or they weigh too much, the
   * address with most loses the one that was begun first: who is slow on purpose pays, and whoever is quick is never the oldest.
   */
  begin(address: string, giveUp: (why: GivenUp) => void): Wait;
  readonly waiting: number;
  readonly weight: number;
  /** Gives nobody up any more. */
  close(): void;
}

interface Waiting {
  readonly address: string;
  readonly dueMs: number;
  readonly giveUp: (why: GivenUp) => void;
  weight: number;
}

export function createPatience({ machine, forMs, most, mostWeight = Number.POSITIVE_INFINITY }: PatienceOptions): Patience {
  /** In the order in which they were begun; by address too. */
  const all = new Set<Waiting>();
  const byAddress = new Map<string, Set<Waiting>>();
  const closed = new AbortController();
  let weight = 0;
  let watched = false;

  const leave = (one: Waiting): boolean => {
    if (!all.delete(one)) return false;
    weight -= one.weight;
    const same = byAddress.get(one.address);
    same?.delete(one);
    if (same?.size === 0) byAddress.delete(one.address);
    return true;
  };
  const giveUp = (one: Waiting, why: GivenUp): void => {
    if (leave(one)) one.giveUp(why);
  };
  const oldestOf = (worth: (one: Waiting) => number): Waiting | undefined => {
    let found: { sum: number; oldest: Waiting } | undefined;
    for (const same of byAddress.values()) {
      let sum = 0;
      let oldest: Waiting | undefined;
      for (const one of same) {
        sum += worth(one);
        if (worth(one) > 0) oldest ??= one;
      }
      if (oldest && sum > (found?.sum ?? 0)) found = { sum, oldest };
    }
    return found?.oldest;
  };
  /** Runs as long as there is somebody to wait for. */
  const watch = async (): Promise<void> => {
    if (watched || !Number.isFinite(forMs)) return;
    watched = true;
    for (;;) {
      const [first] = all;
      if (!first || closed.signal.aborted) break;
      await machine.sleep(Math.max(0, first.dueMs - machine.nowMs()), closed.signal).catch(() => {});
      if (closed.signal.aborted) break;
      for (const one of all) {
        if (one.dueMs > machine.nowMs()) break;
        giveUp(one, 'too_slow');
      }
    }
    watched = false;
  };

  return {
    begin: (address, given) => {
      const one: Waiting = { address, dueMs: machine.nowMs() + forMs, giveUp: given, weight: 0 };
      all.add(one);
      const same = byAddress.get(address) ?? new Set();
      byAddress.set(address, same.add(one));
      void watch();
      if (all.size > most) {
        const oldest = oldestOf(() => 1);
        if (oldest) giveUp(oldest, 'too_many');
      }
      return {
        weigh: (now) => {
          if (!all.has(one)) return;
          weight += now - one.weight;
          one.weight = now;
          while (weight > mostWeight) {
            const oldest = oldestOf((each) => each.weight);
            if (!oldest) break;
            giveUp(oldest, 'too_many');
          }
        },
        over: () => void leave(one),
      };
    },
    get waiting() {
      return all.size;
    },
    get weight() {
      return weight;
    },
    close: () => closed.abort(),
  };
}
