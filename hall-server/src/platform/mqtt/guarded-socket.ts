/** Stands between a socket and the broker, which by itself would keep whatever it is sent. */
import type { Socket } from 'node:net';
import type { Patience, Wait } from '@hall/runtime';
import { framingGuard, type FramingFault } from './framing-guard.ts';

/**
 * What unfinished packets of all connections together may hold, bytes: sixteen of the largest, or 512 half CONNECTs. Beyond it the
 * address that has most loses the one it began first.
 */
export const MAX_HELD_BYTES = 4 * 1024 * 1024;
/** A packet is whole by then, ms: the largest takes 35 s at 60 kbit/s. */
export const PACKET_MS = 60_000;

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
  /** Packets that are not complete yet, of all connections. */
  readonly unfinished: Patience;
  /** A packet was not whole in time; the connection is to be cut. */
  readonly tooSlow: () => void;
  /** Whether this connection is signed in; until then nothing after its CONNECT is read. */
  readonly signedIn: () => boolean;
  /** Nothing is read any more; the connection is to be cut. */
  readonly fault: (fault: SocketFault) => void;
  /** The connection is cut because it left too much unread. */
  readonly frozen: () => void;
}

/** Looks at every byte before the broker does, without copying; of a connection at fault nothing goes anywhere any more. */
export function guardSocket(socket: Socket, { held, unfinished, signedIn, fault, frozen, tooSlow }: GuardOptions): void {
  const guard = framingGuard();
  const read = socket.read.bind(socket) as (size?: number) => Buffer | null;
  const address = socket.remoteAddress ?? '';
  let waited: { readonly packet: number; readonly wait: Wait } | undefined;
  let over = false;
  const drop = () => {
    waited?.wait.over();
    waited = undefined;
    held.bytes = unfinished.weight;
  };
  const end = (wrong: SocketFault) => {
    over = true;
    drop();
    fault(wrong);
  };
  const hold = () => {
    const { begun, heldBytes } = guard;
    if (heldBytes === 0 || waited?.packet !== begun) drop();
    if (heldBytes === 0) return;
    waited ??= {
      packet: begun,
      wait: unfinished.begin(address, (why) => (why === 'too_slow' ? tooSlow() : end('too_much_unfinished'))),
    };
    waited.wait.weigh(heldBytes);
    held.bytes = unfinished.weight;
    held.mostBytes = Math.max(held.mostBytes, held.bytes);
  };
  socket.once('close', drop);
  socket.read = (size?: number) => {
    // The broker comes back for more once it has answered the CONNECT.
    if (over || (guard.connectTaken && !signedIn())) return null;
    const chunk = read(size);
    if (chunk === null) return null;
    const wrong = guard.take(chunk);
    if (wrong === undefined) hold();
    else end(wrong);
    return over ? null : chunk;
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
