/** The agent's side of `hall-agent run`: says that it lives, and stops when nobody listens any more. */
import type { Clock } from '@hall/contracts';
import type { Facts } from '../update/health.ts';
import type { ApplyRequest } from '../update/state.ts';
import type { FromAgent, FromParent } from './messages.ts';

/** Between two heartbeats, ms. */
export const HEARTBEAT_MS = 2000;

const say = (message: FromAgent) => void process.send?.(message, undefined, undefined, () => {});

export interface Parent {
  /** To be replaced by a release; this process is then told to stop. */
  apply(wanted: ApplyRequest): void;
  /** Resolves when this process has passed its trial. */
  passed(release: string): Promise<void>;
}

/** Undefined in a process that was started by itself. */
export function parentOfThis(): Parent | undefined {
  if (!process.send) return undefined;
  const passed = new Set<string>();
  const waiting = new Set<() => void>();
  process.on('message', (message: Partial<FromParent>) => {
    if (typeof message.passed !== 'string') return;
    passed.add(message.passed);
    for (const look of waiting) look();
  });
  return {
    apply: (wanted) => say({ alive: true, apply: wanted }),
    passed: (release) =>
      new Promise((resolve) => {
        const look = () => {
          if (!passed.has(release)) return;
          waiting.delete(look);
          resolve();
        };
        waiting.add(look);
        look();
      }),
  };
}

/**
 * Does nothing in a process that was started by itself. `orphaned`: the parent is gone; a new one starts an agent of its own. `facts`:
 * what a parent judges a release on trial by.
 */
export function beat({ machine }: Clock, orphaned: () => void, facts: () => Facts): void {
  if (!process.send) return;
  // The parent may have gone while this process was starting.
  if (!process.connected) return orphaned();
  process.once('disconnect', orphaned);
  void (async () => {
    while (process.connected) {
      say({ alive: true, facts: facts() });
      await machine.sleep(HEARTBEAT_MS);
    }
  })();
}
