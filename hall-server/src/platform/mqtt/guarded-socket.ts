/** Stands between a socket and the broker, which by itself would keep whatever it is sent. */
import type { Socket } from 'node:net';
import { framingGuard, type FramingFault } from './framing-guard.ts';

/** What unfinished packets of all connections together may hold, bytes: sixteen of the largest, or 512 half CONNECTs. */
export const MAX_HELD_BYTES = 4 * 1024 * 1024;

export type SocketFault = FramingFault | 'too_much_unfinished';

/**
 * A reader that leaves so much unread is cut off, bytes; everything is sent again when it comes back. The documents of two
 * thousand devices at once, after a hello, are less.
 */
export const MAX_UNSENT_BYTES = 16 * 1024 * 1024;

/** What connections hold in memory. */
export interface Held {
  /** Of packets that are not complete yet, over all connections. */
  bytes: number;
  /** The most it ever was. */
  mostBytes: number;
  /** The most that ever waited to be sent on one connection. */
  mostUnsentBytes: number;
}

export interface GuardOptions {
  readonly held: Held;
  /** Whether this connection is signed in; until then nothing after its CONNECT is read. */
  readonly signedIn: () => boolean;
  /** Nothing is read any more; the connection is to be cut. */
  readonly fault: (fault: SocketFault) => void;
  /** The connection is cut because it left too much unread. */
  readonly frozen: () => void;
}

/** Looks at every byte before the broker does, without copying; of a connection at fault nothing goes anywhere any more. */
export function guardSocket(socket: Socket, { held, signedIn, fault, frozen }: GuardOptions): void {
  const guard = framingGuard();
  const read = socket.read.bind(socket) as (size?: number) => Buffer | null;
  let own = 0;
  let over = false;
  const hold = (bytes: number) => {
    held.bytes += bytes - own;
    own = bytes;
    held.mostBytes = Math.max(held.mostBytes, held.bytes);
  };
  socket.once('close', () => hold(0));
  socket.read = (size?: number) => {
    // The broker comes back for more once it has answered the CONNECT.
    if (over || (guard.connectTaken && !signedIn())) return null;
    const chunk = read(size);
    if (chunk === null) return null;
    const wrong = guard.take(chunk) ?? (held.bytes - own + guard.heldBytes > MAX_HELD_BYTES ? 'too_much_unfinished' : undefined);
    if (wrong === undefined) {
      hold(guard.heldBytes);
      return chunk;
    }
    over = true;
    hold(0);
    fault(wrong);
    return null;
  };
  const write = socket.write.bind(socket) as Socket['write'];
  socket.write = ((...given: Parameters<Socket['write']>) => {
    if (socket.destroyed) return false;
    if (socket.writableLength <= MAX_UNSENT_BYTES) {
      const more = write(...given);
      held.mostUnsentBytes = Math.max(held.mostUnsentBytes, socket.writableLength);
      return more;
    }
    frozen();
    socket.destroy();
    return false;
  }) as Socket['write'];
}
