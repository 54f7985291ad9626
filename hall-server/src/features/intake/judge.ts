/**
 * Judges what platforms send: text in, events to record and the reply out. It runs in the writer worker, so that every event is
 * held against the content its transaction sees, and the main thread is left to those who wait for an answer.
 */
import { hash } from 'node:crypto';
import { HallError, type EventOutcome, type IntakeReply } from '@hall/contracts';
import { seal, type Keys } from '../../platform/keys.ts';
import type {
  Batch,
  BatchOutcome,
  Form,
  GoodEvent,
  QuarantineEntry,
  StructureFault,
  Submission,
  SubmissionReply,
} from '../../platform/store/protocol.ts';
import { checkEvent, type References, type Refusal } from './check-event.ts';
import { MAX_DEPTH, assembledValue, strictElements, strictValue, type StrictValue } from './strict-json.ts';

/** Most events in one request. */
export const MAX_EVENTS = 1000;

/** Label under which raw bodies of quarantined events are sealed. */
export const QUARANTINE_LABEL = 'quarantine';

/** Sets of sources kept by their text; there are as many as platforms. */
const REMEMBERED_SOURCES = 64;

export interface Judged {
  readonly batch: Batch;
  /** The reply, once the events that were judged good have been recorded with these outcomes. */
  reply(recorded: BatchOutcome): SubmissionReply;
}

export interface JudgeOptions {
  readonly keys: Pick<Keys, 'master' | 'sealPersonal'>;
  /** What events may refer to now. */
  readonly references: () => References;
}

/** @throws HallError BODY_NOT_JSON, EVENT_INVALID, BATCH_EMPTY, BATCH_TOO_LONG. */
export type Judge = (submission: Submission) => Judged;

/** Why text is refused whose structure is at fault. */
export const faultRefusal = ({ code, key }: StructureFault): Refusal =>
  code === 'BODY_DUPLICATE_KEY'
    ? { code, field: `/${key.slice(0, 64)}`, reason: 'each key once' }
    : { code, field: '', reason: `nesting of at most ${MAX_DEPTH} levels` };

const textOf = (value: unknown, most: number): string | null => (typeof value === 'string' ? value.slice(0, most) : null);

function valuesOf(form: Form, text: string, fault: Submission['fault']): readonly StrictValue[] {
  if (form === 'one') return [strictValue(text)];
  if (form === 'assembled') return [assembledValue(text, fault)];
  const elements = strictElements(text);
  if (elements) return elements;
  if (form === 'either') return [strictValue(text)];
  throw new HallError('EVENT_INVALID', { field: '', expected: 'an array of events' });
}

export function createJudge({ keys, references }: JudgeOptions): Judge {
  const known = new Map<string, ReadonlySet<string>>();
  const sourcesOf = (text: string): ReadonlySet<string> => {
    const held = known.get(text);
    if (held) return held;
    if (known.size >= REMEMBERED_SOURCES) known.clear();
    const sources = new Set(JSON.parse(text) as string[]);
    known.set(text, sources);
    return sources;
  };
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

  return ({ platform, sources, receivedAt, hallMs, form, text, fault, webhook }) => {
    const values = valuesOf(form, text, fault);
    if (values.length === 0) throw new HallError('BATCH_EMPTY');
    if (values.length > MAX_EVENTS) throw new HallError('BATCH_TOO_LONG', { limit: MAX_EVENTS, got: values.length });
    const context = { sources: sourcesOf(sources), references: references(), hallMs };
    const events: GoodEvent[] = [];
    const quarantine: QuarantineEntry[] = [];
    /** In order; of good events, where their outcome will be. */
    const outcomes: Array<EventOutcome | number> = [];
    let newestMs = 0;
    for (let index = 0; index < values.length; index += 1) {
      const strict = values[index] as StrictValue;
      const checked = strict.fault ? { refusal: faultRefusal(strict.fault) } : checkEvent(strict.value, context);
      if ('refusal' in checked) {
        const entry = quarantineEntry(strict, checked.refusal);
        const { code, field, reason } = checked.refusal;
        quarantine.push(entry);
        outcomes.push({ index, ...(entry.id !== null && { id: entry.id }), outcome: 'quarantined', code, field, reason });
        continue;
      }
      const { event, personal } = checked;
      outcomes.push(events.length);
      events.push(personal ? { ...event, personal: keys.sealPersonal(receivedAt, JSON.stringify(personal)) } : event);
      if (event.time > newestMs) newestMs = event.time;
    }
    return {
      batch: { platform, receivedAt, events, quarantine, ...(webhook && { webhook }) },
      reply: (recorded) => {
        let [duplicate, flagged, gaps] = [0, 0, 0];
        const told = outcomes.map((outcome, index): EventOutcome => {
          if (typeof outcome !== 'number') return outcome;
          const one = recorded[outcome] ?? '';
          const { id } = events[outcome] as GoodEvent;
          if (one === 'duplicate') {
            duplicate += 1;
            return { index, id, outcome: 'duplicate' };
          }
          if (one === '') return { index, id, outcome: 'accepted' };
          flagged += 1;
          if (one === 'gap') gaps += 1;
          return { index, id, outcome: 'accepted', flag: one };
        });
        const accepted = events.length - duplicate;
        const quarantined = quarantine.length;
        const reply: IntakeReply = { accepted, duplicate, quarantined, outcomes: told };
        return { json: JSON.stringify(reply), accepted, duplicate, quarantined, flagged, gaps, newestMs };
      },
    };
  };
}
