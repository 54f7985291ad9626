/** Both directions of a line and what can be done to it, whatever it is made of. */
import { faultSwitch, healthy, type FaultSwitch, type LaneFaults } from './lane.ts';

/** `up`: from whoever connects to what stands behind; `down`: the other way. */
export type Direction = 'up' | 'down' | 'both';

export interface LineFaults {
  readonly up: LaneFaults;
  readonly down: LaneFaults;
  set(direction: Direction, faults: Partial<LaneFaults>): void;
  /** A healthy line again, in both directions. */
  clear(): void;
}

export interface SwitchedLine {
  readonly faults: LineFaults;
  readonly up: FaultSwitch;
  readonly down: FaultSwitch;
}

/** A healthy line. */
export function switchedLine(): SwitchedLine {
  const up = faultSwitch();
  const down = faultSwitch();
  const set: LineFaults['set'] = (direction, faults) => {
    if (direction !== 'down') up.set(faults);
    if (direction !== 'up') down.set(faults);
  };
  return {
    up,
    down,
    faults: {
      get up() {
        return up.now;
      },
      get down() {
        return down.now;
      },
      set,
      clear: () => set('both', healthy),
    },
  };
}
