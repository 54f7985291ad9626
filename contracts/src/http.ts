/** Request and response schemas of the HTTP API, shared by routes, console and OpenAPI. Prefix `/api/v1`. */
import { Type, type Static } from 'typebox';
import { contentKinds, Inventory } from './content.ts';
import { AgentCondition, AgentStatus } from './agent-life.ts';
import { EventOutcome } from './events.ts';
import { Id, UnixMs } from './ids.ts';
import { oneOf } from './words.ts';
import { roles } from './roles.ts';
import { ConfirmationLevel, FieldKey, WindowState } from './screen.ts';
import { DocumentVersion, DriverInfo, Reported } from './topics.ts';

const closed = { additionalProperties: false } as const;
const Nullable = <T extends import('typebox').TSchema>(schema: T) => Type.Union([schema, Type.Null()]);
export const RoleSchema = oneOf(roles);

/** Every error reply. */
export const ErrorReply = Type.Object(
  {
    code: Type.String(),
    message: Type.String(),
    field: Type.Optional(Type.String({ description: 'JSON pointer or header name.' })),
    expected: Type.Optional(Type.String()),
    requestId: Type.String(),
    retryAfterS: Type.Optional(Type.Integer()),
  },
  closed,
);
export type ErrorReply = Static<typeof ErrorReply>;

export const IntakeReply = Type.Object(
  { accepted: Type.Integer(), duplicate: Type.Integer(), quarantined: Type.Integer(), outcomes: Type.Array(EventOutcome) },
  closed,
);
export type IntakeReply = Static<typeof IntakeReply>;

export const PersonName = Type.String({
  pattern: '^[a-z][a-z0-9._-]{1,31}$',
  description: 'Sign-in name: 2 to 32 of a-z 0-9 . _ -, starting with a letter.',
});
/** 10 to 128 characters; common passwords are refused by the server. */
export const Password = Type.String({ minLength: 10, maxLength: 128 });
export const BootstrapRequest = Type.Object(
  {
    code: Type.String({ minLength: 4, maxLength: 40 }),
    name: PersonName,
    display: Type.String({ minLength: 1, maxLength: 40 }),
    password: Password,
  },
  closed,
);
export const BootstrapState = Type.Object(
  { open: Type.Boolean({ description: 'True until the first administrator exists.' }) },
  closed,
);
export const SignInRequest = Type.Object(
  { name: Type.String({ minLength: 1, maxLength: 64 }), password: Type.String({ minLength: 1, maxLength: 128 }) },
  closed,
);
export const Me = Type.Object(
  {
    name: Type.String(),
    display: Type.String(),
    roles: Type.Array(RoleSchema),
    hall: Id,
    csrf: Type.String({ description: 'Send back as x-csrf-token on every change.' }),
    mustChangePassword: Type.Boolean(),
  },
  closed,
);
export type Me = Static<typeof Me>;
export const SessionView = Type.Object(
  {
    id: Type.String(),
    createdAt: UnixMs,
    lastSeenAt: UnixMs,
    address: Type.String(),
    agent: Type.String(),
    current: Type.Boolean(),
  },
  closed,
);
export const ChangePasswordRequest = Type.Object(
  { current: Type.String({ minLength: 1, maxLength: 128 }), password: Password },
  closed,
);

export const PersonView = Type.Object(
  {
    name: Type.String(),
    display: Type.String(),
    roles: Type.Array(RoleSchema),
    disabled: Type.Boolean(),
    lockedUntil: Nullable(UnixMs),
    createdAt: UnixMs,
    lastSignInAt: Nullable(UnixMs),
  },
  closed,
);
export type PersonView = Static<typeof PersonView>;
export const PersonCreate = Type.Object(
  {
    name: PersonName,
    display: Type.String({ minLength: 1, maxLength: 40 }),
    roles: Type.Array(RoleSchema, { minItems: 1, maxItems: 8 }),
  },
  closed,
);
export const PersonPatch = Type.Object(
  {
    display: Type.Optional(Type.String({ minLength: 1, maxLength: 40 })),
    roles: Type.Optional(Type.Array(RoleSchema, { minItems: 1, maxItems: 8 })),
    disabled: Type.Optional(Type.Boolean()),
  },
  closed,
);
/** The one time a generated password is shown. */
export const PersonSecret = Type.Object({ person: PersonView, password: Type.String() }, closed);

/** One window as the manager sees it: what is true, what its strip was told, how sure we are, how old each is. */
export const WindowView = Type.Object(
  {
    id: Id,
    number: Type.String(),
    area: Type.Optional(Type.String()),
    department: Type.Object({ id: Id, zh: Type.String(), en: Type.Optional(Type.String()) }, closed),
    services: Type.Array(Type.Object({ id: Id, zh: Type.String(), en: Type.Optional(Type.String()) }, closed)),
    state: WindowState,
    ticket: Nullable(Type.String()),
    callNumber: Nullable(Type.Integer()),
    calledAt: Nullable(UnixMs),
    reason: Nullable(Type.String()),
    expectedReturnAt: Nullable(UnixMs),
    staff: Nullable(Type.String({ description: 'Display text by the name policy.' })),
    /** Hall time of the newest fact about this window. */
    changedAt: Nullable(UnixMs),
    liveSeq: Type.Integer(),
    waiting: Type.Integer({ description: 'Tickets waiting for any service of this window.' }),
    strips: Type.Array(
      Type.Object(
        {
          device: Id,
          /** Size of the screen; a console that draws the strip needs it. */
          widthPx: Type.Optional(Type.Integer()),
          heightPx: Type.Optional(Type.Integer()),
          link: Type.String(),
          level: ConfirmationLevel,
          freshness: Nullable(Type.String()),
          text: Type.Array(Type.String()),
          /** The strip was told this window's newest live seq. */
          current: Type.Boolean(),
          confirmedAt: Nullable(UnixMs),
          /** From the server's receipt of the event to the confirmation, ms. */
          latencyMs: Nullable(Type.Number()),
        },
        closed,
      ),
    ),
  },
  closed,
);
export type WindowView = Static<typeof WindowView>;

/** `lastEventAt` is hall time: when the newest event happened at its source. `lagMs`: from there to its commit. */
export const FeedView = Type.Object(
  {
    fresh: Type.Boolean(),
    lastEventAt: Nullable(UnixMs),
    lagMs: Nullable(Type.Number()),
    accepted: Type.Integer(),
    duplicate: Type.Integer(),
    quarantined: Type.Integer(),
    flagged: Type.Integer(),
    gaps: Type.Integer(),
  },
  closed,
);
export const HallPhase = Type.Union([Type.Literal('open'), Type.Literal('lunch'), Type.Literal('tail'), Type.Literal('closed')]);
export const Overview = Type.Object(
  {
    hall: Type.Object(
      {
        id: Id,
        zh: Type.String(),
        en: Type.Optional(Type.String()),
        hallMs: UnixMs,
        speed: Type.Number(),
        zone: Type.String(),
        phase: HallPhase,
        nextChangeAt: Nullable(UnixMs),
        simulation: Type.Boolean(),
        /** Where people reach the console, for labels; without: the address in front of whoever prints. */
        consoleUrl: Type.Optional(Type.String()),
      },
      closed,
    ),
    feed: FeedView,
    windows: Type.Array(WindowView),
    queues: Type.Array(
      Type.Object(
        {
          service: Id,
          zh: Type.String(),
          en: Type.Optional(Type.String()),
          waiting: Type.Integer(),
          next: Type.Array(Type.String()),
        },
        closed,
      ),
    ),
    agents: Type.Integer(),
    agentsOnline: Type.Integer(),
    screens: Type.Integer(),
    screensConfirmed: Type.Integer(),
  },
  closed,
);
export type Overview = Static<typeof Overview>;

export const AgentView = Type.Object(
  {
    id: Id,
    presence: Type.String({ description: 'never | online | stopped | lost | fenced' }),
    since: Nullable(UnixMs),
    version: Nullable(Type.String()),
    drivers: Type.Array(DriverInfo),
    devices: Type.Integer(),
    outboxAck: Type.Integer(),
    addedAt: UnixMs,
    /** The newest it said about itself, and when that came. */
    status: Nullable(AgentStatus),
    statusAt: Nullable(UnixMs),
    /** What gives reason to care; oldest first. */
    conditions: Type.Array(AgentCondition),
  },
  closed,
);
export type AgentView = Static<typeof AgentView>;
/** The one time an agent credential is shown. */
export const AgentSecret = Type.Object({ agent: Id, password: Type.String() }, closed);

export const DeviceView = Type.Object(
  {
    id: Id,
    name: Type.String(),
    agent: Id,
    agentPresence: Type.String(),
    driver: Id,
    desired: DocumentVersion,
    applied: Nullable(DocumentVersion),
    /** Names of what differs between desired and reported; empty is good. */
    difference: Type.Array(Type.String()),
    differenceSince: Nullable(UnixMs),
    settings: Type.Record(Type.String(), Type.Unknown()),
    /** The window its screen stands over. */
    window: Type.Optional(Id),
    inventory: Type.Optional(Inventory),
    reported: Nullable(Reported),
    reportedAt: Nullable(UnixMs),
  },
  closed,
);
export type DeviceView = Static<typeof DeviceView>;

/** A row of the event log: facts newest first. */
export const EventRow = Type.Object(
  {
    seq: Type.Integer(),
    id: Type.String(),
    source: Type.String(),
    type: Type.String(),
    subject: Type.String(),
    time: UnixMs,
    receivedAt: UnixMs,
    flag: Nullable(Type.String()),
    data: Type.Record(Type.String(), Type.Unknown()),
  },
  closed,
);
export type EventRow = Static<typeof EventRow>;
export const EventQuery = Type.Object(
  {
    type: Type.Optional(Type.String({ maxLength: 64 })),
    subject: Type.Optional(Type.String({ maxLength: 64 })),
    window: Type.Optional(Id),
    flagged: Type.Optional(Type.Boolean()),
    before: Type.Optional(Type.Integer({ minimum: 1 })),
    limit: Type.Optional(Type.Integer({ minimum: 1, maximum: 200, default: 50 })),
  },
  closed,
);
export const QuarantineRow = Type.Object(
  {
    seq: Type.Integer(),
    id: Nullable(Type.String()),
    source: Nullable(Type.String()),
    type: Nullable(Type.String()),
    receivedAt: UnixMs,
    code: Type.String(),
    field: Nullable(Type.String()),
    reason: Nullable(Type.String()),
    digest: Type.String(),
  },
  closed,
);

/** The way of one call, from the event to the acknowledgement; times are wall time, Unix ms with fractions. */
export const Trace = Type.Object(
  {
    event: Type.String(),
    type: Type.String(),
    sourceTime: UnixMs,
    receivedAt: Type.Number(),
    committedAt: Type.Number(),
    publishedAt: Nullable(Type.Number()),
    field: Nullable(FieldKey),
    liveSeq: Nullable(Type.Integer()),
    screens: Type.Array(
      Type.Object(
        {
          device: Id,
          level: ConfirmationLevel,
          decidedAt: Nullable(Type.Number()),
          sentAt: Nullable(Type.Number()),
          confirmedAt: Nullable(Type.Number()),
        },
        closed,
      ),
    ),
  },
  closed,
);
export type Trace = Static<typeof Trace>;

export const AuditRow = Type.Object(
  {
    seq: Type.Integer(),
    at: UnixMs,
    person: Type.String(),
    action: Type.String(),
    object: Type.String(),
    outcome: Type.String(),
    details: Type.Record(Type.String(), Type.Unknown()),
    hash: Type.String(),
  },
  closed,
);
export type AuditRow = Static<typeof AuditRow>;

export const ContentKindSchema = oneOf(contentKinds);
/** Result of an import; with `dryRun` nothing is changed. Any row error means nothing is changed. */
export const ImportReply = Type.Object(
  {
    dryRun: Type.Boolean(),
    applied: Type.Boolean(),
    added: Type.Integer(),
    changed: Type.Integer(),
    removed: Type.Integer(),
    same: Type.Integer(),
    errors: Type.Array(
      Type.Object(
        {
          row: Type.Integer({ description: 'Line of the file, the header is 1.' }),
          field: Type.String(),
          value: Type.String(),
          expected: Type.String(),
        },
        closed,
      ),
    ),
  },
  closed,
);
export type ImportReply = Static<typeof ImportReply>;
