/** The simulated strips of a hall on real sockets, and their cables. */
import type { Clock, Device, HallContent } from '@hall/contracts';
import { createOnbonKSimulator, listenTcp, type OnbonKSimulator, type TcpListener } from '@hall/simulators';
import { pictureKey } from './truth.ts';

/** A card that holds every area a template can use. assumed: no limit of the firmware is published. */
const AREAS = 32;

export interface StageStrip {
  readonly id: string;
  readonly device: Device;
  readonly simulator: OnbonKSimulator;
  readonly port: number;
  readonly storedKey: string;
  readonly darkKey: string;
  readonly unplugged: boolean;
  /** 拔网线: breaks its connections and refuses new ones; or plugs it in again. */
  unplug(unplugged: boolean): void;
  close(): Promise<void>;
}

const text = (value: unknown, otherwise: string): string => (typeof value === 'string' ? value : otherwise);
const whole = (value: unknown, otherwise: number): number => (typeof value === 'number' ? value : otherwise);

/** One simulated card behind a TCP port; port 0 takes a free one. Rejects with the system's error if the port is taken. */
export async function openStrip(device: Device, clock: Clock, seed = 1): Promise<StageStrip> {
  const { screen, settings } = device;
  if (!screen) throw new RangeError(`${device.id} has no screen`);
  const { widthPx, heightPx } = screen;
  const simulator = createOnbonKSimulator({
    clock,
    widthPx,
    heightPx,
    seed,
    maxAreas: AREAS,
    address: whole(settings['screenNumber'], 1),
    charset: settings['charset'] === 'gbk' ? 'gbk' : 'gb2312',
  });
  const storedKey = pictureKey(simulator.picture());
  const darkKey = pictureKey({ widthPx, heightPx, pixels: new Uint8Array(widthPx * heightPx) });
  const listener: TcpListener = await listenTcp(simulator, {
    host: text(settings['host'], '127.0.0.1'),
    port: whole(settings['port'], 0),
  });
  let unplugged = false;
  return {
    id: device.id,
    device,
    simulator,
    port: listener.port,
    storedKey,
    darkKey,
    get unplugged() {
      return unplugged;
    },
    unplug(next) {
      unplugged = next;
      listener.refuse(next);
      if (next) listener.drop();
    },
    async close() {
      simulator.close();
      await listener.close();
    },
  };
}

/** Every strip of the content, in its order. If one port is taken, those already open are closed again. */
export async function openStrips(content: HallContent, clock: Clock): Promise<StageStrip[]> {
  const open: StageStrip[] = [];
  try {
    for (const device of content.devices) {
      if (device.driver === 'onbon-k') open.push(await openStrip(device, clock, open.length + 1));
    }
  } catch (error) {
    await Promise.all(open.map((strip) => strip.close()));
    throw error;
  }
  return open;
}
