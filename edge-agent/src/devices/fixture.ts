/** What tests of devices need: a strip over window w1, its tables, and live fields to show on it. */
import { FakeClock, type Device, type LiveField, type Tables } from '@hall/contracts';
import type { Document } from '../twin/reconcile.ts';

export const GEN = 'gen-1';

export const tables: Tables = {
  names: {
    hall: { zh: '北厅' },
    departments: { police: { zh: '公安局' } },
    services: {},
    staff: {},
    windows: { w1: { number: '01' } },
  },
  calendar: {
    zone: 'Asia/Shanghai',
    week: Array.from({ length: 7 }, () => []),
    tailMinutes: 0,
    lunchWindows: [],
    holidays: [],
    makeUpDays: [],
    windowHours: [],
  },
};

const neutral = { template: 'strip-neutral', parameters: { window: 'w1' }, bindings: [] };

/** A strip of 192x32 px that shows window w1, behind the driver that is asked for. */
export function stripDocument(how: Pick<Device, 'driver' | 'settings'>, maxAgeMs = 30_000): Document {
  const size = { widthPx: 192, heightPx: 32 };
  return {
    version: { gen: GEN, ver: 1 },
    device: {
      id: 'strip-1',
      name: '一号窗口',
      agent: 'agent-1',
      ...how,
      screen: { template: 'window-strip', ...size, window: 'w1' },
    },
    plan: {
      ...size,
      maxAgeMs,
      safeAfterMs: 300_000,
      regions: [
        {
          id: 'main',
          layers: [
            {
              id: 'window',
              class: 'window_state',
              seq: 0,
              content: { template: 'window-strip', parameters: { window: 'w1' }, bindings: ['window/w1'] },
              stale: neutral,
              safe: neutral,
              source: { kind: 'binding', id: 'strip-1' },
            },
          ],
        },
      ],
    },
  };
}

/** Window w1 serving a ticket, called at the start of a fake clock. */
export const windowField = (ticket: string, seq: number): LiveField => {
  const calledAt = new FakeClock().hall.nowMs();
  return {
    key: 'window/w1',
    seq,
    sourceTime: calledAt,
    value: {
      kind: 'window',
      window: 'w1',
      state: 'serving',
      ticket,
      callNumber: 1,
      calledAt,
      department: 'police',
      services: [],
    },
  };
};
