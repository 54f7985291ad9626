import { HallError, type Clock } from '@hall/contracts';
import { connectionOf } from './stream.ts';
import type { Connection, Transport } from './transport.ts';

export interface SerialLine {
  /** Path of the port, e.g. `/dev/serial/by-id/…`; ports are never searched for. */
  readonly path: string;
  readonly baud: number;
  /** Silence between the last byte heard or said and the next question on a half-duplex line, ms. */
  readonly gapMs: number;
}

/**
 * A serial port, 8N1. It is always read, because an unread port does not notice that its adapter was pulled; a port that
 * vanishes silently is found by the driver's heartbeat.
 */
export const serial = ({ path, baud, gapMs }: SerialLine, clock: Clock): Transport => ({
  label: `serial:${path}`,
  async connect(signal) {
    // Loaded by the first serial device only: most agents have none.
    const { SerialPort } = await import('serialport');
    signal.throwIfAborted();
    const port = new SerialPort({ path, baudRate: baud, dataBits: 8, parity: 'none', stopBits: 1, autoOpen: false });
    await new Promise<void>((resolve, reject) => {
      port.open((error) => (error ? reject(new HallError('DEVICE_OFFLINE', { path }, error)) : resolve()));
    });
    // Destroying the stream alone would leave the port open and locked.
    const shut = () => {
      if (port.isOpen) port.close(() => port.destroy());
    };
    return withGap(connectionOf(port, shut), gapMs, clock);
  },
});

/** Keeps a half-duplex line quiet for `gapMs` before each question, so that both ends have turned their direction. */
export function withGap(connection: Connection, gapMs: number, clock: Clock): Connection {
  let quietSinceMs = Number.NEGATIVE_INFINITY;
  const touch = () => {
    quietSinceMs = clock.machine.nowMs();
  };
  return {
    closed: connection.closed,
    close: () => connection.close(),
    onBytes: (listener) =>
      connection.onBytes((bytes) => {
        touch();
        listener(bytes);
      }),
    async send(bytes) {
      const waitMs = quietSinceMs + gapMs - clock.machine.nowMs();
      if (waitMs > 0) await clock.machine.sleep(waitMs);
      await connection.send(bytes);
      touch();
    },
  };
}
