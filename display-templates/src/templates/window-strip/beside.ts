/** Room for what stands to the left of the reason of a pause: Chinese glyphs fill their squares, and lines that meet run together. */
import type { SceneItem } from '../../scene.ts';
import { place, type Slot } from '../../slot.ts';
import { lineWidthPx } from '../../text-fit.ts';

/** Least distance between a line and the reason at its right. */
const GAP_PX = 8;

const sharesRows = (slot: Slot, item: SceneItem): boolean =>
  slot.yPx < item.yPx + item.heightPx && item.yPx < slot.yPx + slot.heightPx;

/** Width a left-aligned slot may fill beside a right-aligned item, px; all of it when they share no row. */
export function roomBeside(slot: Slot, item: SceneItem | undefined): number {
  if (item === undefined || slot.align !== 'left' || !sharesRows(slot, item)) return slot.widthPx;
  const startPx = item.xPx + item.widthPx - lineWidthPx(item.text, item.fontPx);
  return Math.min(slot.widthPx, startPx - GAP_PX - slot.xPx);
}

/** Whether one of the wordings can be said whole in the smallest font of the slot. */
export const holds = (slot: Slot, wordings: readonly string[], roomPx: number): boolean =>
  wordings.some((words) => lineWidthPx(words, slot.fonts.at(-1) ?? 16) <= roomPx);

/** The item of a slot with the best wording that fits into the room; its rectangle stays that of the slot. */
export const placeWithin = (slot: Slot, wordings: readonly string[], ink: SceneItem['ink'], roomPx: number): SceneItem[] =>
  place({ ...slot, widthPx: roomPx }, wordings, ink).map((item) => ({ ...item, widthPx: slot.widthPx }));
