/** The newest frames that passed a card, for traces and people. */
import type { Clock } from '@hall/contracts';
import { type onbonK, toHex } from '@hall/wire';

/** One frame that passed the card. */
export interface FrameRecord {
  /** Unix ms. */
  readonly at: number;
  /** Machine time, ms. */
  readonly machineMs: number;
  readonly direction: 'in' | 'out';
  readonly bytes: Uint8Array;
  readonly hex: string;
  readonly describe: onbonK.Description;
}

export interface FrameLog {
  /** Oldest first. */
  readonly frames: readonly FrameRecord[];
  /** The words are made when somebody reads them. */
  add(direction: 'in' | 'out', bytes: Uint8Array, describe: () => onbonK.Description): FrameRecord;
}

const KEPT_FRAMES = 200;

/** An empty log that keeps the newest `kept`. */
export function createFrameLog(clock: Clock, kept = KEPT_FRAMES): FrameLog {
  const frames: FrameRecord[] = [];
  return {
    frames,
    add(direction, bytes, describe) {
      const record: FrameRecord = {
        at: clock.wall.nowMs(),
        machineMs: clock.machine.nowMs(),
        direction,
        bytes,
        get hex() {
          return toHex(bytes);
        },
        get describe() {
          return describe();
        },
      };
      frames.push(record);
      if (frames.length > kept) frames.shift();
      return record;
    },
  };
}
