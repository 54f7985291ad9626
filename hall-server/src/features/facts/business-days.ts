/**
 * Begins every business day with an empty queue: where the platform has not sent `hall.queue_reset` for the day, the server
 * records one of its own, so that no ticket of an earlier day stays in limbo.
 */
import type { Clock } from '@hall/contracts';
import { businessDay, startOfBusinessDay } from '@hall/model';
import type { Logger } from 'pino';
import type { Writer } from '../../platform/store/writer.ts';

const HOUR_MS = 3_600_000;
/** The clock may be set and the zone changed, so nothing is waited for longer than this at once, ms of machine time. */
const LONGEST_WAIT_MS = 60_000;
const RETRY_MS = 5000;
const TYPE = 'hall.queue_reset';

export interface BusinessDayOptions {
  readonly hall: string;
  readonly clock: Clock;
  /** Hall milliseconds per machine millisecond. */
  readonly speed: number;
  readonly log: Logger;
  readonly writer: Pick<Writer, 'record'>;
  /** Zone of the hall calendar now. */
  readonly zone: () => string;
  /** Latest business day that a known reset begins, whoever sent it. */
  readonly newestReset: () => string | undefined;
}

export interface BusinessDays {
  /** Records the reset of the current business day if nobody has. True once there is one. Never rejects. */
  begin(): Promise<boolean>;
  /** Does so at every change of the day, until the signal aborts. */
  run(signal: AbortSignal): Promise<void>;
}

export function createBusinessDays(options: BusinessDayOptions): BusinessDays {
  const { hall, clock, speed, log, writer, zone, newestReset } = options;

  const begin = async (): Promise<boolean> => {
    const hallMs = Math.round(clock.hall.nowMs());
    const day = businessDay(zone(), hallMs);
    const known = newestReset();
    // A later day is known where the clock was set back.
    if (known !== undefined && known >= day) return true;
    const id = `queue-reset-${day}`;
    const data = { businessDay: day };
    const event = { id, source: `/hall/${hall}/server`, type: TYPE, subject: '', time: hallMs, sequence: 0, data } as const;
    try {
      await writer.record({ platform: 'server', receivedAt: clock.wall.nowMs(), events: [event], quarantine: [] });
      log.info({ day }, 'business day begins');
      return true;
    } catch (error) {
      log.warn({ error, day }, 'business day could not begin');
      return false;
    }
  };

  /** Machine time until the next business day, ms. */
  const untilNextMs = (): number => {
    const hallMs = clock.hall.nowMs();
    // A civil day lasts 22 to 26 hours, so 36 hours after its beginning it is the next one.
    const start = startOfBusinessDay(zone(), businessDay(zone(), hallMs)) ?? hallMs;
    const next = startOfBusinessDay(zone(), businessDay(zone(), start + 36 * HOUR_MS)) ?? start + 24 * HOUR_MS;
    return Math.max(1, Math.ceil((next - hallMs) / speed));
  };

  return {
    begin,
    run: async (signal) => {
      while (!signal.aborted) {
        const begun = await begin();
        const waitMs = Math.min(begun ? LONGEST_WAIT_MS : RETRY_MS, untilNextMs());
        await clock.machine.sleep(waitMs, signal).catch(() => {});
      }
    },
  };
}
