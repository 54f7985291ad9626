import type { AgentKeyView } from '@hall/contracts';
import { expect, it } from 'vitest';
import { keysByAgent } from './use-fleet.ts';

const key = (agent: string, state: AgentKeyView['state'], fingerprint: string): AgentKeyView => ({
  agent,
  state,
  fingerprint,
  addedAt: 0,
  until: null,
});

it('shows the key in use, and the admitted one of an agent that has not come yet', () => {
  const shown = keysByAgent([key('a', 'next', '2'), key('a', 'current', '1'), key('b', 'next', '3')]);
  expect([...shown.values()].map(({ fingerprint }) => fingerprint)).toEqual(['1', '3']);
});
