/** The rules by which an event from outside becomes a `HallEvent`: pure; knows no HTTP, no clock and no store. */
import {
  CloudEventAttributes,
  eventSchemas,
  eventTypes,
  isEventType,
  isSequenced,
  type ErrorCode,
  type EventType,
  type HallContent,
  type HallEvent,
} from '@hall/contracts';
import { maskName, parseTime, textFault } from '@hall/model';
import type { Type } from 'typebox';
import { Compile } from 'typebox/compile';
import { problemOf } from '../../platform/problem.ts';

/** How far ahead of hall time an event may be dated, ms. */
export const MAX_AHEAD_MS = 10 * 60_000;

/** What an event may refer to. */
export interface References {
  readonly windows: ReadonlySet<string>;
  readonly services: ReadonlySet<string>;
  readonly departments: ReadonlySet<string>;
}

/** The ids of a hall's content. */
export const referencesOf = ({ windows, services, departments }: HallContent): References => ({
  windows: new Set(windows.map(({ id }) => id)),
  services: new Set(services.map(({ id }) => id)),
  departments: new Set(departments.map(({ id }) => id)),
});

export interface CheckContext {
  /** Sources this sender may speak for. */
  readonly sources: ReadonlySet<string>;
  readonly references: References;
  /** Hall time, Unix ms. */
  readonly hallMs: number;
}

/** Why an event was not accepted. */
export interface Refusal {
  readonly code: ErrorCode;
  /** JSON pointer. */
  readonly field: string;
  readonly reason: string;
}

export type Checked =
  | { readonly event: HallEvent; readonly personal: Readonly<Record<string, string>> | undefined }
  | { readonly refusal: Refusal };

const attributes = Compile(CloudEventAttributes);
const data = Object.fromEntries(eventTypes.map((type) => [type, Compile(eventSchemas[type])])) as unknown as Record<
  EventType,
  ReturnType<typeof Compile<ReturnType<typeof Type.Object>>>
>;
/** Fields kept per type; everything else is dropped. */
const fields = Object.fromEntries(
  eventTypes.map((type) => [type, Object.keys((eventSchemas[type] as { properties: object }).properties)]),
) as unknown as Record<EventType, readonly string[]>;

/** Fields that hold a person's name; stored only masked and only under the key of the day. */
const PERSONAL = new Set(['name', 'applicant']);
const REFERENCES: Readonly<Record<string, keyof References>> = {
  window: 'windows',
  toWindow: 'windows',
  service: 'services',
  toService: 'services',
  department: 'departments',
};

const CLEAN_TEXT = 'text without control, direction or invisible characters';

const refuse = (code: ErrorCode, field: string, reason: string): { refusal: Refusal } => ({ refusal: { code, field, reason } });

/** Keeps the fields of the schema; texts are judged, names masked, references looked up. */
function minimise(type: EventType, given: Readonly<Record<string, unknown>>, references: References): Refusal | Minimal {
  const kept: Record<string, unknown> = {};
  let personal: Record<string, string> | undefined;
  for (const field of fields[type]) {
    const value = given[field];
    if (value === undefined) continue;
    if (typeof value === 'string' && textFault(value)) {
      return { code: 'EVENT_TEXT_REFUSED', field: `/data/${field}`, reason: CLEAN_TEXT };
    }
    if (PERSONAL.has(field)) {
      personal = { ...personal, [field]: maskName(value as string) };
      continue;
    }
    const list = field === 'services' ? 'services' : REFERENCES[field];
    if (list) {
      for (const [at, id] of (Array.isArray(value) ? (value as string[]) : [value as string]).entries()) {
        if (references[list].has(id)) continue;
        const pointer = Array.isArray(value) ? `/data/${field}/${at}` : `/data/${field}`;
        return { code: 'EVENT_REFERENCE_UNKNOWN', field: pointer, reason: `an id among the ${list} of this hall` };
      }
    }
    if (field.endsWith('At') && parseTime(value as string) === undefined) {
      return { code: 'EVENT_INVALID', field: `/data/${field}`, reason: 'a time that exists, RFC 3339' };
    }
    kept[field] = value;
  }
  return { kept, personal };
}
interface Minimal {
  readonly kept: Readonly<Record<string, unknown>>;
  readonly personal: Readonly<Record<string, string>> | undefined;
}

/**
 * Judges one CloudEvent in its JSON form.
 * Codes: EVENT_INVALID, EVENT_TYPE_UNKNOWN, EVENT_SOURCE_REFUSED, EVENT_REFERENCE_UNKNOWN, EVENT_TEXT_REFUSED, EVENT_TIME_REFUSED.
 */
export function checkEvent(given: unknown, { sources, references, hallMs }: CheckContext): Checked {
  if (!attributes.Check(given)) {
    const { field, expected } = problemOf(attributes.Errors(given));
    return refuse('EVENT_INVALID', field, expected);
  }
  const { id, source, type, subject = '', sequence, datacontenttype } = given;
  if (textFault(id)) return refuse('EVENT_TEXT_REFUSED', '/id', CLEAN_TEXT);
  if (!sources.has(source)) return refuse('EVENT_SOURCE_REFUSED', '/source', 'a source registered for this sender');
  if (!isEventType(type)) return refuse('EVENT_TYPE_UNKNOWN', '/type', 'an event type of the vocabulary');
  if (datacontenttype !== undefined && !/^application\/json\s*(;|$)/i.test(datacontenttype)) {
    return refuse('EVENT_INVALID', '/datacontenttype', 'application/json');
  }
  const time = parseTime(given.time);
  if (time === undefined) return refuse('EVENT_INVALID', '/time', 'a time that exists, RFC 3339');
  if (time > hallMs + MAX_AHEAD_MS) return refuse('EVENT_TIME_REFUSED', '/time', 'a time at most 10 minutes ahead');
  const sequenced = isSequenced(type);
  if (sequenced && subject === '') return refuse('EVENT_INVALID', '/subject', 'a value; the field is required');
  if (sequenced && !(Number(sequence) >= 1)) return refuse('EVENT_INVALID', '/sequence', 'a number from 1');

  const content = (given as { data?: unknown }).data ?? {};
  const schema = data[type];
  if (!schema.Check(content)) {
    const { field, expected } = problemOf(schema.Errors(content));
    return refuse('EVENT_INVALID', `/data${field}`, expected);
  }
  const minimal = minimise(type, content, references);
  if ('code' in minimal) return { refusal: minimal };
  const event = { id, source, type, subject, time, sequence: sequenced ? Number(sequence) : 0, data: minimal.kept };
  return { event: event as unknown as HallEvent, personal: minimal.personal };
}
