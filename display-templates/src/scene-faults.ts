import type { Scene } from './scene.ts';
import { lineWidthPx } from './text-fit.ts';

/** Everything about the places of a scene that would make it unreadable, in words; empty is good. */
export function sceneFaults({ widthPx, heightPx, items }: Scene): string[] {
  const faults: string[] = [];
  items.forEach((item, at) => {
    const { area, text, fontPx } = item;
    const right = item.xPx + item.widthPx;
    const bottom = item.yPx + item.heightPx;
    if (lineWidthPx(text, fontPx) > item.widthPx || fontPx > item.heightPx) faults.push(`area ${area} overflows: ${text}`);
    if (item.xPx < 0 || item.yPx < 0 || right > widthPx || bottom > heightPx) faults.push(`area ${area} leaves the screen`);
    if (text === '') faults.push(`area ${area} is empty`);
    for (const other of items.slice(at + 1)) {
      if (other.area === area) faults.push(`area ${area} is there twice`);
      const apart =
        other.xPx >= right ||
        item.xPx >= other.xPx + other.widthPx ||
        other.yPx >= bottom ||
        item.yPx >= other.yPx + other.heightPx;
      if (!apart) faults.push(`areas ${area} and ${other.area} overlap`);
    }
  });
  return faults;
}
