import type { Picture, WindowView } from '@hall/contracts';
import { useEffect, useMemo, useRef } from 'react';
import { useWords } from '../i18n/language.tsx';
import { useDrawing } from './drawing.ts';

type Strip = WindowView['strips'][number];

/** Colours of the LEDs by pixel value: off, red, green, yellow. */
const leds = [
  [22, 22, 24],
  [255, 92, 72],
  [70, 224, 110],
  [255, 205, 60],
] as const;

function paint(canvas: HTMLCanvasElement, { widthPx, heightPx, pixels }: Picture): void {
  canvas.width = widthPx;
  canvas.height = heightPx;
  const context = canvas.getContext('2d');
  if (!context) return;
  const image = context.createImageData(widthPx, heightPx);
  for (let at = 0; at < pixels.length; at += 1) {
    const [red, green, blue] = leds[pixels[at] ?? 0] ?? leds[0];
    image.data.set([red, green, blue, 255], at * 4);
  }
  context.putImageData(image, 0, 0);
}

/** Size of a strip whose size the server does not tell. */
const USUAL = { widthPx: 320, heightPx: 48 };

/**
 * A strip, one screen pixel per LED (or `scale`), with the lines it was told. Where the lines do not fit a picture the words stand in
 * plain type, so that nobody takes a guess for a picture.
 */
export function StripPicture({
  window,
  strip,
  zone,
  scale = 1,
}: {
  window: WindowView;
  strip: Strip;
  zone: string;
  scale?: number;
}) {
  const words = useWords();
  const canvas = useRef<HTMLCanvasElement>(null);
  const draw = useDrawing();
  const { widthPx = USUAL.widthPx, heightPx = USUAL.heightPx } = strip;
  const told = strip.text.join('\n');
  const picture = useMemo(
    () => draw?.(window, strip, zone, { widthPx, heightPx }),
    [draw, window, strip, zone, widthPx, heightPx],
  );
  useEffect(() => {
    if (canvas.current && picture) paint(canvas.current, picture);
  }, [picture]);
  const label = strip.text.length > 0 ? words.overview.stripTold(strip.text.join(' ')) : words.overview.stripBlank;
  const box = { width: widthPx * scale, height: heightPx * scale };
  return picture || strip.text.length === 0 ? (
    <canvas ref={canvas} className="strip" role="img" aria-label={label} width={widthPx} height={heightPx} style={box} />
  ) : (
    <span className="strip strip-words" style={{ minHeight: box.height, width: box.width }}>
      {told}
    </span>
  );
}
