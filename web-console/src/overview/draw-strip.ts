import type { Picture } from '@hall/contracts';
import { drawPicture } from '@hall/templates';
import type { Draw } from './drawing.ts';
import { toldScene } from './told-scene.ts';

/** The newest picture of each strip, by device, and the words it was drawn from. */
const drawn = new Map<string, { readonly told: string; readonly picture: Picture }>();

/**
 * Pixels of what a strip was told. The state of the hall now only decides where lines stand, never what they say, so the moment
 * given to the template is that of the window's newest fact. While the window has moved on and the strip was not told yet, its
 * words fit no picture of the window; they are still the words of the picture before, and that is what the strip shows.
 */
export const drawStrip: Draw = (window, strip, zone, size) => {
  const told = JSON.stringify([strip.text, strip.freshness, size]);
  const scene = toldScene(window, strip, zone, window.changedAt ?? 0, size);
  if (!scene) {
    const before = drawn.get(strip.device);
    return before?.told === told ? before.picture : undefined;
  }
  const picture = drawPicture(scene);
  drawn.set(strip.device, { told, picture });
  return picture;
};
