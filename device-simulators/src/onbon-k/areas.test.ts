import { describe, expect, test } from 'vitest';
import { sampleArea as area } from './sample-area.ts';
import { applyAreas, type CardAreas, type CardLimits, nextVanishMs, withoutVanished } from './areas.ts';

const limits: CardLimits = { widthPx: 128, heightPx: 32, maxAreas: 2, unmarkedUnitPx: 1, charset: 'gb2312' };
const none: CardAreas = new Map();
type Change = Parameters<typeof applyAreas>[1];
const change = (more: Partial<Change>): Change => ({ kind: 'dynamic_areas', processMode: 0, remove: [], areas: [], ...more });

function after(...changes: Array<Partial<Change>>): CardAreas | string {
  let areas = none;
  for (const one of changes) {
    const next = applyAreas(areas, change(one), limits, 1000);
    if (typeof next === 'string') return next;
    areas = next;
  }
  return areas;
}
const ids = (areas: CardAreas | string) => (typeof areas === 'string' ? areas : [...areas.keys()]);

describe('applyAreas', () => {
  test.each<[string, Array<Partial<Change>>, number[] | string]>([
    ['an area is held', [{ areas: [area(1)] }], [1]],
    ['another is added', [{ areas: [area(1)] }, { areas: [area(2)] }], [1, 2]],
    ['the same id replaces', [{ areas: [area(1)] }, { areas: [area(1, { text: 'B' })] }], [1]],
    ['process mode 1 clears first', [{ areas: [area(1)] }, { processMode: 1, areas: [area(2)] }], [2]],
    ['named areas are deleted', [{ areas: [area(1), area(2)] }, { remove: [1] }], [2]],
    ['deleting what is not there does nothing', [{ remove: [9] }], []],
    ['all are deleted', [{ areas: [area(1), area(2)] }, { remove: 'all' }], []],
    ['deleting makes room in the same frame', [{ areas: [area(1), area(2)] }, { remove: [1], areas: [area(3)] }], [2, 3]],
    ['too many', [{ areas: [area(1), area(2), area(3)] }], 'memory'],
    ['too many over time', [{ areas: [area(1), area(2)] }, { areas: [area(3)] }], 'memory'],
    ['wider than the screen', [{ areas: [area(1, { width: { px: 129 } })] }], 'download'],
    ['beyond the edge', [{ areas: [area(1, { x: { px: 72 } })] }], 'download'],
    ['below the edge', [{ areas: [area(1, { yPx: 17 })] }], 'download'],
    ['of no size', [{ areas: [area(1, { heightPx: 0 })] }], 'download'],
  ])('%s', (_, changes, expected) => {
    expect(ids(after(...changes))).toEqual(expected);
  });

  test('an X without bit 15 counts in units of the card family', () => {
    const sent = area(1, { x: { unmarked: 2 }, width: { unmarked: 8 } });
    const placed = (unmarkedUnitPx: 1 | 8) => {
      const areas = applyAreas(none, change({ areas: [sent] }), { ...limits, unmarkedUnitPx }, 0);
      return typeof areas === 'string' ? areas : areas.get(1);
    };
    expect(placed(8)).toMatchObject({ xPx: 16, widthPx: 64 });
    expect(placed(1)).toMatchObject({ xPx: 2, widthPx: 8 });
  });

  test('a character outside the font of the card is 〓', () => {
    const areas = after({ areas: [area(1, { text: '朱镕基' })] });
    expect(typeof areas === 'string' ? areas : areas.get(1)?.text).toBe('朱〓基');
  });
});

describe('time-out', () => {
  test.each([
    [0, 30, undefined],
    [1, 30, undefined],
    [2, 30, 31_000],
    [3, 30, 31_000],
    [2, 0, undefined],
    [4, 30, undefined],
  ])('run mode %i with %i s vanishes at %s', (runMode, timeoutS, dueMs) => {
    const areas = after({ areas: [area(1, { runMode, timeoutS })] }) as CardAreas;
    expect(nextVanishMs(areas)).toBe(dueMs);
  });

  test('an area is there until its time-out and not after', () => {
    const areas = after({ areas: [area(1, { runMode: 2, timeoutS: 30 }), area(2)] }) as CardAreas;
    expect(ids(withoutVanished(areas, 30_999))).toEqual([1, 2]);
    expect(ids(withoutVanished(areas, 31_000))).toEqual([2]);
  });
});
