import { drawPicture } from '@hall/templates';
import type { Draw } from './drawing.ts';
import { toldScene } from './told-scene.ts';

/**
 * Pixels of what a strip was told. The state of the hall now only decides where lines stand, never what they say, so the moment
 * given to the template is that of the window's newest fact.
 */
export const drawStrip: Draw = (window, strip, zone, size) => {
  const scene = toldScene(window, strip, zone, window.changedAt ?? 0, size);
  return scene && drawPicture(scene);
};
