/** The devices of a benchmark: they run in a thread of their own (`device-thread.ts`), and their calls are heard here. */
import { once } from 'node:events';
import { Worker } from 'node:worker_threads';
import { systemClock } from '@hall/contracts';
import { built } from './paths.ts';

export type Line = 'tcp' | 'pty';
/** Called with the device's index, the newest call in the bytes, and the machine time at which they came, ms. */
export type Heard = (device: number, call: number, atMs: number) => void;

export interface Plug {
  /** `host:port`, or the path of a serial port. */
  readonly address: string;
  /** 0 on a serial line. */
  readonly port: number;
}

/** How far a device has come. */
export interface Progress {
  /** Frames or lines it has heard. */
  readonly frames: number;
  /** Areas a card shows. */
  readonly areas: number;
}

/** What the thread is started with. */
export interface DevicesMade {
  readonly kind: 'cards' | 'lines' | 'lines that answer';
  readonly line: Line;
  readonly count: number;
}
export type ToDevices = 'progress' | 'close';
/** `heard`: device, call and time (`process.hrtime`, ms; the same clock in every thread), one after the other. */
export type FromDevices =
  | { readonly opened: readonly Plug[] }
  | { readonly heard: readonly number[] }
  | { readonly progress: readonly Progress[] };

export interface Devices {
  readonly line: Line;
  readonly plugs: readonly Plug[];
  heard: Heard;
  /** Of each device. */
  progress(): Promise<readonly Progress[]>;
  close(): Promise<void>;
}

export const STRIP_PX = { widthPx: 320, heightPx: 48 } as const;
const { machine } = systemClock();

/** Simulated Onbon cards that report each call in the frames they receive. */
export const openHallStrips = (line: Line, count: number): Promise<Devices> => open({ kind: 'cards', line, count });

/** Devices of the floor and of Node-RED: a line of text in; with `answers`, the ticket's call back as a line. */
export const openLineDevices = (line: Line, count: number, answers: boolean): Promise<Devices> =>
  open({ kind: answers ? 'lines that answer' : 'lines', line, count });

async function open(made: DevicesMade): Promise<Devices> {
  // Built code; the flags by which the generator runs from source would make it load sources.
  const thread = new Worker(built('device-thread'), { workerData: made, execArgv: [] });
  const ask = (what: ToDevices) => thread.postMessage(what);
  const offsetMs = machine.nowMs() - Number(process.hrtime.bigint()) / 1e6;
  let opened: (plugs: readonly Plug[]) => void = () => {};
  let told: (progress: readonly Progress[]) => void = () => {};
  // Listened for from the start: a thread that has ended says nothing more, and whoever waited for it would wait for ever.
  const ended = once(thread, 'exit');
  const gone = ended.then(() => {
    throw new Error('the thread of the devices has ended');
  });
  gone.catch(() => {});
  const plugs = new Promise<readonly Plug[]>((resolve) => {
    opened = resolve;
  });
  let heard: Heard = () => {};
  thread.on('message', (message: FromDevices) => {
    if ('opened' in message) return opened(message.opened);
    if ('progress' in message) return told(message.progress);
    const { heard: calls } = message;
    for (let at = 0; at < calls.length; at += 3) {
      heard(calls[at] as number, calls[at + 1] as number, (calls[at + 2] as number) + offsetMs);
    }
  });
  return {
    line: made.line,
    plugs: await Promise.race([plugs, gone]),
    set heard(listener: Heard) {
      heard = listener;
    },
    get heard() {
      return heard;
    },
    progress: () => {
      const answer = new Promise<readonly Progress[]>((resolve) => {
        told = resolve;
        ask('progress');
      });
      return Promise.race([answer, gone]);
    },
    async close() {
      ask('close');
      await ended;
    },
  };
}
