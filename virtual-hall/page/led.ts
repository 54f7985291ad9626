/** Draws a strip's pixels as lamps. */
import type { StripView } from '../src/stage-messages.ts';

type Colour = readonly [red: number, green: number, blue: number];
const lamps: readonly Colour[] = [
  [20, 23, 27],
  [255, 69, 58],
  [64, 222, 104],
  [255, 196, 46],
];
const GAP = 0.72;

/** Draws each pixel as `scale` × `scale` canvas pixels; from a scale of 2 on with a gap between lamps. */
export function drawStrip(canvas: HTMLCanvasElement, strip: StripView, scale: 1 | 2 | 3): void {
  const width = strip.widthPx * scale;
  const height = strip.heightPx * scale;
  if (canvas.width !== width) canvas.width = width;
  if (canvas.height !== height) canvas.height = height;
  const context = canvas.getContext('2d');
  if (!context) return;
  const image = context.createImageData(width, height);
  const packed = Uint8Array.from(atob(strip.picture), (char) => char.charCodeAt(0));
  for (let y = 0; y < height; y += 1) {
    for (let x = 0; x < width; x += 1) {
      const pixel = Math.floor(y / scale) * strip.widthPx + Math.floor(x / scale);
      const value = ((packed[pixel >> 2] ?? 0) >> (6 - 2 * (pixel & 3))) & 3;
      const colour = lamps[value] ?? [0, 0, 0];
      const edge = scale > 1 && value > 0 && (x % scale === scale - 1 || y % scale === scale - 1) ? GAP : 1;
      const at = (y * width + x) * 4;
      image.data[at] = colour[0] * edge;
      image.data[at + 1] = colour[1] * edge;
      image.data[at + 2] = colour[2] * edge;
      image.data[at + 3] = 255;
    }
  }
  context.putImageData(image, 0, 0);
  canvas.setAttribute('role', 'img');
  canvas.setAttribute('aria-label', strip.texts.join(' '));
}
