/** Full state of a source: handed over on the main thread, judged in the writer worker against the content of its own transaction. */
import { HallError, PlatformSnapshot, type Clock } from '@hall/contracts';
import { parseSnapshot, type HallSnapshot } from '@hall/model';
import { Compile } from 'typebox/compile';
import { Value } from 'typebox/value';
import { problemOf } from '../../platform/problem.ts';
import type { SnapshotSubmission, Webhook } from '../../platform/store/protocol.ts';
import type { Writer } from '../../platform/store/writer.ts';
import { MAX_AHEAD_MS, type References } from './check-event.ts';
import type { Feed } from './feed.ts';
import { faultRefusal } from './judge.ts';
import type { Platform } from './platforms.ts';
import { strictValue } from './strict-json.ts';

/** 20,000 tickets and 500 windows fit. */
export const MAX_SNAPSHOT_BYTES = 8 * 1024 * 1024;

/** A snapshot that was judged good. */
export interface JudgedSnapshot {
  /** A `PlatformSnapshot` that holds nothing but the fields of the schema. */
  readonly json: string;
  readonly snapshot: HallSnapshot;
}

/**
 * @throws HallError BODY_NOT_JSON, BODY_DUPLICATE_KEY, BODY_TOO_DEEP, SNAPSHOT_INVALID, EVENT_SOURCE_REFUSED, EVENT_TIME_REFUSED,
 * EVENT_REFERENCE_UNKNOWN.
 */
export type JudgeSnapshot = (submission: SnapshotSubmission) => JudgedSnapshot;

const check = Compile(PlatformSnapshot);

/** The first reference the hall does not know, as an error with its JSON pointer. */
function unknownReference({ tickets, windows }: HallSnapshot, references: References): HallError | undefined {
  const unknown = (field: string, list: string) =>
    new HallError('EVENT_REFERENCE_UNKNOWN', { field, expected: `an id among the ${list} of this hall` });
  for (const [at, { service, window }] of tickets.entries()) {
    if (!references.services.has(service)) return unknown(`/tickets/${at}/service`, 'services');
    if (window !== undefined && !references.windows.has(window)) return unknown(`/tickets/${at}/window`, 'windows');
  }
  for (const [at, { window, services }] of windows.entries()) {
    if (!references.windows.has(window)) return unknown(`/windows/${at}/window`, 'windows');
    const wrong = services?.findIndex((service) => !references.services.has(service)) ?? -1;
    if (wrong !== -1) return unknown(`/windows/${at}/services/${wrong}`, 'services');
  }
  return undefined;
}

/** `references`: what a snapshot may refer to now. */
export const createSnapshotJudge =
  ({ references }: { readonly references: () => References }): JudgeSnapshot =>
  ({ sources, hallMs, text }) => {
    const { value, fault } = strictValue(text);
    if (fault) {
      const { code, field, reason } = faultRefusal(fault);
      throw new HallError(code, { field, expected: reason });
    }
    if (!check.Check(value)) throw new HallError('SNAPSHOT_INVALID', { ...problemOf(check.Errors(value)) });
    if (!(JSON.parse(sources) as string[]).includes(value.source)) {
      throw new HallError('EVENT_SOURCE_REFUSED', { field: '/source' });
    }
    const kept = Value.Clean(PlatformSnapshot, value) as PlatformSnapshot;
    const snapshot = parseSnapshot(kept);
    if (snapshot.time > hallMs + MAX_AHEAD_MS) throw new HallError('EVENT_TIME_REFUSED', { field: '/time' });
    const wrong = unknownReference(snapshot, references());
    if (wrong) throw wrong;
    return { json: JSON.stringify(kept), snapshot };
  };

export interface SnapshotService {
  /** Resolves after the commit. @throws HallError as `JudgeSnapshot`, SIGNATURE_REPLAYED, SNAPSHOT_OLD, STORE_FULL, STORE_FAILED. */
  apply(platform: Platform, text: string, webhook: Webhook): Promise<void>;
}

export interface SnapshotOptions {
  readonly writer: Pick<Writer, 'snapshot'>;
  readonly clock: Clock;
  readonly feed: Pick<Feed, 'heard'>;
}

export const createSnapshots = ({ writer, clock, feed }: SnapshotOptions): SnapshotService => ({
  apply: async ({ id, sourcesJson }, text, webhook) => {
    const [receivedAt, hallMs] = [clock.wall.nowMs(), clock.hall.nowMs()];
    const shownMs = await writer.snapshot({ platform: id, sources: sourcesJson, receivedAt, hallMs, text, webhook });
    if (shownMs !== undefined) feed.heard(shownMs);
  },
});
