/** Calls as a platform makes them, each timed until its ticket stands on its strip. */
import type { Clock } from '@hall/contracts';
import type { Feed } from './feed.ts';
import type { TestStrip } from './strips.ts';

const CALL_TIMEOUT_MS = 30_000;

export interface CallWatch {
  /** Calls the next ticket, to one window after the other; answers how long it took, ms. */
  call(): Promise<number>;
  /** Made so far, and those of them that no strip showed in time. */
  readonly calls: number;
  readonly notShown: number;
}

export interface CallWatchOptions {
  readonly clock: Clock;
  readonly feed: Feed;
  readonly strips: ReadonlyMap<string, TestStrip>;
  readonly windows: readonly string[];
}

export function watchCalls({ clock, feed, strips, windows }: CallWatchOptions): CallWatch {
  let calls = 0;
  let notShown = 0;
  return {
    get calls() {
      return calls;
    },
    get notShown() {
      return notShown;
    },
    async call() {
      calls += 1;
      const ticket = `A${String(calls).padStart(5, '0')}`;
      const window = windows[calls % windows.length] ?? '';
      const simulator = strips.get(`strip-${window}`)?.simulator;
      const over = new AbortController();
      const fromMs = clock.machine.nowMs();
      const shown = new Promise<void>((resolve) => {
        const stop = simulator?.onChange(() => {
          if (!simulator.texts().includes(ticket)) return;
          stop?.();
          resolve();
        });
      });
      const late = clock.machine.sleep(CALL_TIMEOUT_MS, over.signal).then(
        () => void (notShown += 1),
        () => {},
      );
      await feed.send(feed.called(window, ticket));
      await Promise.race([shown, late]);
      over.abort();
      return clock.machine.nowMs() - fromMs;
    },
  };
}
