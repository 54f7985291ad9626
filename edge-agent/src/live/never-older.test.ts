import type { LiveField, Payload } from '@hall/contracts';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { createBeats } from '../uplink/beats.ts';
import { applyLease, applyLive, emptyLive } from './live-set.ts';

const GEN = 'g1';
const hallTime = { hallMs: 0, speed: 1 };
const fieldOf = (key: string, seq: number): LiveField => ({
  key,
  seq,
  sourceTime: 0,
  value: { kind: 'queue', service: key, waiting: seq, next: [] },
});

const act = fc.oneof(
  fc.record({ is: fc.constant('beat' as const) }),
  fc.record({ is: fc.constant('hears' as const), of: fc.nat({ max: 20 }) }),
  fc.record({ is: fc.constant('changes' as const), key: fc.constantFrom('queue/a', 'queue/b') }),
  fc.record({ is: fc.constant('leases' as const) }),
  fc.record({ is: fc.constant('copies' as const) }),
  // However late, in whatever order and however often.
  fc.record({ is: fc.constant('arrives' as const), which: fc.nat({ max: 40 }) }),
  fc.record({ is: fc.constant('waits' as const), forMs: fc.integer({ min: 1, max: 30_000 }) }),
);

test('nothing counts as fresher than the moment in which the server had something newer, however long messages are on their way', () => {
  fc.assert(
    fc.property(fc.array(act, { maxLength: 60, size: 'max' }), (acts) => {
      let nowMs = 0;
      const beats = createBeats({ nowMs: () => nowMs });
      let said = beats.next();
      let heard = said;
      const server = new Map<string, LiveField>();
      let head = 0;
      const sent: ({ live: Payload<'live'> } | { lease: Payload<'lease'> })[] = [];
      /** When the server had something newer than this seq of the field. */
      const replacedMs = new Map<string, number>();
      let held = emptyLive(GEN);
      for (const one of acts) {
        nowMs += 1;
        if (one.is === 'beat') said = beats.next();
        else if (one.is === 'hears') heard = Math.max(heard, Math.min(said, one.of));
        else if (one.is === 'waits') nowMs += one.forMs;
        else if (one.is === 'leases') sent.push({ lease: { gen: GEN, head, fresh: true, heard, hallTime } });
        else if (one.is === 'copies') {
          sent.push({ live: { gen: GEN, after: 0, head, full: true, heard, fields: [...server.values()] } });
        } else if (one.is === 'changes') {
          const before = server.get(one.key);
          if (before) replacedMs.set(`${one.key} ${before.seq}`, nowMs);
          const field = fieldOf(one.key, head + 1);
          sent.push({ live: { gen: GEN, after: head, head: field.seq, full: false, heard, fields: [field] } });
          head = field.seq;
          server.set(one.key, field);
        } else {
          const message = sent[one.which % sent.length];
          if (!message) continue;
          held =
            'live' in message
              ? applyLive(held, message.live, beats.saidMs(message.live.heard)).set
              : applyLease(held, message.lease, beats.saidMs(message.lease.heard)).set;
        }
        for (const [key, { field, renewedAtMs }] of held.entries) {
          const replaced = replacedMs.get(`${key} ${field.seq}`);
          expect(renewedAtMs ?? 0).toBeLessThanOrEqual(replaced ?? nowMs);
        }
      }
    }),
    { numRuns: 5000 },
  );
});
