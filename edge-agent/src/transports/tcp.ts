import { connect } from 'node:net';
import { HallError, type Clock } from '@hall/contracts';
import { connectionOf } from './stream.ts';
import type { Transport } from './transport.ts';

/** A lost SYN is sent again after a second; waiting longer than that would only delay the next try. */
const OPEN_MS = 1500;
const KEEP_ALIVE_MS = 5000;

/** A TCP client. Small frames are sent at once (no Nagle), and the system probes a silent peer. */
export const tcp = (host: string, port: number, clock: Clock): Transport => ({
  label: `tcp://${host}:${port}`,
  async connect(signal) {
    signal.throwIfAborted();
    const socket = connect({ host, port, noDelay: true, keepAlive: true, keepAliveInitialDelay: KEEP_ALIVE_MS });
    const done = new AbortController();
    try {
      await new Promise<void>((resolve, reject) => {
        socket.once('connect', resolve);
        socket.once('error', reject);
        clock.machine.sleep(OPEN_MS, AbortSignal.any([signal, done.signal])).then(
          () => reject(new Error(`no connection within ${OPEN_MS} ms`)),
          () => reject(new Error('stopped')),
        );
      });
      // A closed socket would go on sending what it holds: an old picture could reach a device whose cable is back.
      return connectionOf(socket, () => void socket.resetAndDestroy());
    } catch (error) {
      socket.on('error', () => {});
      socket.destroy();
      throw new HallError('DEVICE_OFFLINE', { host, port }, error);
    } finally {
      done.abort();
    }
  },
});
