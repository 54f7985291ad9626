import type { RegionShowing, Tables, WindowLive } from '@hall/contracts';
import { drawPicture, drawScene } from '@hall/templates';

const HALL_MS = Date.UTC(2026, 10, 23, 2, 20);
const SIZE = { widthPx: 320, heightPx: 48 };
const GAP_PX = 16;
const COLUMNS = 2;
const FILL = { 1: '#ff4a3d', 2: '#4be35a', 3: '#ffd23c' } as const;

const tables: Tables = {
  names: {
    hall: { zh: '滨海市政务服务中心' },
    departments: {
      social: { zh: '社会保险管理局' },
      market: { zh: '市场监督管理局' },
      police: { zh: '公安局' },
    },
    services: {
      pension: { zh: '养老保险' },
      medical: { zh: '医疗保险' },
      licence: { zh: '营业执照' },
      household: { zh: '户籍' },
    },
    staff: { zhang: '张**', li: '李*', wang: '工号 012' },
    windows: {
      w3: { number: '3' },
      w5: { number: '5' },
      w8: { number: '8' },
      w12: { number: '12' },
      w15: { number: '15' },
      w21: { number: '21' },
    },
  },
  calendar: {
    zone: 'Asia/Shanghai',
    week: [0, 1, 2, 3, 4, 5, 6].map((day) =>
      day < 5
        ? [
            { from: '09:00', to: '12:00' },
            { from: '13:30', to: '17:00' },
          ]
        : [],
    ),
    tailMinutes: 30,
    lunchWindows: [],
    holidays: [],
    makeUpDays: [],
    windowHours: [],
  },
};

const live = (window: string, more: Omit<WindowLive, 'kind' | 'window'>): WindowLive => ({ kind: 'window', window, ...more });
const strips: readonly WindowLive[] = [
  live('w3', { state: 'serving', ticket: 'A012', department: 'social', services: ['pension', 'medical'], staff: 'zhang' }),
  live('w5', { state: 'open', department: 'market', services: ['licence'], staff: 'li' }),
  live('w8', {
    state: 'paused',
    reason: 'meeting',
    expectedReturnAt: HALL_MS + 20 * 60_000,
    department: 'police',
    services: ['household'],
    staff: 'wang',
  }),
  live('w12', { state: 'closed', department: 'market', services: ['licence'] }),
  live('w15', { state: 'fault', department: 'social', services: ['medical'] }),
];

function regionOf(value: WindowLive): RegionShowing {
  const key = `window/${value.window}`;
  const content = { template: 'window-strip', parameters: { window: value.window }, bindings: [key] };
  return {
    region: 'main',
    layer: 'window',
    class: 'window_state',
    content,
    freshness: 'live',
    values: { [key]: value },
    reasons: [],
  };
}
const neutral: RegionShowing = {
  region: 'main',
  layer: 'window',
  class: 'window_state',
  content: { template: 'strip-neutral', parameters: { window: 'w21' }, bindings: [] },
  freshness: 'stale',
  values: {},
  reasons: [],
};

/** The lit pixels of one ink as runs of one path. */
function pathOf(pixels: Uint8Array, ink: number, left: number, top: number): string {
  const runs: string[] = [];
  for (let y = 0; y < SIZE.heightPx; y += 1) {
    for (let x = 0; x < SIZE.widthPx; x += 1) {
      const from = x;
      while (x < SIZE.widthPx && pixels[y * SIZE.widthPx + x] === ink) x += 1;
      if (x > from) runs.push(`M${left + from} ${top + y + 0.5}h${x - from}`);
    }
  }
  return runs.length === 0 ? '' : `<path stroke="${FILL[ink as keyof typeof FILL]}" d="${runs.join('')}"/>`;
}

/** `docs/strips.svg`: the states of a window strip and the neutral text, by the drawing code of the product, one unit a pixel. */
export function stripsPicture(): string {
  const regions = [...strips.map(regionOf), neutral];
  const width = COLUMNS * (SIZE.widthPx + GAP_PX) + GAP_PX;
  const height = Math.ceil(regions.length / COLUMNS) * (SIZE.heightPx + GAP_PX) + GAP_PX;
  const parts = regions.flatMap((region, at) => {
    const { pixels } = drawPicture(drawScene(region, tables, HALL_MS, SIZE));
    const left = GAP_PX + (at % COLUMNS) * (SIZE.widthPx + GAP_PX);
    const top = GAP_PX + Math.floor(at / COLUMNS) * (SIZE.heightPx + GAP_PX);
    const back = `<rect x="${left - 4}" y="${top - 4}" width="${SIZE.widthPx + 8}" height="${SIZE.heightPx + 8}" rx="3" fill="#111"/>`;
    return [back, ...[1, 2, 3].map((ink) => pathOf(pixels, ink, left, top)).filter((part) => part !== '')];
  });
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" width="${width}" height="${height}" role="img">`,
    '<title>Six window strips: serving A012, open, paused until about 10:40, closed, fault, and the neutral text</title>',
    `<rect width="${width}" height="${height}" fill="#2b2b2b"/>`,
    '<g stroke-width="1" shape-rendering="crispEdges">',
    ...parts,
    '</g>',
    '</svg>',
    '',
  ].join('\n');
}
