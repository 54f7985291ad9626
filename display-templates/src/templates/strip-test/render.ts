import { inks } from '../../scene.ts';
import { place } from '../../slot.ts';
import { lineWidthPx, type FontPx } from '../../text-fit.ts';
import type { StripTemplate } from '../../template.ts';
import data from './template.json' with { type: 'json' };

/** In the symbol rows of GB 2312; lights most of its cell. */
const BLOCK = '■';

/** Every colour over a third of the strip, so that a dead row, column or colour is seen. */
export const stripTest: StripTemplate = {
  kind: 'strip',
  ...data,
  render(_, { widthPx, heightPx }) {
    const fontPx: FontPx = heightPx < 32 ? 16 : 32;
    const thirdPx = Math.floor(widthPx / inks.length / 8) * 8;
    return inks.flatMap((ink, at) => {
      const xPx = at * thirdPx;
      const ownPx = at === inks.length - 1 ? widthPx - xPx : thirdPx;
      const slot = { area: at, xPx, yPx: 0, widthPx: ownPx, heightPx, fonts: [fontPx], align: 'centre' } as const;
      return place(slot, [BLOCK.repeat(Math.max(1, Math.floor(ownPx / lineWidthPx(BLOCK, fontPx))))], ink);
    });
  },
};
