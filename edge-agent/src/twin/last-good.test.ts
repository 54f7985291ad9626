import fc from 'fast-check';
import { expect, test } from 'vitest';
import { stripDocument } from '../devices/fixture.ts';
import { inForce, isRefusal, type Refusal } from './last-good.ts';
import type { Document } from './reconcile.ts';

type Made = {
  readonly ver: number;
  readonly window: string;
  readonly driver: string;
  readonly port: number;
  readonly widthPx: number;
};

function made({ ver, window, driver, port, widthPx }: Made): Document {
  const { device, plan } = JSON.parse(
    JSON.stringify(stripDocument({ driver, settings: { port } }))
      .replaceAll('w1', window)
      .replaceAll(':192', `:${widthPx}`),
  ) as Document;
  return { version: { gen: 'g', ver }, device, ...(plan && { plan }) };
}
const good = made({ ver: 1, window: 'w1', driver: 'onbon-k', port: 5005, widthPx: 192 });
const refusing = (document: Document): Refusal => ({
  device: document.device.id,
  version: document.version,
  code: 'DEVICE_SETTINGS_INVALID',
});

test('with the same driver and size the newest plan is shown over the link that worked', () => {
  const newest = made({ ver: 2, window: 'w2', driver: 'onbon-k', port: -1, widthPx: 192 });
  const result = inForce(newest, good, refusing(newest));
  expect(result.plan).toEqual(newest.plan);
  expect(result.device).toEqual({ ...newest.device, settings: good.device.settings });
  expect(result).toMatchObject({ version: { ver: 2 }, fallen: { good: { ver: 1 }, code: 'DEVICE_SETTINGS_INVALID' } });
});

test.each([
  ['another size', { widthPx: 64, driver: 'onbon-k' }],
  ['another driver', { widthPx: 192, driver: 'nobody' }],
])('with %s nothing but the neutral text of the old plan is shown, on the device as it was', (_, how) => {
  const newest = made({ ver: 2, window: 'w2', port: -1, ...how });
  const result = inForce(newest, good, refusing(newest));
  expect(result.device).toEqual(good.device);
  const contents = result.plan?.regions.flatMap(({ layers }) => layers.map(({ content }) => content));
  expect(contents).toEqual([{ template: 'strip-neutral', parameters: { window: 'w1' }, bindings: [] }]);
});

test('a newer one is tried, and without one that worked, or with the one that worked, there is nothing to go back to', () => {
  const newest = made({ ver: 2, window: 'w2', driver: 'onbon-k', port: -1, widthPx: 192 });
  const newer = made({ ver: 3, window: 'w2', driver: 'onbon-k', port: 5006, widthPx: 192 });
  expect(inForce(newer, good, refusing(newest))).toBe(newer);
  expect(inForce(newest, undefined, refusing(newest))).toBe(newest);
  expect(inForce(newest, good, undefined)).toBe(newest);
  expect(inForce(good, good, refusing(good))).toBe(good);
});

test('whatever is refused: nothing live of an old plan is shown, and no refused settings are used', () => {
  const any = fc.record({
    ver: fc.integer({ min: 1, max: 3 }),
    window: fc.constantFrom('w1', 'w2'),
    driver: fc.constantFrom('onbon-k', 'kiosk'),
    port: fc.integer({ min: 1, max: 3 }),
    widthPx: fc.constantFrom(192, 64),
  });
  fc.assert(
    fc.property(any, any, any, (one, two, three) => {
      const [newest, last, refused] = [made(one), made(two), made(three)];
      const result = inForce(newest, last, refusing(refused));
      const isRefused = refused.version.ver === newest.version.ver && last.version.ver !== newest.version.ver;
      expect(result.fallen !== undefined).toBe(isRefused);
      expect(result.device.settings).toEqual((isRefused ? last : newest).device.settings);
      const bound = (result.plan?.regions ?? []).flatMap(({ layers }) => layers.flatMap(({ content }) => content.bindings));
      expect(bound.length === 0 || JSON.stringify(result.plan) === JSON.stringify(newest.plan)).toBe(true);
      expect(result.device.screen).toMatchObject({ widthPx: result.plan?.widthPx, heightPx: result.plan?.heightPx });
    }),
  );
});

test('only what lies in the document is a refusal', () => {
  expect(['DEVICE_SETTINGS_INVALID', 'DRIVER_UNKNOWN', 'DEVICE_OFFLINE', 'DEVICE_REFUSED', undefined].map(isRefusal)).toEqual([
    true,
    true,
    false,
    false,
    false,
  ]);
});
