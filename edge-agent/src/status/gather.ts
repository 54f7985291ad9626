/** The status of this agent, from what its parts know. */
import { statfs } from 'node:fs/promises';
import type { AgentStatus, Clock } from '@hall/contracts';
import type { OutboxLimits } from '../outbox/limits.ts';
import type { OutboxSpan } from '../outbox/sql.ts';
import type { WatchedStore } from '../store/health.ts';
import type { Discipline } from '../time/discipline.ts';
import type { LearntHallTime } from '../time/hall-time.ts';
import { VERSION } from '../version.ts';
import type { LoopWatch } from '../watchdog/loop-watch.ts';

export interface StatusSources {
  readonly epoch: string;
  readonly clock: Clock;
  /** Machine time of the start. */
  readonly startedMs: number;
  /** Folder on the disk that matters. */
  readonly data: string;
  readonly store: Pick<WatchedStore, 'state'>;
  readonly hallTime: LearntHallTime;
  readonly discipline: Discipline;
  readonly outbox: () => OutboxSpan;
  readonly limits: OutboxLimits;
  readonly documents: () => AgentStatus['documents'];
  readonly counters: Readonly<Record<string, number>>;
  readonly loop: LoopWatch | undefined;
  readonly config: string | undefined;
}

export async function gatherStatus(from: StatusSources): Promise<Omit<AgentStatus, 'seq'>> {
  const { clock, discipline, hallTime, limits } = from;
  const memory = process.memoryUsage();
  const skew = discipline.skew();
  const outbox = from.outbox();
  const disk = await statfs(from.data).catch(() => undefined);
  return {
    epoch: from.epoch,
    at: Math.round(discipline.wall.nowMs()),
    version: VERSION,
    uptimeS: Math.floor((clock.machine.nowMs() - from.startedMs) / 1000),
    memory: { rssBytes: memory.rss, heapBytes: memory.heapUsed },
    loop: from.loop?.take() ?? { worstMs: 0, stalls: 0 },
    ...(disk && { disk: { freeBytes: disk.bavail * disk.bsize, totalBytes: disk.blocks * disk.bsize } }),
    store: from.store.state,
    clock: {
      trust: hallTime.trust,
      ...(skew && { skewMs: skew.ms, errorMs: skew.errorMs }),
      highestMs: Math.max(0, hallTime.highestMs),
    },
    outbox: {
      ...outbox,
      percent: Math.floor(100 * Math.max(outbox.count / limits.softRows, outbox.bytes / limits.softBytes)),
    },
    documents: from.documents(),
    ...(from.config !== undefined && { config: from.config }),
    counters: { ...from.counters },
  };
}
