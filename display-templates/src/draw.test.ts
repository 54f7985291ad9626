import type { LiveValue, Tables, WindowLive } from '@hall/contracts';
import { expect, test } from 'vitest';
import {
  boardView,
  drawingChangesAt,
  drawPicture,
  drawScene,
  sceneFaults,
  sceneHash,
  sceneText,
  type Scene,
  type SceneItem,
} from './index.ts';
import { regionOf, type Sample } from './sample.ts';
import sampleTables from './sample-tables.json' with { type: 'json' };

const tables = sampleTables as Tables;
const NOW = Date.UTC(2026, 10, 23, 2, 20);
const large = { widthPx: 320, heightPx: 48 };

const window = (live: Partial<WindowLive>): Record<string, LiveValue> => ({
  'window/w2': { kind: 'window', window: 'w2', state: 'open', department: 'social', services: ['pension', 'medical'], ...live },
});
const region = (template: string, values: Record<string, LiveValue>, more: Partial<Sample> = {}) =>
  regionOf(template, {
    name: '',
    parameters: {},
    bindings: Object.keys(values),
    freshness: 'live',
    hallMs: NOW,
    values,
    ...more,
  });
const textOf = (live: Partial<WindowLive>, size = large, atMs = NOW) =>
  sceneText(drawScene(region('window-strip', window(live)), tables, atMs, size));

test('all six contents stand on the largest strip', () => {
  expect(textOf({ state: 'serving', ticket: 'A012', staff: 'zhang' })).toEqual([
    '人社局',
    '张**',
    '12',
    '养老、医保',
    'A012',
    '●办理中',
  ]);
});

test.each([
  [{ state: 'open' }, '○开放'],
  [{ state: 'serving' }, '●办理中'],
  [{ state: 'paused', reason: 'meeting', expectedReturnAt: NOW + 20 * 60_000 }, '▲暂停 约10:40恢复'],
  [{ state: 'closed' }, '■关闭 13:30开'],
  [{ state: 'fault' }, '※故障'],
  [{ state: 'no_data' }, '◇无数据'],
] as const)('%j is told by shape and word', (live, words) => {
  expect(textOf(live)).toContain(words);
});

test('a paused window gives its reason, and its return time only until that time has come', () => {
  const live = { state: 'paused', reason: 'meeting', expectedReturnAt: NOW + 60_000 } as const;
  expect(textOf(live)).toContain('会议');
  expect(textOf(live, large, NOW + 59_999)).toContain('▲暂停 约10:21恢复');
  expect(textOf(live, large, NOW + 60_000)).toContain('▲暂停');
});

test.each([
  [320, 48, '▲暂停 约10:40恢复'],
  [256, 32, '▲暂停 10:40恢复'],
  [192, 32, '▲暂停 10:40'],
  [128, 32, '▲暂停'],
  [64, 16, '12▲暂停'],
])('at %i x %i the pause reads as well as there is room for', (widthPx, heightPx, words) => {
  const live = { state: 'paused', expectedReturnAt: NOW + 20 * 60_000 } as const;
  expect(textOf(live, { widthPx, heightPx })).toContain(words);
});

test('the drawing announces when it changes by itself', () => {
  const at = (live: Partial<WindowLive>) => drawingChangesAt(region('window-strip', window(live)), tables, NOW);
  expect(at({ state: 'paused', expectedReturnAt: NOW + 60_000 })).toBe(NOW + 60_000);
  expect(at({ state: 'paused', expectedReturnAt: NOW - 60_000 })).toBeUndefined();
  expect(at({ state: 'closed' })).toBe(Date.parse('2026-11-23T13:30:00+08:00'));
  expect(at({ state: 'serving', ticket: 'A012' })).toBeUndefined();
  const called = region('queue-board', window({ state: 'serving', ticket: 'A012', calledAt: NOW - 4000 }));
  expect(drawingChangesAt(called, tables, NOW)).toBe(NOW + 6000);
});

test('a closed window tells when it opens: later today, on another day, nothing while that is unknown', () => {
  const closedAt = (iso: string) => textOf({ state: 'closed' }, large, Date.parse(iso)).at(-1);
  expect(closedAt('2026-11-23T12:30:00+08:00')).toBe('■关闭 13:30开');
  expect(closedAt('2026-11-28T18:00:00+08:00')).toBe('■关闭 周一09:00开');
  const never = { ...tables, calendar: { ...tables.calendar, week: Array.from({ length: 7 }, () => []), windowHours: [] } };
  expect(sceneText(drawScene(region('window-strip', window({ state: 'closed' })), never, NOW, large)).at(-1)).toBe('■关闭');
});

test('the neutral strip keeps the number where it was and asks to follow the call', () => {
  const strip = drawScene(region('window-strip', window({})), tables, NOW, large);
  const neutral = drawScene(
    region('strip-neutral', {}, { parameters: { window: 'w2' }, freshness: 'stale' }),
    tables,
    NOW,
    large,
  );
  expect(sceneText(neutral)).toEqual(['12', '请以窗口叫号为准']);
  expect(neutral.items.find(({ text }) => text === '12')).toEqual(strip.items.find(({ text }) => text === '12'));
});

test('a template of a later release is shown as the neutral text, on strips and on boards', () => {
  const unknown = region('of-a-later-release', window({ ticket: 'A012' }));
  expect(sceneText(drawScene(unknown, tables, NOW, large))).toContain('请以窗口叫号为准');
  expect(sceneText(drawScene(unknown, tables, NOW, { widthPx: 1920, heightPx: 540 }))).toContain('请以窗口叫号为准');
  expect(boardView(unknown, tables, NOW)).toMatchObject({ kind: 'neutral', rows: [] });
});

test('a board orders windows as people count and lists the newest calls first', () => {
  const values: Record<string, LiveValue> = {
    ...window({ ticket: 'A012', calledAt: NOW - 10_000, callNumber: 2 }),
    'window/w3': {
      kind: 'window',
      window: 'w3',
      state: 'serving',
      ticket: 'B7',
      calledAt: NOW - 9_999,
      department: 'x',
      services: [],
    },
    'window/w1': { kind: 'window', window: 'w1', state: 'paused', reason: 'away', department: 'police', services: [] },
    'queue/pension': { kind: 'queue', service: 'pension', waiting: 9, next: ['A013', 'A014'] },
  };
  const view = boardView(region('queue-board', values, { parameters: { area: 'A区' } }), tables, NOW);
  expect(view.title).toEqual({ zh: '滨海市政务服务中心 A区', en: 'Binhai Government Service Hall A区' });
  expect([view.date, view.clock]).toEqual(['2026-11-23', '10:20']);
  expect(view.rows.map(({ number }) => number)).toEqual(['1', '12', '108']);
  expect(view.rows[0]).toMatchObject({ state: 'paused', stateWord: { zh: '暂停' }, shape: '▲', reasonWord: { zh: '暂离' } });
  expect(view.rows[0]).not.toHaveProperty('ticket');
  expect(view.recentCalls.map(({ ticket, freshCall }) => [ticket, freshCall])).toEqual([
    ['B7', true],
    ['A012', false],
  ]);
  expect(view.queues).toEqual([
    { service: 'pension', name: { zh: '养老保险', en: 'Pension insurance' }, waiting: 9, next: ['A013', 'A014'] },
  ]);
});

test('the safe board prints the week, equal days in one line', () => {
  expect(boardView(region('board-safe', {}, { freshness: 'safe' }), tables, NOW).openingHours).toEqual([
    { days: { zh: '周一至周五', en: 'Mon-Fri' }, shifts: ['09:00-12:00', '13:30-17:00'] },
    { days: { zh: '周六', en: 'Sat' }, shifts: ['09:00-12:00'] },
    { days: { zh: '周日', en: 'Sun' }, shifts: [] },
  ]);
});

test('a region without a layer to show stays dark', () => {
  const dark = region('blank', window({ ticket: 'A012' }));
  expect(drawScene(dark, tables, NOW, large)).toEqual({ ...large, items: [] });
  expect(boardView(dark, tables, NOW)).toMatchObject({ kind: 'blank', rows: [], recentCalls: [] });
});

const item: SceneItem = {
  area: 0,
  xPx: 8,
  yPx: 0,
  widthPx: 48,
  heightPx: 16,
  text: '一',
  fontPx: 16,
  ink: 'red',
  align: 'left',
};
const inkOf = (...items: SceneItem[]) => {
  const { pixels, widthPx } = drawPicture({ widthPx: 64, heightPx: 32, items });
  const lit = Array.from(pixels, (value, at) => ({ value, x: at % widthPx, y: Math.floor(at / widthPx) })).filter(
    (p) => p.value > 0,
  );
  const xs = lit.map(({ x }) => x);
  return {
    left: Math.min(...xs),
    right: Math.max(...xs),
    rows: new Set(lit.map(({ y }) => y)),
    values: new Set(lit.map((p) => p.value)),
  };
};

test('a picture aligns text in its place, doubles 32 px characters and colours by ink', () => {
  const left = inkOf(item);
  expect(left.values).toEqual(new Set([1]));
  expect(left.left).toBeGreaterThanOrEqual(8);
  expect(left.right).toBeLessThan(24);
  expect(inkOf({ ...item, align: 'right' }).left).toBe(left.left + 32);
  expect(inkOf({ ...item, align: 'centre', ink: 'yellow' })).toMatchObject({ left: left.left + 16, values: new Set([3]) });
  const row = [...left.rows][0] ?? 0;
  expect(inkOf({ ...item, heightPx: 32 }).rows).toEqual(new Set([row + 8]));
  expect(inkOf({ ...item, heightPx: 32, fontPx: 32, ink: 'green' })).toMatchObject({
    rows: new Set([row * 2, row * 2 + 1]),
    values: new Set([2]),
  });
});

test('a character without a glyph is drawn as 〓, unless the driver has named another', () => {
  const geta = drawPicture({ widthPx: 64, heightPx: 32, items: [{ ...item, text: '〓' }] });
  expect(drawPicture({ widthPx: 64, heightPx: 32, items: [{ ...item, text: '𠮷' }] })).toEqual(geta);
  const resolved = drawPicture({ widthPx: 64, heightPx: 32, items: [{ ...item, text: '𠮷' }] }, () => '吉');
  expect(resolved).toEqual(drawPicture({ widthPx: 64, heightPx: 32, items: [{ ...item, text: '吉' }] }));
});

test('text longer than its place is not drawn beyond it', () => {
  expect(inkOf({ ...item, widthPx: 24, text: '口口口' }).right).toBeLessThan(32);
});

test('the hash follows every visible thing and nothing else', () => {
  const scene: Scene = { widthPx: 64, heightPx: 32, items: [item, { ...item, area: 1, yPx: 16 }] };
  const hash = sceneHash(scene);
  expect(hash).toMatch(/^[0-9a-f]{64}$/);
  expect(sceneHash({ ...scene, items: scene.items.toReversed() })).toBe(hash);
  const others = Object.entries({ xPx: 0, widthPx: 40, text: '二', ink: 'green', align: 'right', fontPx: 32, area: 5 }).map(
    ([key, value]) => sceneHash({ ...scene, items: [{ ...item, [key]: value } as SceneItem, { ...item, area: 1, yPx: 16 }] }),
  );
  expect(new Set([hash, ...others]).size).toBe(8);
});

test('a scene with faults is named for each of them', () => {
  const faults = sceneFaults({
    widthPx: 64,
    heightPx: 32,
    items: [item, { ...item, text: '四个汉字' }, { ...item, area: 2, xPx: 48 }, { ...item, area: 3, text: '', yPx: 16 }],
  });
  expect(faults).toEqual([
    'area 0 is there twice',
    'areas 0 and 0 overlap',
    'areas 0 and 2 overlap',
    'area 0 overflows: 四个汉字',
    'areas 0 and 2 overlap',
    'area 2 leaves the screen',
    'area 3 is empty',
  ]);
});
