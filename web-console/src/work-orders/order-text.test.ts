import { expect, it } from 'vitest';
import { shareText } from '../history/uptime-report.tsx';
import { zh } from '../i18n/zh.ts';
import { repairMs, repairText } from './order-text.ts';

const MINUTE = 60_000;

it('says how long a repair took, once it is done', () => {
  expect(repairText(90 * MINUTE, zh.workOrders)).toBe('90 分钟');
  expect(repairText(150 * MINUTE, zh.workOrders)).toBe('2.5 小时');
  expect(repairMs({ state: 'done', faultAt: 5, endedAt: 9 })).toBe(4);
  expect(repairMs({ state: 'cancelled', faultAt: 5, endedAt: 9 })).toBeUndefined();
});
it('never rounds an uptime up to a whole', () => {
  expect([shareText(0.999_99), shareText(1), shareText(0)]).toEqual(['99.99%', '100.00%', '0.00%']);
});
