/** The wire as a simulated device sees it: bytes in, bytes out, an end. Stages (pacing, faults) wrap one link in another. */
import type { Duplex } from 'node:stream';
import type { Clock } from '@hall/contracts';

export interface ByteLink {
  /** One listener per link; chunk borders mean nothing. */
  onBytes(listener: (bytes: Uint8Array) => void): void;
  /** Keeps order. Resolves when the bytes have left, or when the link is closed and they never will; never rejects. */
  send(bytes: Uint8Array): Promise<void>;
  onClosed(listener: () => void): void;
  /** Breaks the link at once. */
  destroy(): void;
}

/** How a device is connected. */
export interface AttachOptions {
  /** A network connection ends when the device restarts; a serial line stays, and carries one direction at a time. */
  readonly line?: 'network' | 'serial';
  /** Bits per second, 8N1: a byte takes 10 of them. Absent: as fast as the stream. */
  readonly baud?: number;
}

/** What `listenTcp` and `openPty` can put on a wire. */
export interface AttachableDevice {
  attach(stream: Duplex, options?: AttachOptions): void;
}

/** A stream as a link. */
export function linkOf(stream: Duplex): ByteLink {
  // A broken wire is news for the other end; a device only notices that the bytes stop.
  stream.on('error', () => stream.destroy());
  stream.on('end', () => stream.end());
  return {
    onBytes: (listener) => void stream.on('data', listener),
    send: (bytes) =>
      new Promise((resolve) => {
        if (stream.destroyed || stream.writableEnded) resolve();
        else stream.write(bytes, () => resolve());
      }),
    onClosed: (listener) => void stream.once('close', listener),
    destroy: () => {
      // Half of a pair in memory tells the other half only by its end.
      stream.end();
      stream.destroy();
    },
  };
}

const BITS_PER_BYTE = 10;
/** Long chunks arrive in pieces, as on a real line. */
const SLICE_BYTES = 64;

/** A link whose bytes take their time in both directions, 8N1 at `baud`. Bytes are never lost or reordered. */
export function paced(link: ByteLink, baud: number, clock: Clock): ByteLink {
  const closed = new AbortController();
  link.onClosed(() => closed.abort());
  const lane = (deliver: (bytes: Uint8Array) => Promise<void> | void) => {
    let freeAtMs = 0;
    let tail: Promise<void> = Promise.resolve();
    return (bytes: Uint8Array): Promise<void> => {
      for (let at = 0; at < bytes.length; at += SLICE_BYTES) {
        const slice = bytes.slice(at, at + SLICE_BYTES);
        freeAtMs = Math.max(freeAtMs, clock.machine.nowMs()) + (slice.length * BITS_PER_BYTE * 1000) / baud;
        const dueMs = freeAtMs;
        tail = tail.then(() => sleepUntil(dueMs, clock, closed.signal)).then((arrived) => (arrived ? deliver(slice) : undefined));
      }
      return tail;
    };
  };
  const out = lane((bytes) => link.send(bytes));
  return {
    ...link,
    send: out,
    onBytes: (listener) => {
      const into = lane(listener);
      link.onBytes((bytes) => void into(bytes));
    },
  };
}

async function sleepUntil(dueMs: number, clock: Clock, signal: AbortSignal): Promise<boolean> {
  const waitMs = dueMs - clock.machine.nowMs();
  if (waitMs <= 0) return !signal.aborted;
  return clock.machine.sleep(waitMs, signal).then(
    () => true,
    () => false,
  );
}
