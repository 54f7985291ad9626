import type { SceneItem, Ink } from './scene.ts';
import { fit, type FontPx } from './text-fit.ts';

/** A fixed rectangle of a layout. Strip slots start and end at multiples of 8 px, the unit of many LED cards. */
export interface Slot {
  readonly area: number;
  readonly xPx: number;
  readonly yPx: number;
  readonly widthPx: number;
  readonly heightPx: number;
  /** Fonts that may be used here, preferred first. */
  readonly fonts: readonly FontPx[];
  readonly align: SceneItem['align'];
}

/** The item of a slot with the best wording that fits; nothing when there is nothing to say or no room for it. */
export function place(slot: Slot, wordings: readonly string[], ink: Ink): SceneItem[] {
  const said = wordings.filter((wording) => wording !== '');
  const { text, fontPx } = fit(said, slot.widthPx, slot.fonts);
  if (text === '') return [];
  const { area, xPx, yPx, widthPx, heightPx, align } = slot;
  return [{ area, xPx, yPx, widthPx, heightPx, align, text, fontPx, ink }];
}
