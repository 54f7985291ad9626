import type { LiveValue, PauseReason, Tables } from '@hall/contracts';
import { pauseReasons } from '@hall/contracts';
import { describe, expect, test } from 'vitest';
import { drawPicture, drawScene, type Scene } from '../../index.ts';
import { regionOf } from '../../sample.ts';
import sampleTables from '../../sample-tables.json' with { type: 'json' };
import { lineWidthPx } from '../../text-fit.ts';
import data from './template.json' with { type: 'json' };

const HALL_MS = Date.UTC(2026, 10, 23, 2, 20);
const tables = sampleTables as Tables;

function paused(size: { widthPx: number; heightPx: number }, reason: PauseReason, language = 'zh', back = true): Scene {
  const value = {
    kind: 'window',
    window: 'w2',
    state: 'paused',
    department: 'social',
    services: ['pension', 'medical'],
    staff: 'zhang',
    reason,
    ...(back && { expectedReturnAt: HALL_MS + 12 * 60_000 }),
  } as LiveValue;
  const sample = { name: '', parameters: { language }, bindings: ['window/w2'], freshness: 'live', hallMs: HALL_MS } as const;
  return drawScene(regionOf('window-strip', { ...sample, values: { 'window/w2': value } } as never), tables, HALL_MS, size);
}
const textsOf = (scene: Scene) => scene.items.map(({ text }) => text);
/** Where the glyphs of an item begin and end. */
function spanOf({ xPx, widthPx, align, text, fontPx }: Scene['items'][number]): [from: number, to: number] {
  const linePx = lineWidthPx(text, fontPx);
  const fromPx = xPx + { left: 0, centre: Math.floor((widthPx - linePx) / 2), right: widthPx - linePx }[align];
  return [fromPx, fromPx + linePx];
}

const cases = data.sizes.flatMap((size) =>
  (['zh', 'en'] as const).flatMap((language) => pauseReasons.map((reason) => ({ size, language, reason }))),
);

test.each(cases)('$size.widthPx px, $language, $reason: what stands beside the reason keeps a gap of 8 px', (one) => {
  const { items } = paused(one.size, one.reason, one.language);
  const reason = items.find(({ area }) => area === 5);
  const gaps = items
    .filter((item) => reason && item.align === 'left' && item.yPx + item.heightPx > reason.yPx)
    .map((item) => (reason ? spanOf(reason)[0] : 0) - spanOf(item)[1]);
  expect(gaps.filter((gapPx) => gapPx < 8)).toEqual([]);
  expect(items.find(({ area }) => area === 3)?.text ?? '▲').toMatch(/^▲/);
});

describe('a pause for a faulty device', () => {
  test.each([
    [{ widthPx: 320, heightPx: 48 }, '▲暂停 10:32恢复'],
    [{ widthPx: 256, heightPx: 32 }, '▲暂停 10:32恢复'],
    [{ widthPx: 192, heightPx: 32 }, '▲暂停10:32'],
    [{ widthPx: 128, heightPx: 32 }, '▲暂停'],
  ])('says so and when it ends on %j', (size, state) => {
    expect(textsOf(paused(size, 'device_fault'))).toEqual(expect.arrayContaining([state, '设备故障']));
  });

  test('a short reason leaves room for the whole sentence', () => {
    expect(textsOf(paused({ widthPx: 320, heightPx: 48 }, 'meeting'))).toContain('▲暂停 约10:32恢复');
  });

  test('the columns before the reason are dark on the largest strip', () => {
    const scene = paused({ widthPx: 320, heightPx: 48 }, 'device_fault');
    const { pixels, widthPx } = drawPicture(scene);
    const lit = Array.from(pixels).some((pixel, at) => {
      const x = at % widthPx;
      return pixel !== 0 && x >= 184 && x < 192 && Math.floor(at / widthPx) >= 16;
    });
    expect(lit).toBe(false);
  });

  test('every area keeps its rectangle', () => {
    const rectangles = (reason: PauseReason) =>
      paused({ widthPx: 320, heightPx: 48 }, reason).items.map(({ area, xPx, yPx, widthPx, heightPx }) =>
        [area, xPx, yPx, widthPx, heightPx].join(),
      );
    expect(rectangles('device_fault')).toEqual(rectangles('meeting'));
  });
});
