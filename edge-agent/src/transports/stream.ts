/** A connection over any duplex stream: a socket, a serial port, half of a `duplexPair`. */
import type { Duplex } from 'node:stream';
import type { Connection } from './transport.ts';

/** Reads from the first moment on: a stream that is not read does not notice that its cable was pulled. */
export function connectionOf(stream: Duplex): Connection {
  let listener: ((bytes: Uint8Array) => void) | undefined;
  let early: Uint8Array[] = [];
  let reason: Error | undefined;
  const closed = new Promise<Error | undefined>((resolve) => {
    stream.once('error', (error) => {
      reason = error;
    });
    stream.once('end', () => stream.destroy());
    stream.once('close', () => resolve(reason));
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
      stream.destroy();
      await closed;
    },
  };
}
