import { pino } from 'pino';
import { expect, test } from 'vitest';
import { driverOf } from '../drivers/registry.ts';
import type { Store } from '../store/store.ts';
import type { Document } from '../twin/reconcile.ts';
import { createFallback } from './fallback.ts';
import { stripDocument } from './fixture.ts';

const of = (ver: number, settings: Record<string, unknown>): Document => ({
  ...stripDocument({ driver: 'onbon-k', settings }),
  version: { gen: 'g', ver },
});
const WORKED = of(1, { transport: 'tcp', host: '10.0.0.1', port: 5005 });
const SHAPELESS = of(2, { transport: 'tcp', port: 0 });

function setup(remembered: Parameters<typeof createFallback>[0] = { good: [], refusals: [] }) {
  const calls: unknown[] = [];
  const store = { call: async (name: string, what: unknown) => void calls.push([name, what]) } as unknown as Pick<Store, 'call'>;
  const fallback = createFallback(remembered, store, driverOf, pino({ level: 'silent' }));
  const settingsOf = (document: Document) => fallback.inForce(new Map([['strip-1', document]])).get('strip-1')?.device.settings;
  return { calls, fallback, settingsOf };
}

test('what was open is kept once; what is refused after it is kept too, and the link stays', () => {
  const { calls, fallback, settingsOf } = setup();
  expect(settingsOf(WORKED)).toEqual(WORKED.device.settings);
  fallback.opened(WORKED);
  fallback.opened(WORKED);
  expect(settingsOf(SHAPELESS)).toEqual(WORKED.device.settings);
  expect(settingsOf(SHAPELESS)).toEqual(WORKED.device.settings);
  const refusal = { device: 'strip-1', version: SHAPELESS.version, code: 'DEVICE_SETTINGS_INVALID' };
  expect(calls).toEqual([
    ['saveGood', WORKED],
    ['saveRefusal', refusal],
  ]);
});

test('a device that was never open has nothing to go back to', () => {
  const { calls, fallback, settingsOf } = setup();
  expect(settingsOf(SHAPELESS)).toEqual(SHAPELESS.device.settings);
  expect(fallback.refused(SHAPELESS, 'DEVICE_SETTINGS_INVALID')).toBe(false);
  expect(calls).toEqual([]);
});

test('after a restart the refused one is not tried, a newer one is, and a device that is gone is forgotten', () => {
  const later = of(3, { transport: 'tcp', host: '10.0.0.2', port: 5005 });
  const refusal = { device: 'strip-1', version: { gen: 'g', ver: 2 }, code: 'DEVICE_SETTINGS_INVALID' as const };
  const contradicting = of(2, { transport: 'tcp', host: '10.0.0.3', port: 5005 });
  const { fallback, settingsOf } = setup({ good: [WORKED], refusals: [refusal] });
  expect(settingsOf(contradicting)).toEqual(WORKED.device.settings);
  expect(settingsOf(later)).toEqual(later.device.settings);
  fallback.keepOnly(new Set());
  expect(settingsOf(contradicting)).toEqual(contradicting.device.settings);
});
