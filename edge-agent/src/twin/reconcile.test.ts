import fc from 'fast-check';
import { expect, test } from 'vitest';
import { isNewer, reconcile, type Document } from './reconcile.ts';

const document = (id: string, ver: number, port = 5005, width = 192): Document => ({
  version: { gen: 'g', ver },
  device: {
    id,
    name: id,
    agent: 'a',
    driver: 'onbon-k',
    settings: { port },
    screen: { template: 'window-strip', widthPx: width, heightPx: 32 },
  },
});
const mapOf = (...documents: Document[]) => new Map(documents.map((one) => [one.device.id, one]));
const does = (desired: Document[], running: Document[]) => reconcile(mapOf(...desired), mapOf(...running)).map((step) => step.do);

test('what is new starts, what is gone stops first, what is the same stays', () => {
  expect(does([document('a', 1)], [document('b', 1)])).toEqual(['stop', 'start']);
  expect(does([document('a', 1)], [document('a', 1)])).toEqual([]);
});

test('only a change of the link opens it anew', () => {
  expect(does([document('a', 2)], [document('a', 1)])).toEqual(['replan']);
  expect(does([document('a', 2, 5006)], [document('a', 1)])).toEqual(['restart']);
  expect(does([document('a', 2, 5005, 64)], [document('a', 1)])).toEqual(['restart']);
});

test('a document is newer by version, or by any other generation', () => {
  expect(isNewer({ gen: 'g', ver: 1 }, undefined)).toBe(true);
  expect(isNewer({ gen: 'g', ver: 2 }, { gen: 'g', ver: 1 })).toBe(true);
  expect(isNewer({ gen: 'g', ver: 1 }, { gen: 'g', ver: 1 })).toBe(false);
  expect(isNewer({ gen: 'h', ver: 1 }, { gen: 'g', ver: 9 })).toBe(true);
});

test('carrying out the steps gives exactly what is desired', () => {
  const some = fc.uniqueArray(
    fc.record({ id: fc.constantFrom('a', 'b', 'c', 'd'), ver: fc.integer({ min: 1, max: 3 }), port: fc.constantFrom(1, 2) }),
    { selector: ({ id }) => id },
  );
  fc.assert(
    fc.property(some, some, (desired, running) => {
      const wanted = mapOf(...desired.map(({ id, ver, port }) => document(id, ver, port)));
      const world = mapOf(...running.map(({ id, ver, port }) => document(id, ver, port)));
      for (const step of reconcile(wanted, world)) {
        if (step.do === 'stop') world.delete(step.device);
        else world.set(step.document.device.id, step.document);
      }
      expect([...world.keys()].toSorted()).toEqual([...wanted.keys()].toSorted());
      for (const [id, { version, device }] of wanted) {
        expect(world.get(id)?.version).toEqual(version);
        expect(world.get(id)?.device.settings).toEqual(device.settings);
      }
    }),
  );
});
