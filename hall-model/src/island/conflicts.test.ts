import { expect, test } from 'vitest';
import { unknownTicket, type TicketFacts } from '../ticket.ts';
import { verdictOn } from './conflicts.ts';

const facts = (more: Partial<TicketFacts>): TicketFacts => ({
  ...unknownTicket,
  state: 'waiting',
  issuedAt: 10,
  ticket: 'A001',
  ...more,
});
const call = { act: 'next' as const, window: 'w1', ticket: 'A001', at: 100 };
const at = (window: string) => ({ window, calls: [{ window, at: 120 }], state: 'called' as const });

test.each([
  ['noted', { ...call, act: 'pause' as const, ticket: undefined }, []],
  ['ticket_unknown', call, []],
  ['ticket_unknown', call, [facts({ issuedAt: 200 })]],
  ['unheard', call, [facts({})]],
  ['agreed', call, [facts(at('w1'))]],
  ['called_elsewhere', call, [facts(at('w2'))]],
  ['ticket_ended', call, [facts({ state: 'removed', endedAt: 90 })]],
  ['agreed', { ...call, act: 'recall' as const }, [facts({ ...at('w1'), state: 'ended', endedAt: 150 })]],
  // A number comes again every day; the newest ticket that was born before the act is meant.
  ['unheard', call, [facts(at('w2')), facts({ issuedAt: 50 })]],
] as const)('%s', (verdict, act, tickets) => {
  expect(verdictOn(act, tickets).verdict).toBe(verdict);
});

test('says where the platform had it called', () => {
  expect(verdictOn(call, [facts(at('w2'))])).toEqual({ verdict: 'called_elsewhere', elsewhere: 'w2' });
});
