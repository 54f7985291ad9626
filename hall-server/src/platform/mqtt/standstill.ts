/** What becomes of a connection at fault. */
import type { Socket } from 'node:net';
import type { MachineTime } from '@hall/contracts';

/**
 * So long it stands still before it is cut, ms: who floods and connects again at once is slowed down to this pace. What was read
 * of each connection, 64 KiB and more, is garbage that lives too long to be collected quickly, so there must be little of it.
 */
export const STILL_MS = 10_000;
/** No more than this stand still at a time; the stream of each holds one piece that the system had read already, at most 64 KiB. */
export const MOST_STILL = 64;

/** Cuts a connection of which nothing is read any more, after a while or, when too many stand still, at once. */
export function standstill(machine: MachineTime): (socket: Socket) => void {
  let still = 0;
  return (socket) => {
    if (still >= MOST_STILL) {
      socket.destroy();
      return;
    }
    still += 1;
    const gone = new AbortController();
    socket.once('close', () => {
      still -= 1;
      gone.abort();
    });
    machine.sleep(STILL_MS, gone.signal).then(
      () => socket.destroy(),
      () => {},
    );
  };
}
