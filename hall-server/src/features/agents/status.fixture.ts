/** For tests: the status of an agent that is well. */
import type { AgentStatus } from '@hall/contracts';

export const sampleStatus = (): AgentStatus => ({
  epoch: 'epoch-1',
  seq: 1,
  at: Date.UTC(2026, 10, 23, 2, 20),
  version: '0.1.0',
  uptimeS: 60,
  memory: { rssBytes: 80_000_000, heapBytes: 20_000_000 },
  loop: { worstMs: 12, stalls: 0 },
  disk: { freeBytes: 4_000_000_000, totalBytes: 8_000_000_000 },
  store: 'ok',
  clock: { trust: 'told', skewMs: 3, errorMs: 2, highestMs: Date.UTC(2026, 10, 23, 2, 20) },
  outbox: { tail: 0, head: 5, count: 0, bytes: 0, oldestAt: 0, percent: 0 },
  documents: { devices: 2, fellBack: [] },
  counters: {},
});
