/** Rules of the intake: from checked text to committed outcomes. Knows no HTTP and no MQTT. */
import { hash } from 'node:crypto';
import { HallError, type Clock, type ErrorCode, type EventOutcome, type IntakeReply } from '@hall/contracts';
import type { Keys } from '../../platform/keys.ts';
import { seal } from '../../platform/keys.ts';
import type { Batch, QuarantineEntry } from '../../platform/store/protocol.ts';
import type { Writer } from '../../platform/store/writer.ts';
import { checkEvent, type References, type Refusal } from './check-event.ts';
import type { Feed } from './feed.ts';
import type { Platform } from './platforms.ts';
import { MAX_DEPTH, type StrictValue } from './strict-json.ts';

/** Most events in one request. */
export const MAX_EVENTS = 1000;

/** Label under which raw bodies of quarantined events are sealed. */
export const QUARANTINE_LABEL = 'quarantine';

export type Webhook = NonNullable<Batch['webhook']>;

export interface IntakeService {
  /**
   * Records the events and resolves after the commit, with one outcome per event in order.
   * @throws HallError BATCH_EMPTY, BATCH_TOO_LONG, SIGNATURE_REPLAYED, STORE_FULL, STORE_FAILED.
   */
  submit(platform: Platform, values: readonly StrictValue[], webhook?: Webhook): Promise<IntakeReply>;
}

export interface IntakeOptions {
  readonly writer: Pick<Writer, 'record'>;
  readonly keys: Pick<Keys, 'master' | 'sealPersonal'>;
  readonly clock: Clock;
  readonly feed: Pick<Feed, 'count'>;
  /** What events may refer to now. */
  readonly references: () => References;
}

const faultRefusal = ({ code, key }: NonNullable<StrictValue['fault']>): Refusal =>
  code === 'BODY_DUPLICATE_KEY'
    ? { code, field: `/${key.slice(0, 64)}`, reason: 'each key once' }
    : { code, field: '', reason: `nesting of at most ${MAX_DEPTH} levels` };

const textOf = (value: unknown, most: number): string | null => (typeof value === 'string' ? value.slice(0, most) : null);

export function createIntake({ writer, keys, clock, feed, references }: IntakeOptions): IntakeService {
  const quarantineEntry = ({ value, text }: StrictValue, { code, field, reason }: Refusal): QuarantineEntry => {
    const { id, source, type } = (value ?? {}) as Record<string, unknown>;
    return {
      id: textOf(id, 128),
      source: textOf(source, 256),
      type: textOf(type, 64),
      code,
      field,
      reason,
      digest: hash('sha256', text, 'hex'),
      sealed: seal(keys.master, QUARANTINE_LABEL, Buffer.from(text)),
    };
  };

  return {
    submit: async (platform, values, webhook) => {
      if (values.length === 0) throw new HallError('BATCH_EMPTY');
      if (values.length > MAX_EVENTS) throw new HallError('BATCH_TOO_LONG', { limit: MAX_EVENTS, got: values.length });
      const receivedAt = clock.wall.nowMs();
      const context = { sources: platform.sources, references: references(), hallMs: clock.hall.nowMs() };
      const events: Array<string | number> = [];
      const accepted: Array<{ index: number; id: string }> = [];
      const quarantine: QuarantineEntry[] = [];
      const outcomes: EventOutcome[] = [];
      let newestMs = 0;
      for (let index = 0; index < values.length; index += 1) {
        const strict = values[index] as StrictValue;
        const checked = strict.fault ? { refusal: faultRefusal(strict.fault) } : checkEvent(strict.value, context);
        if ('refusal' in checked) {
          const entry = quarantineEntry(strict, checked.refusal);
          const { code, field, reason } = checked.refusal;
          quarantine.push(entry);
          outcomes[index] = { index, ...(entry.id !== null && { id: entry.id }), outcome: 'quarantined', code, field, reason };
          continue;
        }
        const { personal, event } = checked;
        const { id, source, type, subject, time, sequence, data } = event;
        const sealed = personal ? keys.sealPersonal(receivedAt, JSON.stringify(personal)).toString('base64') : '';
        events.push(id, source, type, subject, time, sequence, JSON.stringify(data), sealed);
        accepted.push({ index, id });
        newestMs = Math.max(newestMs, time);
      }
      const recorded = await writer.record({
        platform: platform.id,
        receivedAt,
        events,
        quarantine,
        ...(webhook && { webhook }),
      });
      feed.count(recorded, quarantine.length, newestMs);
      let duplicate = 0;
      for (const [at, { index, id }] of accepted.entries()) {
        const one = recorded[at] ?? '';
        if (one === 'duplicate') {
          duplicate += 1;
          outcomes[index] = { index, id, outcome: 'duplicate' };
        } else outcomes[index] = { index, id, outcome: 'accepted', ...(one !== '' && { flag: one }) };
      }
      return { accepted: accepted.length - duplicate, duplicate, quarantined: quarantine.length, outcomes };
    },
  };
}

/** Why the only event of a request was quarantined; undefined if it was not. */
export function refusalOf({ outcomes }: IntakeReply): Refusal | undefined {
  const [only] = outcomes;
  if (outcomes.length !== 1 || only?.outcome !== 'quarantined') return undefined;
  return { code: only.code as ErrorCode, field: only.field ?? '', reason: only.reason ?? '' };
}
