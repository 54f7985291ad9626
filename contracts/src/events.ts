/**
 * What a city platform tells the hall: CloudEvents 1.0 with the canonical vocabulary of queue and case events.
 * Names follow `docs/glossary.md`. Ticket, window and case events carry the CloudEvents extension `sequence`:
 * consecutive numbers per subject, starting at 1, given by the source; they decide order, not arrival.
 */
import { Type, type Static, type TSchema } from 'typebox';
import { Id, TicketNumber } from './ids.ts';
import { oneOf } from './words.ts';

const closed = { additionalProperties: false } as const;
const text = (maxLength: number, description: string) => Type.String({ minLength: 1, maxLength, description });
/** RFC 3339 date and time with zone, as CloudEvents demands. */
export const RFC3339_PATTERN = '^\\d{4}-\\d{2}-\\d{2}[Tt]\\d{2}:\\d{2}:\\d{2}(?:\\.\\d{1,9})?(?:[Zz]|[+-]\\d{2}:\\d{2})$';
const When = (description: string) => Type.String({ pattern: RFC3339_PATTERN, maxLength: 40, description });

/** Why a window pauses. Unknown reasons are refused: a free sentence never reaches a screen. */
export const pauseReasons = [
  'away',
  'meeting',
  'site_visit',
  'office',
  'lunch_duty',
  'system_fault',
  'device_fault',
  'handover',
  'other',
] as const;
export type PauseReason = (typeof pauseReasons)[number];
export const PauseReasonSchema = oneOf(pauseReasons);

export const channels = ['site', 'kiosk', 'wechat', 'web', 'appointment'] as const;
export const priorities = ['normal', 'green', 'elder', 'appointment'] as const;
const ticketOutcomes = ['done', 'partly', 'refused', 'redirected'] as const;
const literals = oneOf;

const ticket = { ticket: TicketNumber };
const atWindow = { ticket: TicketNumber, window: Id };

/** Payload schemas of queue events; `features.md` §3.2. Fields not named here are dropped at intake. */
export const queueEvents = {
  'ticket.issued': Type.Object({
    ...ticket,
    service: Id,
    channel: Type.Optional(literals(channels)),
    priority: Type.Optional(literals(priorities)),
    name: Type.Optional(text(64, 'Visitor name; masked at intake, never stored in full.')),
    appointmentAt: Type.Optional(When('Start of the booked slot.')),
  }),
  'ticket.called': Type.Object({ ...atWindow, callNumber: Type.Optional(Type.Integer({ minimum: 1, maximum: 99 })) }),
  'ticket.recalled': Type.Object({ ...atWindow, callNumber: Type.Optional(Type.Integer({ minimum: 1, maximum: 99 })) }),
  'ticket.arrived': Type.Object(atWindow),
  'ticket.transferred': Type.Object({
    ...ticket,
    toService: Type.Optional(Id),
    toWindow: Type.Optional(Id),
    reason: Type.Optional(text(32, 'Closed word of the platform.')),
  }),
  'ticket.requeued': Type.Object({ ...ticket, placesBack: Type.Optional(Type.Integer({ minimum: 0, maximum: 999 })) }),
  'ticket.parked': Type.Object({ ...ticket, window: Type.Optional(Id) }),
  'ticket.resumed': Type.Object(ticket),
  'ticket.no_show': Type.Object({ ...ticket, window: Type.Optional(Id) }),
  'ticket.abandoned': Type.Object(ticket),
  'ticket.removed': Type.Object({ ...ticket, by: Type.Optional(literals(['staff', 'visitor', 'reset'] as const)) }),
  'ticket.ended': Type.Object({
    ...ticket,
    window: Type.Optional(Id),
    outcome: Type.Optional(literals(ticketOutcomes)),
    ratingAsked: Type.Optional(Type.Boolean()),
  }),
  'window.opened': Type.Object({ window: Id }),
  'window.closed': Type.Object({ window: Id }),
  'window.paused': Type.Object({
    window: Id,
    reason: PauseReasonSchema,
    expectedReturnAt: Type.Optional(When('When the window expects to go on.')),
  }),
  'window.resumed': Type.Object({ window: Id }),
  'window.staff_on': Type.Object({ window: Id, staff: Id, department: Type.Optional(Id) }),
  'window.staff_off': Type.Object({ window: Id, staff: Type.Optional(Id) }),
  'window.services_set': Type.Object({ window: Id, services: Type.Array(Id, { maxItems: 64 }) }),
  'window.fault': Type.Object({ window: Id }),
  'window.fault_cleared': Type.Object({ window: Id }),
  'hall.queue_reset': Type.Object({
    businessDay: Type.String({ pattern: '^\\d{4}-\\d{2}-\\d{2}$', description: 'The day that begins empty, in the hall zone.' }),
  }),
  'rating.given': Type.Object({
    window: Id,
    ticket: Type.Optional(TicketNumber),
    grade: Type.Integer({ minimum: 1, maximum: 5, description: '5 very satisfied … 1 very dissatisfied.' }),
    aspects: Type.Optional(Type.Array(Id, { maxItems: 12 })),
    channel: Type.Optional(Id),
  }),
  'feed.heartbeat': Type.Object({}),
} as const satisfies Record<string, TSchema>;

const caseRef = {
  case: Type.String({ pattern: '^[A-Za-z0-9._-]{1,64}$', description: '办件编码; opaque.' }),
  item: Type.Optional(Id),
  department: Type.Optional(Id),
  window: Type.Optional(Id),
};
const CaseData = Type.Object(caseRef);

/** Payload schemas of case events (办件); the life is `features.md` §4.2. */
export const caseEvents = {
  'case.received': Type.Object({
    ...caseRef,
    kind: Type.Optional(literals(['instant', 'promised'] as const)),
    promisedDays: Type.Optional(Type.Integer({ minimum: 0, maximum: 3650, description: 'Working days.' })),
    applicant: Type.Optional(text(64, 'Applicant name; masked at intake.')),
  }),
  'case.accepted': CaseData,
  'case.not_accepted': CaseData,
  'case.correction_started': CaseData,
  'case.correction_ended': CaseData,
  'case.processing_started': CaseData,
  'case.suspended': CaseData,
  'case.resumed': CaseData,
  'case.decided': Type.Object({ ...caseRef, decision: literals(['granted', 'refused'] as const) }),
  'case.certificate_issued': CaseData,
  'case.delivered': CaseData,
  'case.returned': CaseData,
  'case.withdrawn': CaseData,
  'case.voided': CaseData,
  'case.forwarded': CaseData,
  /** A status word this product does not know: kept as it came, shown as 其他. */
  'case.status_other': Type.Object({ ...caseRef, status: text(64, "The platform's own status code.") }),
} as const satisfies Record<string, TSchema>;

export const eventSchemas = { ...queueEvents, ...caseEvents } as const;
export type EventType = keyof typeof eventSchemas;
export type QueueEventType = keyof typeof queueEvents;
export type CaseEventType = keyof typeof caseEvents;
export type EventData<T extends EventType> = Static<(typeof eventSchemas)[T]>;
export const eventTypes = Object.keys(eventSchemas) as EventType[];
export const isEventType = (type: string): type is EventType => Object.hasOwn(eventSchemas, type);

/** Event types that must carry `sequence` and a `subject`: everything that moves a ticket, window or case. */
export const isSequenced = (type: EventType): boolean =>
  type.startsWith('ticket.') || type.startsWith('window.') || type.startsWith('case.');

/** The CloudEvents 1.0 attributes we read; further extension attributes are allowed and dropped. */
export const CloudEventAttributes = Type.Object({
  specversion: Type.Literal('1.0'),
  id: Type.String({ minLength: 1, maxLength: 128, description: 'Unique within the source; with it the idempotency key.' }),
  source: Type.String({ minLength: 1, maxLength: 256, description: 'URI reference of the sender; on the allow-list.' }),
  type: Type.String({ minLength: 1, maxLength: 64 }),
  subject: Type.Optional(
    Type.String({
      pattern: '^[A-Za-z0-9._:/-]{1,64}$',
      description: 'Ticket, window or case the event is about; unique and never reused within the source.',
    }),
  ),
  time: When('When it happened at the source.'),
  sequence: Type.Optional(
    Type.String({
      pattern: '^[0-9]{1,15}$',
      description: 'Decimal number, consecutive per subject from 1 (CloudEvents extension "sequence").',
    }),
  ),
  datacontenttype: Type.Optional(Type.String({ maxLength: 128 })),
  dataschema: Type.Optional(Type.String({ maxLength: 256 })),
  traceparent: Type.Optional(Type.String({ maxLength: 64 })),
});
export type CloudEventAttributes = Static<typeof CloudEventAttributes>;

/** An event after intake: typed, minimal, masked. This is what is stored and folded. */
export type HallEvent<T extends EventType = EventType> = {
  [K in T]: {
    readonly id: string;
    readonly source: string;
    readonly type: K;
    /** Ticket, window or case; for unsequenced events the source's word or ''. */
    readonly subject: string;
    /** Source time, Unix ms. */
    readonly time: number;
    /** Per-subject order by the source, from 1; 0 for unsequenced events. */
    readonly sequence: number;
    readonly data: EventData<K>;
  };
}[T];

/** What became of one event of a request. `accepted` and `duplicate` are durable when the reply is sent. */
export const EventOutcome = Type.Object(
  {
    index: Type.Integer({ minimum: 0, description: 'Position in the request, from 0.' }),
    id: Type.Optional(Type.String()),
    outcome: literals(['accepted', 'duplicate', 'quarantined'] as const),
    /** Accepted but it does not fit the state it meets: kept, flagged, changes no screen. */
    flag: Type.Optional(literals(['does_not_fit', 'late', 'gap'] as const)),
    code: Type.Optional(Type.String({ description: 'Error code of a quarantined event.' })),
    field: Type.Optional(Type.String({ description: 'JSON pointer of the field at fault.' })),
    reason: Type.Optional(Type.String({ description: 'What was expected.' })),
  },
  closed,
);
export type EventOutcome = Static<typeof EventOutcome>;

/** Full state of the source, for resynchronisation. Tickets not named are ended; windows not named are closed. */
export const PlatformSnapshot = Type.Object({
  source: Type.String({ minLength: 1, maxLength: 256 }),
  time: When('The moment of the source that the snapshot shows.'),
  tickets: Type.Array(
    Type.Object({
      subject: Type.String({ pattern: '^[A-Za-z0-9._:/-]{1,64}$' }),
      sequence: Type.Integer({ minimum: 1 }),
      ticket: TicketNumber,
      service: Id,
      state: literals(['waiting', 'called', 'serving', 'parked'] as const),
      window: Type.Optional(Id),
      issuedAt: When('Issue time.'),
      calledAt: Type.Optional(When('Time of the newest call.')),
      callNumber: Type.Optional(Type.Integer({ minimum: 1, maximum: 99 })),
      priority: Type.Optional(literals(priorities)),
    }),
    { maxItems: 20_000 },
  ),
  windows: Type.Array(
    Type.Object({
      subject: Type.String({ pattern: '^[A-Za-z0-9._:/-]{1,64}$' }),
      sequence: Type.Integer({ minimum: 0 }),
      window: Id,
      state: literals(['open', 'paused', 'closed', 'fault'] as const),
      reason: Type.Optional(PauseReasonSchema),
      expectedReturnAt: Type.Optional(When('When the window expects to go on.')),
      staff: Type.Optional(Id),
      services: Type.Optional(Type.Array(Id, { maxItems: 64 })),
    }),
    { maxItems: 500 },
  ),
});
export type PlatformSnapshot = Static<typeof PlatformSnapshot>;
