import { onbonK } from '@hall/wire';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { MOST_CALLS, callIn, ticketOf } from './tickets.ts';

test.each([
  [0, 'A00000'],
  [99_999, 'A99999'],
  [100_000, 'B00000'],
  [MOST_CALLS - 1, 'Y99999'],
])('call %i has ticket %s', (call, ticket) => {
  expect(ticketOf(call)).toBe(ticket);
});

test('the call of every ticket is found in a frame of the strip protocol', () => {
  fc.assert(
    fc.property(fc.integer({ min: 0, max: MOST_CALLS - 1 }), (call) => {
      const { bytes } = onbonK.composeText([{ chineseFont: 1 }, { colour: 'green' }, { text: ticketOf(call) }], 'gb2312');
      expect(callIn(onbonK.encodeFrame(onbonK.toScreen(1, bytes)))).toBe(call);
    }),
  );
});

test('bytes without a ticket hold no call', () => {
  expect(callIn(Buffer.from('FE001 12:30 A1234'))).toBe(-1);
});
