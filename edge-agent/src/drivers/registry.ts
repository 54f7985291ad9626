/** Every driver of this agent, sorted by id. Adding one is one line here. */
import { HallError, type DriverInfo } from '@hall/contracts';
import type { DeviceFinder } from '../discovery/finder.ts';
import type { Driver } from './driver.ts';
import { kiosk } from './kiosk/driver.ts';
import { onbonK } from './onbon-k/driver.ts';

export const drivers: readonly Driver[] = [kiosk, onbonK];

/** @throws HallError DRIVER_UNKNOWN. */
export function driverOf(id: string): Driver {
  const driver = drivers.find((one) => one.id === id);
  if (!driver) throw new HallError('DRIVER_UNKNOWN', { driver: id });
  return driver;
}

/** What the agent tells the server about its drivers; the console draws its forms from this. */
export const driverInfos: readonly DriverInfo[] = drivers.map(({ id, title, reaches, config, acts = [] }) => ({
  id,
  title,
  reaches,
  settings: config,
  acts: [...acts],
}));

/** Every finder of this agent; a driver brings its own. */
export const finders: readonly DeviceFinder[] = drivers.flatMap((driver) => driver.finders ?? []);
