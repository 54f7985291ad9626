import type { EventRow } from '@hall/contracts';
import { describe, expect, it } from 'vitest';
import { matches } from './filter.ts';

const row: EventRow = {
  seq: 1,
  id: 'e',
  source: 's',
  type: 'ticket.called',
  subject: 't-1',
  time: 1,
  receivedAt: 2,
  flag: null,
  data: { window: 'w01', ticket: 'A001' },
};

describe('a fact that has just arrived', () => {
  it.each([
    [{}, true],
    [{ type: 'ticket.called' }, true],
    [{ type: 'ticket.ended' }, false],
    [{ window: 'w01' }, true],
    [{ window: 'w02' }, false],
    [{ subject: 't-1' }, true],
    [{ flagged: true }, false],
    [{ flagged: false }, true],
  ])('with filter %j is shown: %s', (filter, shown) => {
    expect(matches(row, filter)).toBe(shown);
  });

  it('is shown among the flagged when it is flagged', () => {
    expect(matches({ ...row, flag: 'late' }, { flagged: true })).toBe(true);
  });
});
