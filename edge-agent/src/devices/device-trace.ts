/** Raw frames of single devices, told while somebody looks: bounded in time and number, never on by itself. */
import {
  createTimer,
  MAX_TRACED_BYTES,
  TRACE_FRAMES_PER_MESSAGE,
  type Clock,
  type Traced,
  type TracedFrame,
  type TraceOrder,
} from '@hall/contracts';
import type { Driver, WirePiece } from '../drivers/driver.ts';

/** Frames are told this often, ms. */
const TELL_MS = 500;
/** Traces at one time; more are refused. */
const MOST_TRACES = 8;
/** Longest text that a codec may say about a frame. */
const SAYS_CHARACTERS = 200;
/** Longest unfinished tail, bytes; what is longer is told as it is. */
const MOST_UNFINISHED = 4096;

export interface TraceDeps {
  readonly clock: Clock;
  readonly epoch: string;
  /** Hears the bytes of a device until the returned function is called; undefined where no such device runs. */
  listen(device: string, ear: (direction: 'in' | 'out', bytes: Uint8Array) => void): (() => void) | undefined;
  /** The codec of the device's driver. */
  cutterOf(device: string): Driver['cut'];
  publish(device: string, message: Traced): Promise<unknown>;
}

export interface DeviceTraces {
  take(device: string, order: TraceOrder): void;
  close(): void;
}

export function createDeviceTraces(deps: TraceDeps): DeviceTraces {
  const running = new Map<string, { readonly id: string; end(): void }>();
  const { clock, epoch } = deps;

  function start(device: string, order: TraceOrder): void {
    let seq = 0;
    let count = 0;
    const waiting: TracedFrame[] = [];
    const reader = createFrameReader(deps.cutterOf(device), clock);
    const tell = (state: Traced['state']) => {
      do {
        seq += 1;
        const frames = waiting.splice(0, TRACE_FRAMES_PER_MESSAGE);
        const goesOn = waiting.length > 0 ? 'running' : state;
        void deps.publish(device, { epoch, id: order.id, seq, state: goesOn, frames });
      } while (waiting.length > 0);
    };
    const deaf = deps.listen(device, (direction, bytes) => keep(reader.take(direction, bytes)));
    if (!deaf) return refuse(device, order, 'DEVICE_OFFLINE');
    const ending = createTimer(clock, end);
    const telling = createTimer(clock, () => {
      if (waiting.length > 0) tell('running');
      telling.set(clock.machine.nowMs() + TELL_MS);
    });
    function keep(frames: readonly TracedFrame[]): void {
      for (const frame of frames) {
        if (count >= order.frames) return;
        count += 1;
        waiting.push(frame);
      }
      if (count >= order.frames) end();
    }
    function stop(): void {
      deaf?.();
      ending.stop();
      telling.stop();
      running.delete(device);
    }
    function end(): void {
      if (!running.has(device)) return;
      stop();
      const room = order.frames - count;
      waiting.push(...reader.tails().slice(0, Math.max(0, room)));
      tell('done');
    }
    running.set(device, { id: order.id, end: stop });
    ending.set(clock.machine.nowMs() + order.seconds * 1000);
    telling.set(clock.machine.nowMs() + TELL_MS);
    tell('running');
  }

  const refuse = (device: string, { id }: TraceOrder, code: string): void =>
    void deps.publish(device, { epoch, id, seq: 1, state: 'failed', code, frames: [] });

  return {
    take(device, order) {
      const held = running.get(device);
      if (held?.id === order.id) return;
      if (clock.wall.nowMs() > order.deadline) return refuse(device, order, 'SEARCH_EXPIRED');
      if (!held && running.size >= MOST_TRACES) return refuse(device, order, 'RATE_LIMITED');
      held?.end();
      start(device, order);
    },
    close: () => {
      for (const { end } of running.values()) end();
    },
  };
}

/** Cuts both directions of a line into frames, each with the time at which its last byte came. */
export function createFrameReader(cut: Driver['cut'], clock: Pick<Clock, 'wall'>) {
  const rests = { in: new Uint8Array() as Uint8Array, out: new Uint8Array() as Uint8Array };
  const frame = (direction: 'in' | 'out', { bytes, says }: WirePiece): TracedFrame => ({
    at: clock.wall.nowMs(),
    direction,
    hex: Buffer.from(bytes.subarray(0, MAX_TRACED_BYTES)).toString('hex'),
    bytes: bytes.length,
    ...(says ? { zh: says.zh.slice(0, SAYS_CHARACTERS), en: says.en.slice(0, SAYS_CHARACTERS) } : {}),
  });
  return {
    /** Frames that these bytes finish; without a codec every piece is told as it comes. */
    take(direction: 'in' | 'out', bytes: Uint8Array): readonly TracedFrame[] {
      if (!cut) return [frame(direction, { bytes })];
      const { pieces, rest } = cut(Buffer.concat([rests[direction], bytes]));
      const tooLong = rest.length > MOST_UNFINISHED;
      rests[direction] = tooLong ? new Uint8Array() : rest;
      return [...pieces, ...(tooLong ? [{ bytes: rest }] : [])].map((piece) => frame(direction, piece));
    },
    /** What has come and is no whole frame yet. */
    tails: (): readonly TracedFrame[] =>
      (['in', 'out'] as const).flatMap((direction) =>
        rests[direction].length === 0 ? [] : [frame(direction, { bytes: rests[direction] })],
      ),
  };
}
