import { place, type Slot } from '../../slot.ts';
import { textParameter, windowOf, type Size, type StripTemplate } from '../../template.ts';
import data from './template.json' with { type: 'json' };

/** The number stands where `window-strip` has it; on a strip of one line it stands before the name. */
function slotsOf({ widthPx, heightPx }: Size): { number: Slot; name: Slot } {
  const numberPx = widthPx >= 256 ? 48 : 32;
  const linePx = heightPx < 32 ? 16 : 32;
  const line = { yPx: Math.floor((heightPx - linePx) / 2), heightPx: linePx, align: 'centre' } as const;
  const fonts = linePx === 16 ? ([16] as const) : ([32, 16] as const);
  return {
    number: { ...line, area: 0, xPx: 0, widthPx: numberPx, fonts },
    name: { ...line, area: 7, xPx: numberPx, widthPx: widthPx - numberPx, fonts },
  };
}

/** Says which device this is, to whoever stands before it: the number of its window, and its name. */
export const stripIdentify: StripTemplate = {
  kind: 'strip',
  ...data,
  render({ content, tables }, size) {
    const { number, name } = slotsOf(size);
    const window = windowOf(content);
    const text = window === undefined ? '' : (tables.names.windows[window]?.number ?? '');
    const id = textParameter(content, 'device') ?? '';
    const words = [textParameter(content, 'name') ?? '', id];
    return [...place(number, [text], 'green'), ...place(name, words[0] === '' && id === '' ? ['◇'] : words, 'green')];
  },
};
