/** Which objects are under maintenance. */
import type { AlarmObject, MaintenanceWindow } from '@hall/contracts';
import { objectKey, type Topology } from './topology.ts';

/** Answers whether a window lies over an object, or over something it hangs on, at a moment of hall time. `from` counts, `until` does not. */
export function maintenanceAt(windows: readonly MaintenanceWindow[], topology: Pick<Topology, 'above'>, hallMs: number) {
  const under = new Set(
    windows.filter(({ from, until }) => from <= hallMs && hallMs < until).map(({ object }) => objectKey(object)),
  );
  return (object: AlarmObject): boolean =>
    under.size > 0 && (under.has(objectKey(object)) || topology.above(object).some((above) => under.has(objectKey(above))));
}
