/** Which screens are as they should be. A board that nobody has opened is none of the hall's faults. */
import type { DeviceView, Overview } from '@hall/contracts';
import { needsAttention, waitsForPage } from '../devices/difference.ts';
import { isConfirmed } from '../live/merge.ts';

/** Parts of the screens that are not confirmed. */
export interface ScreenCounts {
  /** Boards whose agent is there and would show them, but no browser has their page open. */
  readonly notOpen: number;
  /** Screens that are seen to be wrong: behind, not answering, differing or away. */
  readonly missing: number;
  /** Counted by the server, but nothing that this reader may see, or was told yet, says that they are wrong. */
  readonly unknown: number;
}

/** Without `devices` only the strips of windows are judged. */
export function screenCounts(overview: Overview, devices: readonly DeviceView[] = []): ScreenCounts {
  const unconfirmed = Math.max(0, overview.screens - overview.screensConfirmed);
  const notOpen = Math.min(unconfirmed, devices.filter(waitsForPage).length);
  const suspects = new Set<string>();
  for (const { device, current, level } of overview.windows.flatMap(({ strips }) => strips)) {
    if (!current || !isConfirmed(level)) suspects.add(device);
  }
  for (const device of devices) if (needsAttention(device)) suspects.add(device.id);
  const missing = Math.min(unconfirmed - notOpen, suspects.size);
  return { notOpen, missing, unknown: unconfirmed - notOpen - missing };
}
