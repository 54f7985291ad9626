/** The devices of a benchmark, in the generator's process: what reaches them is timed without a network hop more. */
import { systemClock } from '@hall/contracts';
import { createOnbonKSimulator, listenTcp, openPty, type AttachableDevice, type OnbonKSimulator } from '@hall/simulators';
import { callIn } from './tickets.ts';

export type Line = 'tcp' | 'pty';
/** Called with the strip's index, the newest call in the bytes, and machine time, ms. */
export type Heard = (strip: number, call: number, atMs: number) => void;

export interface Plug {
  /** `host:port`, or the path of a serial port. */
  readonly address: string;
  readonly port: number;
  close(): Promise<void> | void;
}

/** Cards hold every area of a strip template. */
const AREAS = 32;
export const STRIP_PX = { widthPx: 320, heightPx: 48 } as const;
const clock = systemClock();

/** Puts a device on a line; serial lines are as fast as the kernel. */
export async function plugIn(device: AttachableDevice, line: Line): Promise<Plug> {
  if (line === 'pty') {
    const pty = openPty(device, { clock });
    return { address: pty.path, port: 0, close: () => pty.close() };
  }
  const listener = await listenTcp(device);
  return { address: `127.0.0.1:${listener.port}`, port: listener.port, close: () => listener.close() };
}

export interface HallStrip extends Plug {
  readonly simulator: OnbonKSimulator;
}

export interface HallStrips {
  readonly line: Line;
  readonly strips: readonly HallStrip[];
  heard: Heard;
  close(): Promise<void>;
}

/** Simulated Onbon cards that report each call in the frames they receive. */
export async function openHallStrips(line: Line, count: number): Promise<HallStrips> {
  const strips: HallStrip[] = [];
  const all: HallStrips = {
    line,
    strips,
    heard: () => {},
    close: async () => {
      for (const strip of strips) {
        strip.simulator.close();
        await strip.close();
      }
    },
  };
  for (let at = 0; at < count; at += 1) {
    const simulator = createOnbonKSimulator({ clock, ...STRIP_PX, maxAreas: AREAS, seed: at + 1 });
    simulator.onFrame(({ direction, machineMs, bytes }) => {
      if (direction === 'out') return;
      const call = callIn(bytes);
      if (call >= 0) all.heard(at, call, machineMs);
    });
    strips.push({ simulator, ...(await plugIn(simulator, line)) });
  }
  return all;
}

export interface LineDevices {
  readonly plugs: readonly Plug[];
  heard: Heard;
  close(): Promise<void>;
}

/** Devices of the floor and of Node-RED: a line of text in; with `answers`, the ticket's call back as a line. */
export async function openLineDevices(line: Line, count: number, answers: boolean): Promise<LineDevices> {
  const plugs: Plug[] = [];
  const all: LineDevices = {
    plugs,
    heard: () => {},
    close: async () => {
      for (const plug of plugs) await plug.close();
    },
  };
  for (let at = 0; at < count; at += 1) {
    const device: AttachableDevice = {
      attach: (stream) => {
        let rest = '';
        stream.on('error', () => stream.destroy());
        stream.on('data', (bytes: Buffer) => {
          const atMs = clock.machine.nowMs();
          rest += bytes.toString('latin1');
          for (let end = rest.indexOf('\n'); end >= 0; end = rest.indexOf('\n')) {
            const call = callIn(Buffer.from(rest.slice(0, end), 'latin1'));
            rest = rest.slice(end + 1);
            if (call < 0) continue;
            all.heard(at, call, atMs);
            if (answers) stream.write(`${call}\n`);
          }
        });
      },
    };
    plugs.push(await plugIn(device, line));
  }
  return all;
}
