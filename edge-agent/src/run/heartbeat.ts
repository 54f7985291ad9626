/** The agent's side of `hall-agent run`: says that it lives, and stops when nobody listens any more. */
import type { Clock } from '@hall/contracts';

/** Between two heartbeats, ms. */
export const HEARTBEAT_MS = 2000;

/** Does nothing in a process that was started by itself. `orphaned`: the parent is gone; a new one starts an agent of its own. */
export function beat({ machine }: Clock, orphaned: () => void): void {
  if (!process.send) return;
  // The parent may have gone while this process was starting.
  if (!process.connected) return orphaned();
  process.once('disconnect', orphaned);
  void (async () => {
    while (process.connected) {
      process.send?.({ alive: true }, undefined, undefined, () => {});
      await machine.sleep(HEARTBEAT_MS);
    }
  })();
}
