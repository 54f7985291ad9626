import { GETA_MARK, glyph16, type Glyph } from '@hall/glyphs';
import type { Picture } from '@hall/contracts';
import type { Ink, Scene, SceneItem } from './scene.ts';
import { lineWidthPx } from './text-fit.ts';

/** Pixel values of `Picture`. */
const pixelOf: Readonly<Record<Ink, number>> = { red: 1, green: 2, yellow: 3 };

/** Where the first character starts: an area shows one line, aligned across and centred down. */
function origin({ xPx, yPx, widthPx, heightPx, fontPx, align }: SceneItem, text: string): { x: number; y: number } {
  const spare = widthPx - lineWidthPx(text, fontPx);
  const share = { left: 0, centre: Math.floor(spare / 2), right: spare }[align];
  return { x: xPx + Math.max(0, share), y: yPx + Math.max(0, Math.floor((heightPx - fontPx) / 2)) };
}

/** Sets the pixels of one glyph, each source pixel `scale` wide and high, inside the rectangle of its item only. */
function stamp(picture: Picture, item: SceneItem, glyph: Glyph, left: number, top: number): void {
  const { widthPx, heightPx, pixels } = picture;
  const scale = item.fontPx / 16;
  const right = Math.min(item.xPx + item.widthPx, widthPx);
  const bottom = Math.min(item.yPx + item.heightPx, heightPx);
  const value = pixelOf[item.ink];
  for (let y = top; y < Math.min(top + item.fontPx, bottom); y += 1) {
    const row = glyph.rows[Math.floor((y - top) / scale)] ?? 0;
    for (let x = left; x < Math.min(left + glyph.widthPx * scale, right); x += 1) {
      if ((row >> (15 - Math.floor((x - left) / scale))) & 1) pixels[y * widthPx + x] = value;
    }
  }
}

/**
 * A scene as the pixels of a two-colour LED screen. A 32 px character is the 16 px bitmap with every pixel doubled.
 * `resolve` replaces characters that a device cannot draw, as its driver does before sending; what still has no glyph becomes
 * 〓. Text beyond the right edge of its place is not drawn.
 */
export function drawPicture(scene: Scene, resolve: (text: string) => string = (text) => text): Picture {
  const { widthPx, heightPx } = scene;
  const picture: Picture = { widthPx, heightPx, pixels: new Uint8Array(widthPx * heightPx) };
  for (const item of scene.items) {
    const text = resolve(item.text);
    const { x, y } = origin(item, text);
    let left = x;
    for (const character of text) {
      const glyph = glyph16(character.codePointAt(0) ?? 0) ?? glyph16(GETA_MARK);
      if (!glyph) continue;
      stamp(picture, item, glyph, left, y);
      left += (glyph.widthPx * item.fontPx) / 16;
    }
  }
  return picture;
}
