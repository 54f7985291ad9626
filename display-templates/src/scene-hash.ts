import type { Scene } from './scene.ts';
import { sha256 } from './sha256.ts';

/** The text of a scene, line by line in reading order (top to bottom, then left to right), without empty places. */
export const sceneText = (scene: Scene): string[] =>
  scene.items
    .filter((item) => item.text !== '')
    .toSorted((one, other) => one.yPx - other.yPx || one.xPx - other.xPx)
    .map((item) => item.text);

/** SHA-256 (hex) of the canonical JSON of a scene: fields in a fixed order, items by area. Equal scenes, equal hashes. */
export function sceneHash(scene: Scene): string {
  const items = scene.items
    .toSorted((one, other) => one.area - other.area)
    .map((item) => [item.area, item.xPx, item.yPx, item.widthPx, item.heightPx, item.text, item.fontPx, item.ink, item.align]);
  return sha256(JSON.stringify([scene.widthPx, scene.heightPx, items]));
}
