/** A smaller hall out of a larger one. */
import type { HallContent } from '@hall/contracts';

/** The content with its first so many windows and the devices of those; departments, services, staff and all else stay. */
export function partOfHall(content: HallContent, windows: number): HallContent {
  const first = content.windows.slice(0, windows);
  const kept = new Set(first.map(({ id }) => id));
  const { lunchWindows, windowHours } = content.calendar;
  return {
    ...content,
    calendar: {
      ...content.calendar,
      lunchWindows: lunchWindows.filter((id) => kept.has(id)),
      windowHours: windowHours.filter(({ window }) => kept.has(window)),
    },
    windows: first,
    devices: content.devices.filter(({ screen }) => screen?.window === undefined || kept.has(screen.window)),
  };
}
