import { windowStates } from '@hall/contracts';
import { sceneText } from '@hall/templates';
import { describe, expect, it } from 'vitest';
import { drawStrip } from './draw-strip.ts';
import { sampleStrip, sampleWindow } from './sample-window.ts';
import { toldScene } from './told-scene.ts';

const size = { widthPx: 192, heightPx: 32 };
const zone = 'Asia/Shanghai';
const draw = (...[window, strip]: [Parameters<typeof toldScene>[0], Parameters<typeof toldScene>[1]]) =>
  toldScene(window, strip, zone, 1_000_000, size);

describe('the picture of a strip', () => {
  it('has exactly the lines the strip was told', () => {
    const strip = sampleStrip();
    const scene = draw(sampleWindow(), strip);
    expect(scene && sceneText(scene)).toEqual(strip.text);
  });

  it('shows an old ticket where the strip is behind, not the new one', () => {
    const scene = draw(sampleWindow({ ticket: 'A013' }), sampleStrip({ text: ['12', '税务局', 'A012', '●办理中'] }));
    expect(scene && sceneText(scene)).toContain('A012');
    expect(scene && sceneText(scene)).not.toContain('A013');
  });

  it('shows no picture where the words do not fit one', () => {
    expect(draw(sampleWindow(), sampleStrip({ text: ['只有一行'] }))).toBeUndefined();
    expect(draw(sampleWindow(), sampleStrip({ text: [] }))).toBeUndefined();
  });

  it('draws the neutral text of a stale strip, without a ticket', () => {
    const scene = draw(sampleWindow(), sampleStrip({ freshness: 'stale', text: ['12', '请以叫号为准'] }));
    expect(scene && sceneText(scene)).toEqual(['12', '请以叫号为准']);
  });

  it('stays while the window has moved on and the strip was not told yet', () => {
    const strip = sampleStrip({ device: 'strip-late', text: ['12', '税务局', 'A012', '●办理中'] });
    const before = drawStrip(sampleWindow(), strip, zone, size);
    const closed = sampleWindow({ state: 'closed', ticket: null, staff: null });
    expect(before).toBeDefined();
    expect(toldScene(closed, strip, zone, 1_000_000, size)).toBeUndefined();
    expect(drawStrip(closed, strip, zone, size)).toBe(before);
    expect(drawStrip(closed, { ...strip, text: ['只有一行'] }, zone, size)).toBeUndefined();
  });

  it.each(windowStates)('lights something for a window that is %s', (state) => {
    const text = ['12', '税务局', 'A012', '●办理中'];
    const picture = drawStrip(
      sampleWindow({ state }),
      sampleStrip({ text: state === 'closed' ? text.slice(0, 3) : text }),
      zone,
      size,
    );
    expect(picture === undefined || picture.pixels.some((pixel) => pixel > 0)).toBe(true);
  });
});
