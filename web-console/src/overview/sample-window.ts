import type { WindowView } from '@hall/contracts';

/** A quiet window that serves a ticket and whose strip says so; tests change what they are about. */
export const sampleWindow = (change: Partial<WindowView> = {}): WindowView => ({
  id: 'w12',
  number: '12',
  area: 'A',
  department: { id: 'tax', zh: '税务局', en: 'Tax' },
  services: [{ id: 'invoice', zh: '发票领用', en: 'Invoices' }],
  state: 'serving',
  ticket: 'A012',
  callNumber: 1,
  calledAt: 1_000_000,
  reason: null,
  expectedReturnAt: null,
  staff: '张**',
  changedAt: 1_000_000,
  liveSeq: 7,
  waiting: 3,
  strips: [sampleStrip()],
  ...change,
});

type Strip = WindowView['strips'][number];
export const sampleStrip = (change: Partial<Strip> = {}): Strip => ({
  device: 'strip-12',
  link: 'online',
  level: 'acknowledged',
  freshness: 'live',
  text: ['12', '税务局 发票领用', 'A012', '●办理中'],
  current: true,
  confirmedAt: 1_000_012,
  latencyMs: 12,
  ...change,
});
