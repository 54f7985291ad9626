/** What the signed routes take and answer, as schemas of the OpenAPI document. Requests are judged by `check-event.ts`. */
import { CloudEventAttributes, IntakeReply, PlatformSnapshot, eventSchemas, eventTypes, type ErrorCode } from '@hall/contracts';
import { Type, type TSchema } from 'typebox';
import { refusals } from '../../platform/replies.ts';
import { BODY_LIMITS } from './http-event.ts';
import { MAX_EVENTS } from './judge.ts';
import { TOLERANCE_MS } from './signature.ts';
import { MAX_SNAPSHOT_BYTES } from './snapshot.ts';

const MB = 1024 * 1024;
const text = (description: string) => Type.String({ description });
const maybe = (description: string) => Type.Optional(text(description));

/** Standard Webhooks 1.0; `webhook-signature` itself is the security scheme of the document. */
const signatureHeaders = {
  'webhook-id': text('Id of this request, 1 to 128 printable characters; the same id with another body is refused.'),
  'webhook-timestamp': text(`Unix time of the signature, s; within ${TOLERANCE_MS / 60_000} minutes of the time of the server.`),
};
/** CloudEvents HTTP binding 1.0.2 §3.1.3. */
const eventHeaders = {
  'ce-specversion': maybe('Binary mode, required there: `1.0`.'),
  'ce-id': maybe('Binary mode, required there.'),
  'ce-source': maybe('Binary mode, required there.'),
  'ce-type': maybe('Binary mode, required there.'),
  'ce-time': maybe('Binary mode, required there: RFC 3339.'),
  'ce-subject': maybe('Binary mode; required for events of a ticket, a window or a case.'),
  'ce-sequence': maybe('Binary mode; required for events of a ticket, a window or a case.'),
};

const { properties, ...attributes } = CloudEventAttributes;
/** A schema with a title is one of the components of the document. */
const events = eventTypes.map((type) =>
  Type.Unsafe({
    ...attributes,
    title: type,
    required: [...attributes.required, 'data'],
    properties: { ...properties, type: { const: type }, data: eventSchemas[type] },
  } as TSchema),
);
const PlatformEvent = Type.Unsafe({
  title: 'PlatformEvent',
  description: 'A CloudEvents 1.0 event. Attributes and fields of data that are not named are dropped.',
  oneOf: events,
} as TSchema);

const SIGNED: readonly ErrorCode[] = [
  'SIGNATURE_MISSING',
  'SIGNATURE_INVALID',
  'SIGNATURE_EXPIRED',
  'HALL_UNKNOWN',
  'MEDIA_TYPE_UNSUPPORTED',
  'BODY_NOT_UTF8',
  'BODY_NOT_JSON',
  'BODY_DUPLICATE_KEY',
  'BODY_TOO_DEEP',
  'BODY_TOO_LARGE',
  'INPUT_INVALID',
  'EVENT_SOURCE_REFUSED',
  'EVENT_REFERENCE_UNKNOWN',
  'EVENT_TIME_REFUSED',
  'OVERLOADED',
  'STORE_FULL',
  'STORE_FAILED',
  'INTERNAL',
];

const tags = ['intake'];
const params = Type.Object({ hall: Type.String({ description: 'Id of the hall.' }) });
const content = (schemas: Record<string, TSchema>) => ({
  content: Object.fromEntries(Object.entries(schemas).map(([type, schema]) => [type, { schema }])),
});

/** `POST …/platform/events`. */
export const eventsSchema = {
  tags,
  summary: 'Take CloudEvents in structured, binary or batch mode; answers after the commit',
  description: [
    `The mode is that of the content type. Structured and binary: one event, body up to ${BODY_LIMITS.structured / MB} MB.`,
    `Batch: 1 to ${MAX_EVENTS} events, up to ${BODY_LIMITS.batch / MB} MB; each has an outcome of its own in the reply.`,
    'Source and id together are taken once: a repeat is answered `duplicate`. 202 means on disk.',
    'After 503 the same request may be sent again, signed anew, when `Retry-After` is over.',
  ].join(' '),
  params,
  headers: Type.Object({ ...signatureHeaders, ...eventHeaders }),
  body: content({
    'application/cloudevents+json': PlatformEvent,
    'application/cloudevents-batch+json': Type.Array(PlatformEvent, { minItems: 1, maxItems: MAX_EVENTS }),
    'application/json': Type.Object(
      {},
      {
        description: 'Binary mode: the data alone, as in the event of the type that `ce-type` names.',
        additionalProperties: true,
      },
    ),
  }),
  response: {
    202: { ...IntakeReply, description: 'Committed. One outcome for each event, in the order of the request.' },
    ...refusals([
      ...SIGNED,
      'SIGNATURE_REPLAYED',
      'BATCH_EMPTY',
      'BATCH_TOO_LONG',
      'EVENT_INVALID',
      'EVENT_TYPE_UNKNOWN',
      'EVENT_TEXT_REFUSED',
    ]),
  },
};

/** `POST …/platform/snapshot`. */
export const snapshotSchema = {
  tags,
  summary: 'Replace what is known of one source by its full state',
  description: `Tickets that are not named are ended, windows that are not named are closed. Up to ${MAX_SNAPSHOT_BYTES / MB} MB.`,
  params,
  headers: Type.Object(signatureHeaders),
  body: content({ 'application/json': { ...PlatformSnapshot, title: 'PlatformSnapshot' } as TSchema }),
  response: {
    202: { ...Type.Object({ accepted: Type.Literal(true) }), description: 'Committed.' },
    ...refusals([...SIGNED, 'SIGNATURE_REPLAYED', 'SNAPSHOT_INVALID', 'SNAPSHOT_OLD']),
  },
};
