import fc from 'fast-check';
import { expect, test } from 'vitest';
import {
  packReply,
  packSubmission,
  unpackReplies,
  unpackSubmissions,
  type Submission,
  type SubmissionReply,
} from './protocol.ts';

const code = fc.constantFrom('BODY_DUPLICATE_KEY' as const, 'BODY_TOO_DEEP' as const);
const submission: fc.Arbitrary<Submission> = fc.record(
  {
    platform: fc.string(),
    sources: fc.string(),
    receivedAt: fc.nat(),
    hallMs: fc.double({ noNaN: true }),
    form: fc.constantFrom('one' as const, 'list' as const, 'either' as const, 'assembled' as const),
    text: fc.string({ unit: 'binary' }),
    fault: fc.record({ code, key: fc.string() }),
    webhook: fc.record({ id: fc.string({ minLength: 1 }), digest: fc.string(), expiresAt: fc.nat() }),
  },
  { requiredKeys: ['platform', 'sources', 'receivedAt', 'hallMs', 'form', 'text'] },
);

test('packed submissions come out as they went in, in order', () => {
  fc.assert(
    fc.property(fc.array(submission), (given) => {
      const packed: Array<string | number> = [];
      for (const [ticket, each] of given.entries()) packSubmission(packed, ticket, each);
      expect(unpackSubmissions(packed)).toEqual(given.map((each, ticket) => ({ kind: 'submission', ticket, submission: each })));
    }),
  );
});

test('packed replies come out as they went in, in order', () => {
  const counts = { accepted: fc.nat(), duplicate: fc.nat(), quarantined: fc.nat(), flagged: fc.nat(), gaps: fc.nat() };
  const reply: fc.Arbitrary<SubmissionReply> = fc.record({ json: fc.string(), ...counts, newestMs: fc.nat() });
  fc.assert(
    fc.property(fc.array(fc.tuple(fc.nat(), reply)), (given) => {
      const packed: Array<string | number> = [];
      for (const [ticket, each] of given) packReply(packed, ticket, each);
      const found: Array<[number, SubmissionReply]> = [];
      unpackReplies(packed, (ticket, each) => found.push([ticket, each]));
      expect(found).toEqual(given);
    }),
  );
});
