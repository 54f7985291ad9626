/** Writes hall time to the store now and then, so that a restart carries it on and the highest time seen is never forgotten. */
import type { Clock } from '@hall/contracts';
import type { Logger } from 'pino';
import { createNewest } from '../newest.ts';
import type { LearntHallTime, StoredHallTime } from './hall-time.ts';

/** Between two writes, machine ms. */
const EVERY_MS = 60_000;

export interface KeepsHallTime {
  /** Writes at once. */
  now(): void;
  /** Writes a last time. */
  close(): Promise<void>;
}

export function keepHallTime(
  hallTime: Pick<LearntHallTime, 'snapshot'>,
  save: (snapshot: StoredHallTime) => Promise<void>,
  { machine }: Clock,
  log: Logger,
): KeepsHallTime {
  const over = new AbortController();
  const writing = createNewest<undefined>(async () => {
    await save(hallTime.snapshot()).catch((error: unknown) => log.error({ err: error }, 'hall time could not be stored'));
  });
  void (async () => {
    while (!over.signal.aborted) {
      await machine.sleep(EVERY_MS, over.signal).catch(() => {});
      if (!over.signal.aborted) writing.give(undefined);
    }
  })();
  return {
    now: () => writing.give(undefined),
    async close() {
      over.abort();
      writing.give(undefined);
      await writing.idle();
    },
  };
}
