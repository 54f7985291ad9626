/** What driver tests need beside a device: a context that remembers, and orders made from plain lines. */
import type { Clock } from '@hall/contracts';
import { sceneHash, sceneText, type Scene, type SceneItem } from '@hall/templates';
import { pino } from 'pino';
import { createBoards } from '../kiosk/boards.ts';
import { localTime } from '../time/local-time.ts';
import { plainPanel, type DriverContext, type Order, type Replacement } from './driver.ts';

export interface RememberingContext extends DriverContext {
  readonly counters: Record<string, number>;
  readonly replaced: Array<{ text: string; replaced: readonly Replacement[] }>;
}

export function contextFor(clock: Clock, signal: AbortSignal = new AbortController().signal): RememberingContext {
  const counters: Record<string, number> = {};
  const replaced: RememberingContext['replaced'] = [];
  return {
    device: 'strip-1',
    clock,
    signal,
    log: pino({ level: 'silent' }),
    boards: createBoards(clock),
    panel: () => plainPanel,
    localTime: () => localTime(clock.hall.nowMs(), 'Asia/Shanghai'),
    counters,
    replaced,
    count: (name, by = 1) => {
      counters[name] = (counters[name] ?? 0) + by;
    },
    textReplaced: (text, some) => replaced.push({ text, replaced: some }),
  };
}

const item = (area: number, text: string): SceneItem => ({
  area,
  xPx: area * 48,
  yPx: 0,
  widthPx: 48,
  heightPx: 16,
  text,
  fontPx: 16,
  ink: 'red',
  align: 'left',
});

/** An order whose areas, in order, hold these texts; nobody has to vouch for them. */
export function orderOf(...texts: string[]): Order {
  const scene: Scene = { widthPx: 192, heightPx: 32, items: texts.map((text, area) => item(area, text)) };
  return {
    scene,
    board: {
      kind: 'neutral',
      title: { zh: '', en: '' },
      clock: '10:20',
      date: '2026-11-23',
      rows: [],
      recentCalls: [],
      queues: [],
      openingHours: [],
    },
    hash: sceneHash(scene),
    text: sceneText(scene),
    decidedAt: 0,
    maxAgeMs: 30_000,
    panel: plainPanel,
    basis: () => ({ freshness: 'static', fields: {} }),
    vouchedUntilMs: () => undefined,
  };
}
