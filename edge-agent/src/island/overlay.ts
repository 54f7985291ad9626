/** The live set with what the keys of this agent have said since the server was lost. Pure but for the clock of ages. */
import type { MachineTime, WindowLive } from '@hall/contracts';
import { island, type IslandState, type IslandTold } from '@hall/model';
import type { LiveEntry, LiveSet } from '../live/live-set.ts';

const keyOf = (window: string) => `window/${window}`;

/** The newest value of each window in a live set. */
export function toldIn(set: LiveSet): Map<string, IslandTold> {
  const told = new Map<string, IslandTold>();
  for (const { field } of set.entries.values()) {
    if (field.value.kind === 'window') told.set(field.value.window, { seq: field.seq, live: field.value });
  }
  return told;
}

/** A value from the keys: nobody else can know better while the server is away, so it is always of this moment. Its seq is none of the server's. */
function localEntry(live: WindowLive, machine: MachineTime): LiveEntry {
  return {
    field: { key: keyOf(live.window), seq: 0, sourceTime: live.calledAt ?? 0, value: live },
    get renewedAtMs() {
      return machine.nowMs();
    },
  };
}

/** The same set where nothing differs. */
export function overlaid(set: LiveSet, state: IslandState, machine: MachineTime): LiveSet {
  const told = toldIn(set);
  const entries = new Map(set.entries);
  let differs = false;
  for (const window of new Set([...told.keys(), ...Object.keys(state.windows)])) {
    const shown = island.shownOf(state, window, told);
    if (!shown) continue;
    differs = true;
    const key = keyOf(window);
    const entry = entries.get(key);
    if (shown.by === 'local') entries.set(key, localEntry(shown.live, machine));
    else if (entry) entries.set(key, { ...entry, field: { ...entry.field, value: shown.live } });
  }
  return differs ? { ...set, entries } : set;
}
