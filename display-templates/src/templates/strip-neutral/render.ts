import { place, type Slot } from '../../slot.ts';
import { windowOf, type Size, type StripTemplate } from '../../template.ts';
import { neutralText } from '../../words.ts';
import data from './template.json' with { type: 'json' };

/** The whole sentence, then shorter ones for strips of four to six characters; all say: trust the call, not this screen. */
const sentences = [neutralText.zh, '请以叫号为准', '听窗口叫号', '请听叫号'];

/** The number stands where `window-strip` has it, so that going stale does not move it. */
function slotsOf({ widthPx, heightPx }: Size): { number?: Slot; sentence: Slot } {
  const text = { area: 7, fonts: [32, 16], align: 'centre' } as const;
  if (heightPx < 32) {
    return { sentence: { ...text, xPx: 0, yPx: 0, widthPx, heightPx: 16, fonts: [16] } };
  }
  const numberPx = widthPx >= 256 ? 48 : 32;
  return {
    number: {
      area: 0,
      xPx: 0,
      yPx: (heightPx - 32) / 2,
      widthPx: numberPx,
      heightPx: 32,
      fonts: [32, 16],
      align: 'centre',
    },
    sentence: { ...text, xPx: numberPx, yPx: (heightPx - 32) / 2, widthPx: widthPx - numberPx, heightPx: 32 },
  };
}

/** Shown when live data is too old: the window's number and 请以窗口叫号为准, never a ticket. */
export const stripNeutral: StripTemplate = {
  kind: 'strip',
  ...data,
  render({ content, tables }, size) {
    const { number, sentence } = slotsOf(size);
    const window = windowOf(content);
    const text = window === undefined ? '' : (tables.names.windows[window]?.number ?? '');
    return [...(number ? place(number, [text], 'yellow') : []), ...place(sentence, sentences, 'yellow')];
  },
};
