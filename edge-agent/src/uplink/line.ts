/** What the parts of an agent speak through, whether or not somebody has connected yet. */
import type { Uplink, UplinkState } from './uplink.ts';

export interface Line {
  readonly state: UplinkState;
  /** As `Uplink.publish`; false while there is no uplink. */
  readonly publish: Uplink['publish'];
  /** The same for what only counts in a session: false while the server has not welcomed the agent. */
  readonly tell: Uplink['publish'];
  /** From now on this is the uplink. */
  plug(uplink: Uplink): void;
}

export function createLine(): Line {
  let uplink: Uplink | undefined;
  const publish: Uplink['publish'] = async (...said) => uplink?.publish(...said) ?? false;
  return {
    get state() {
      return uplink?.state ?? 'offline';
    },
    publish,
    tell: async (...said) => uplink?.state === 'welcomed' && publish(...said),
    plug: (next) => {
      uplink = next;
    },
  };
}
