/** How long each class of fact is kept; what is older is removed in small steps that delay no event. */
import { caseEvents, queueEvents, type Clock } from '@hall/contracts';
import type { Logger } from 'pino';
import type { ServerConfig } from '../../config.ts';
import type { Keys } from '../../platform/keys.ts';
import type { Writer } from '../../platform/store/writer.ts';
import { SNAPSHOT_TYPE } from './fold-store.ts';

const DAY_MS = 86_400_000;
const EVERY_MS = 3_600_000;
const STEP_ROWS = 2000;
/** Raw bodies of quarantined events. */
const SEALED_DAYS = 7;
const QUARANTINE_DAYS = 90;
const SNAPSHOT_DAYS = 7;
const HEARTBEAT_DAYS = 1;

const HEARTBEAT = 'feed.heartbeat';
const EDGE = ['screen.confirmed', 'device.link', 'agent.started', 'agent.stopped', 'text.replaced', 'outbox.gap'];
const QUEUE = Object.keys(queueEvents).filter((type) => type !== HEARTBEAT);

export interface RetentionOptions {
  readonly writer: Pick<Writer, 'call'>;
  readonly keys: Pick<Keys, 'destroyBefore'>;
  readonly clock: Clock;
  readonly log: Logger;
  readonly days: ServerConfig['retention'];
}

/** Removes what is over its time; resolves when nothing is left to remove. */
export async function retain({ writer, keys, clock, days }: Omit<RetentionOptions, 'log'>): Promise<void> {
  const now = clock.wall.nowMs();
  const before = (count: number) => now - count * DAY_MS;
  keys.destroyBefore(before(days.personalDays));
  for (;;) {
    const { removed } = await writer.call('facts.retain', {
      sealedBefore: before(SEALED_DAYS),
      quarantineBefore: before(QUARANTINE_DAYS),
      classes: [
        { types: QUEUE, before: before(days.queueDays) },
        { types: Object.keys(caseEvents), before: before(days.caseDays) },
        { types: EDGE, before: before(days.edgeDays) },
        { types: [HEARTBEAT], before: before(HEARTBEAT_DAYS) },
        { types: [SNAPSHOT_TYPE], before: before(SNAPSHOT_DAYS) },
      ],
      limit: STEP_ROWS,
    });
    if (removed === 0) return;
  }
}

/** Once an hour until the signal aborts. */
export async function keepRetaining(options: RetentionOptions, signal: AbortSignal): Promise<void> {
  while (!signal.aborted) {
    await retain(options).catch((error: unknown) => options.log.warn({ error }, 'retention failed'));
    await options.clock.machine.sleep(EVERY_MS, signal).catch(() => {});
  }
}
