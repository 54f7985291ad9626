/** How much room a line takes, and how to make it fit. Widths are those of the device fonts, from `@hall/glyphs`. */
import { textWidthPx } from '@hall/glyphs';

export type FontPx = 16 | 32;

/** Width of a line in pixels: half the font's height for ASCII, all of it for anything else. */
export const lineWidthPx = (text: string, fontPx: FontPx): number => (textWidthPx(text) * fontPx) / 16;

/** The line, or as much of it as leaves room for `…`; empty when not even that fits. */
export function cutToWidth(text: string, widthPx: number, fontPx: FontPx): string {
  if (lineWidthPx(text, fontPx) <= widthPx) return text;
  const room = widthPx - lineWidthPx('…', fontPx);
  if (room < 0) return '';
  let used = 0;
  let kept = '';
  for (const character of text) {
    used += lineWidthPx(character, fontPx);
    if (used > room) break;
    kept += character;
  }
  return `${kept.trimEnd()}…`;
}

export interface Fitted {
  readonly text: string;
  readonly fontPx: FontPx;
}

/**
 * The first wording that fits, best first, in the first font that holds it (`fonts` in order of preference). When none fits,
 * the last wording is cut in the smallest font.
 */
export function fit(wordings: readonly string[], widthPx: number, fonts: readonly FontPx[]): Fitted {
  for (const text of wordings) {
    for (const fontPx of fonts) if (lineWidthPx(text, fontPx) <= widthPx) return { text, fontPx };
  }
  const fontPx: FontPx = fonts.includes(16) ? 16 : 32;
  return { text: cutToWidth(wordings.at(-1) ?? '', widthPx, fontPx), fontPx };
}
