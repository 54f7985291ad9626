/** What of a status is worth saying before its time. Pure. */
import type { AgentStatus } from '@hall/contracts';

const GB = 1024 ** 3;

/** Equal for statuses that differ only in numbers that always move. */
export function telling({ version, store, disk, clock, documents, loop, config, outbox }: Omit<AgentStatus, 'seq'>): string {
  return JSON.stringify([
    version,
    store,
    disk && Math.min(4, Math.floor((disk.freeBytes / GB) * 10)),
    clock.trust,
    Math.round((clock.skewMs ?? 0) / 1000),
    documents,
    loop.stalls,
    config,
    Math.floor(outbox.percent / 25),
  ]);
}
