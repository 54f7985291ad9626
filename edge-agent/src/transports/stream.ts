/** A connection over any duplex stream: a socket, a serial port, half of a `duplexPair`. */
import type { Duplex } from 'node:stream';
import type { Connection } from './transport.ts';

/**
 * Reads from the first moment on: a stream that is not read does not notice that its cable was pulled. `shut` ends the stream
 * so that it emits `close`.
 */
export function connectionOf(stream: Duplex, shut: () => void = () => void stream.destroy()): Connection {
  let listener: ((bytes: Uint8Array) => void) | undefined;
  let early: Uint8Array[] = [];
  let reason: Error | undefined;
  const closed = new Promise<Error | undefined>((resolve) => {
    stream.on('error', (error) => {
      reason ??= error;
    });
    stream.once('end', shut);
    stream.once('close', (why: unknown) => resolve(why instanceof Error ? why : reason));
  });
  stream.on('data', (bytes: Uint8Array) => {
    if (listener) listener(bytes);
    else early.push(bytes);
  });
  return {
    closed,
    onBytes(next) {
      listener = next;
      for (const bytes of early) next(bytes);
      early = [];
    },
    send: (bytes) =>
      new Promise((resolve, reject) => {
        stream.write(bytes, (error) => (error ? reject(error) : resolve()));
      }),
    async close() {
      shut();
      await closed;
    },
  };
}
