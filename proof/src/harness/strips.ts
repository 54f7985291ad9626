/** Simulated strips of a test hall: behind TCP ports, or on real pseudo-terminals paced at a serial line's rate. */
import type { Clock, Device, HallContent } from '@hall/contracts';
import { createOnbonKSimulator, openPty, type OnbonKSimulator } from '@hall/simulators';
import { openStrip, pictureKey } from '@hall/virtual-hall';

export type Line = 'tcp' | 'pty';

/** One strip and its cable. */
export interface TestStrip {
  readonly id: string;
  readonly simulator: OnbonKSimulator;
  readonly storedKey: string;
  readonly darkKey: string;
  readonly unplugged: boolean;
  unplug(unplugged: boolean): void;
  close(): Promise<void>;
}

const AREAS = 32;
const BAUD = 57_600;

function openPtyStrip(device: Device, clock: Clock, seed: number): { strip: TestStrip; path: string } {
  const { screen } = device;
  if (!screen) throw new RangeError(`${device.id} has no screen`);
  const { widthPx, heightPx } = screen;
  const simulator = createOnbonKSimulator({ clock, widthPx, heightPx, seed, maxAreas: AREAS });
  const line = openPty(simulator, { clock, baud: BAUD });
  let unplugged = false;
  const strip: TestStrip = {
    id: device.id,
    simulator,
    storedKey: pictureKey(simulator.picture()),
    darkKey: pictureKey({ widthPx, heightPx, pixels: new Uint8Array(widthPx * heightPx) }),
    get unplugged() {
      return unplugged;
    },
    unplug(next) {
      unplugged = next;
      if (next) line.unplug();
      else line.replug();
    },
    close: () => {
      simulator.close();
      line.close();
      return Promise.resolve();
    },
  };
  return { strip, path: line.path };
}

/** Opens every strip of the content and answers the content with their real addresses in it. */
export async function openTestStrips(
  content: HallContent,
  clock: Clock,
  line: Line,
): Promise<{ content: HallContent; strips: ReadonlyMap<string, TestStrip> }> {
  const strips = new Map<string, TestStrip>();
  const devices: Device[] = [];
  try {
    for (const device of content.devices) {
      if (device.driver !== 'onbon-k') {
        devices.push(device);
      } else if (line === 'tcp') {
        const strip = await openStrip({ ...device, settings: { ...device.settings, port: 0 } }, clock, strips.size + 1);
        strips.set(device.id, strip);
        devices.push({ ...device, settings: { ...device.settings, port: strip.port } });
      } else {
        const { strip, path } = openPtyStrip(device, clock, strips.size + 1);
        strips.set(device.id, strip);
        devices.push({ ...device, settings: { transport: 'serial', path, baud: BAUD } });
      }
    }
  } catch (error) {
    await Promise.all([...strips.values()].map((strip) => strip.close()));
    throw error;
  }
  return { content: { ...content, devices }, strips };
}
