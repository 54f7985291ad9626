import fc from 'fast-check';
import { expect, test } from 'vitest';
import {
  EVENT_STRIDE,
  packBatch,
  packOutcome,
  unpackBatches,
  unpackOutcomes,
  type Batch,
  type BatchOutcome,
} from './protocol.ts';

const entry = fc.oneof(fc.string(), fc.integer());
const batch: fc.Arbitrary<Batch> = fc
  .tuple(
    fc.string({ minLength: 1 }),
    fc.nat(),
    fc.array(fc.array(entry, { minLength: EVENT_STRIDE, maxLength: EVENT_STRIDE }), { maxLength: 4 }),
    fc.option(fc.record({ id: fc.string({ minLength: 1 }), digest: fc.string(), expiresAt: fc.nat() }), { nil: undefined }),
  )
  .map(([platform, receivedAt, events, webhook]) => ({
    platform,
    receivedAt,
    events: events.flat(),
    quarantine: [],
    ...(webhook && { webhook }),
  }));

test('packed batches come out as they went in, in order', () => {
  fc.assert(
    fc.property(fc.array(batch), (batches) => {
      const packed: Array<string | number> = [];
      for (const [ticket, each] of batches.entries()) expect(packBatch(packed, ticket, each)).toBe(true);
      expect(unpackBatches(packed)).toEqual(batches.map((each, ticket) => ({ kind: 'batch', ticket, batch: each })));
    }),
  );
});

test('a batch with a quarantined event is not packed', () => {
  const refused = {
    id: null,
    source: null,
    type: null,
    code: 'X',
    field: null,
    reason: null,
    digest: '',
    sealed: Buffer.alloc(1),
  };
  const packed: Array<string | number> = [];
  expect(packBatch(packed, 1, { platform: 'city', receivedAt: 0, events: [], quarantine: [refused] })).toBe(false);
  expect(packed).toEqual([]);
});

test('packed outcomes come out as they went in, in order', () => {
  const outcome = fc.array(fc.constantFrom<BatchOutcome[number]>('', 'duplicate', 'does_not_fit', 'late', 'gap'), {
    maxLength: 5,
  });
  fc.assert(
    fc.property(fc.array(fc.tuple(fc.nat(), outcome)), (given) => {
      const packed: number[] = [];
      for (const [ticket, one] of given) packOutcome(packed, ticket, one);
      const found: Array<[number, BatchOutcome]> = [];
      unpackOutcomes(packed, (ticket, one) => found.push([ticket, one]));
      expect(found).toEqual(given);
    }),
  );
});
