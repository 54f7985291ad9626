import { expect, test } from 'vitest';
import { followCalls } from './calls.ts';

function begin() {
  let model: string | undefined;
  let shown: readonly string[] = [];
  const calls = followCalls({ ticketAt: () => model, texts: () => shown, windowOf: () => 'w01' });
  return {
    calls,
    call: (ticket: string | undefined) => {
      model = ticket;
      calls.changed('w01');
    },
    show: (...texts: string[]) => {
      shown = texts;
      calls.seen('strip-1');
    },
  };
}

test('a strip that follows, late or with gaps, has not stepped back', () => {
  const { calls, call, show } = begin();
  for (const ticket of ['A1', 'A2', 'A3']) call(ticket);
  show('01', 'A1');
  show('01');
  show('01', 'A3');
  show('01', 'A3');
  expect(calls.steppedBack).toEqual([]);
});

test('an earlier ticket after a later one is a step back', () => {
  const { calls, call, show } = begin();
  call('A1');
  call('A2');
  show('A2');
  show('A1');
  expect(calls.steppedBack).toEqual(['strip-1 A1']);
});

test('a ticket that was called again later may be shown again', () => {
  const { calls, call, show } = begin();
  for (const ticket of ['A1', 'A2', undefined, 'A1']) call(ticket);
  show('A2');
  show('A1');
  expect(calls.steppedBack).toEqual([]);
  show('A2');
  expect(calls.steppedBack).toEqual(['strip-1 A2']);
});
