import { commandOutcomes, commandStates, type CommandEnd } from '@hall/contracts';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { AT_ONCE, toRelease, toResume, waysBack, type Member } from './batch-rules.ts';

const end: fc.Arbitrary<CommandEnd> = fc.record(
  {
    outcome: fc.constantFrom(...commandOutcomes),
    evidence: fc.record({ before: fc.record({ on: fc.boolean(), percent: fc.option(fc.integer({ min: 0, max: 100 })) }) }),
  },
  { requiredKeys: ['outcome'] },
);
const members: fc.Arbitrary<Member[]> = fc
  .array(fc.record({ state: fc.constantFrom(...commandStates), released: fc.boolean(), end }), { maxLength: 40 })
  .map((rows) =>
    rows.map(({ state, released, end: own }, at) => ({
      id: `c-${at}`,
      device: `d-${at}`,
      state,
      released: released || state !== 'created',
      end: state === 'ended' ? own : null,
    })),
  );

test('a few at a time: never more under way than allowed, never fewer than could be, in order', () => {
  fc.assert(
    fc.property(members, (batch) => {
      const ids = toRelease(batch);
      const waiting = batch.filter(({ state, released }) => state === 'created' && !released).map(({ id }) => id);
      const underWay = batch.filter(({ state, released }) => released && state !== 'ended').length;
      expect(ids).toEqual(waiting.slice(0, Math.max(0, AT_ONCE - underWay)));
    }),
  );
});

test('a batch that is released as it goes ends whole, each member once', () => {
  let batch: Member[] = Array.from({ length: 3 * AT_ONCE + 1 }, (_, at) => ({
    id: `c-${at}`,
    device: `d-${at}`,
    state: 'created',
    released: false,
    end: null,
  }));
  const told: string[] = [];
  for (let ids = toRelease(batch); ids.length > 0; ids = toRelease(batch)) {
    told.push(...ids);
    batch = batch.map((one) =>
      ids.includes(one.id) ? { ...one, released: true, state: 'ended', end: { outcome: 'applied' } } : one,
    );
  }
  expect(told).toEqual(batch.map(({ id }) => id));
});

test('going on and going back never meet: what was applied is not given again, and only that is taken back', () => {
  fc.assert(
    fc.property(members, fc.constantFrom('black' as const, 'brightness' as const), (batch, act) => {
      const again = toResume(batch);
      const back = waysBack(act, batch).flatMap(({ devices }) => devices);
      expect(again.filter((device) => back.includes(device))).toEqual([]);
      const ended = batch.filter(({ state }) => state === 'ended').map(({ device }) => device);
      expect([...again, ...back].toSorted()).toEqual(ended.toSorted());
    }),
  );
});

test('each device goes back to what it was; what passes by itself has no way back', () => {
  const applied = (device: string, before: object): Member => ({
    id: device,
    device,
    state: 'ended',
    released: true,
    end: { outcome: 'applied', evidence: { before } },
  });
  const dimmed = [applied('a', { percent: 40 }), applied('b', { percent: null }), applied('c', { percent: 40 })];
  expect(waysBack('brightness', dimmed)).toEqual([
    { act: 'brightness', arguments: { percent: 40 }, devices: ['a', 'c'] },
    { act: 'brightness', arguments: { percent: null }, devices: ['b'] },
  ]);
  expect(waysBack('black', [applied('a', { on: false })])).toEqual([{ act: 'black', arguments: { on: false }, devices: ['a'] }]);
  expect(waysBack('identify', dimmed)).toEqual([]);
});
