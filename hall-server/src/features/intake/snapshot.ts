/** Full state of a source: checked here, applied by the writer. */
import { HallError, PlatformSnapshot, type Clock } from '@hall/contracts';
import { parseTime } from '@hall/model';
import { Compile } from 'typebox/compile';
import { problemOf } from '../../platform/problem.ts';
import type { Writer } from '../../platform/store/writer.ts';
import { MAX_AHEAD_MS, type References } from './check-event.ts';
import type { Platform } from './platforms.ts';
import { strictValue } from './strict-json.ts';

/** 20,000 tickets and 500 windows fit. */
export const MAX_SNAPSHOT_BYTES = 8 * 1024 * 1024;

export interface SnapshotService {
  /**
   * Resolves after the commit. Codes: BODY_NOT_JSON, BODY_DUPLICATE_KEY, BODY_TOO_DEEP, SNAPSHOT_INVALID, SNAPSHOT_OLD,
   * EVENT_SOURCE_REFUSED, EVENT_REFERENCE_UNKNOWN, EVENT_TIME_REFUSED.
   */
  apply(platform: Platform, text: string): Promise<void>;
}

const check = Compile(PlatformSnapshot);

/** The first reference the hall does not know, or time that does not exist, as JSON pointer. */
function faultOf({ tickets, windows }: PlatformSnapshot, references: References): HallError | undefined {
  const unknown = (field: string, list: string) =>
    new HallError('EVENT_REFERENCE_UNKNOWN', { field, expected: `an id among the ${list} of this hall` });
  const noTime = (field: string) => new HallError('SNAPSHOT_INVALID', { field, expected: 'a time that exists, RFC 3339' });
  for (const [at, { service, window, issuedAt, calledAt }] of tickets.entries()) {
    if (!references.services.has(service)) return unknown(`/tickets/${at}/service`, 'services');
    if (window !== undefined && !references.windows.has(window)) return unknown(`/tickets/${at}/window`, 'windows');
    if (parseTime(issuedAt) === undefined) return noTime(`/tickets/${at}/issuedAt`);
    if (calledAt !== undefined && parseTime(calledAt) === undefined) return noTime(`/tickets/${at}/calledAt`);
  }
  for (const [at, { window, services, expectedReturnAt }] of windows.entries()) {
    if (!references.windows.has(window)) return unknown(`/windows/${at}/window`, 'windows');
    const wrong = services?.findIndex((service) => !references.services.has(service)) ?? -1;
    if (wrong !== -1) return unknown(`/windows/${at}/services/${wrong}`, 'services');
    if (expectedReturnAt !== undefined && parseTime(expectedReturnAt) === undefined)
      return noTime(`/windows/${at}/expectedReturnAt`);
  }
  return undefined;
}

export const createSnapshots = ({
  writer,
  clock,
  references,
}: {
  readonly writer: Pick<Writer, 'snapshot'>;
  readonly clock: Clock;
  readonly references: () => References;
}): SnapshotService => ({
  apply: async (platform, text) => {
    const { value, fault } = strictValue(text);
    if (fault) throw new HallError(fault.code, { field: `/${fault.key.slice(0, 64)}` });
    if (!check.Check(value)) throw new HallError('SNAPSHOT_INVALID', { ...problemOf(check.Errors(value)) });
    if (!platform.sources.has(value.source)) throw new HallError('EVENT_SOURCE_REFUSED', { field: '/source' });
    const time = parseTime(value.time);
    if (time === undefined) throw new HallError('SNAPSHOT_INVALID', { field: '/time', expected: 'a time that exists, RFC 3339' });
    if (time > clock.hall.nowMs() + MAX_AHEAD_MS) throw new HallError('EVENT_TIME_REFUSED', { field: '/time' });
    const wrong = faultOf(value, references());
    if (wrong) throw wrong;
    await writer.snapshot(JSON.stringify(value), clock.wall.nowMs());
  },
});
