/** A serial cable between a port and whoever opens it: a pseudo-terminal that passes on to the real port, with faults. */
import type { Duplex } from 'node:stream';
import { systemClock, type Clock } from '@hall/contracts';
import { openPty, seeded } from '@hall/simulators';
import { createLane } from './lane.ts';
import { switchedLine, type LineFaults } from './line.ts';

export interface SerialLineOptions {
  /** The port behind the cable. */
  readonly target: string;
  readonly baud: number;
  readonly clock?: Clock;
  readonly seed?: number;
}

export interface SerialLine {
  /** What is to be opened in place of the port. */
  readonly path: string;
  readonly faults: LineFaults;
  /** Pulls the adapter: the port breaks, the path is gone; or puts it back under the same path. */
  unplug(unplugged: boolean): void;
  close(): Promise<void>;
}

/** Rejects when the port behind cannot be opened. */
export async function openSerialLine({ target, baud, clock = systemClock(), seed = 1 }: SerialLineOptions): Promise<SerialLine> {
  const { SerialPort } = await import('serialport');
  const { faults, up, down } = switchedLine();
  const random = seeded(seed);
  const port = new SerialPort({ path: target, baudRate: baud, autoOpen: false });
  await new Promise<void>((resolve, reject) => {
    port.open((error) => (error ? reject(error) : resolve()));
  });
  let near: Duplex | undefined;
  const into = (stream: () => Duplex | undefined) => (bytes: Uint8Array) =>
    new Promise<void>((resolve) => {
      const to = stream();
      if (!to || to.destroyed) resolve();
      else to.write(bytes, () => resolve());
    });
  const pull = () => pty.unplug();
  const lanes = {
    up: createLane({ faults: up, clock, random, deliver: into(() => port), cut: pull }),
    down: createLane({ faults: down, clock, random, deliver: into(() => near), cut: pull }),
  };
  port.on('data', (bytes: Buffer) => lanes.down.push(bytes));
  const pty = openPty(
    {
      attach: (stream) => {
        near = stream;
        stream.on('error', () => stream.destroy());
        stream.on('data', (bytes: Uint8Array) => lanes.up.push(bytes));
        stream.once('close', () => {
          if (near === stream) near = undefined;
        });
      },
    },
    { clock },
  );
  return {
    path: pty.path,
    faults,
    unplug: (unplugged) => (unplugged ? pty.unplug() : pty.replug()),
    async close() {
      lanes.up.close();
      lanes.down.close();
      pty.close();
      await new Promise<void>((resolve) => {
        if (port.isOpen) port.close(() => resolve());
        else resolve();
      });
    },
  };
}
