/** Alarms: something is wrong that a person must do something about. What each type means is in `alarmTypes` of `@hall/model`. */
import { Type, type Static } from 'typebox';
import { Id, UnixMs } from './ids.ts';
import { oneOf } from './words.ts';

const closed = { additionalProperties: false } as const;
const Nullable = <T extends import('typebox').TSchema>(schema: T) => Type.Union([schema, Type.Null()]);
const Count = Type.Integer({ minimum: 0 });

/** Every type that the product can raise. */
export const alarmTypeIds = [
  'store_full',
  'broker_lost',
  'feed_stale',
  'agent_lost',
  'agent_stopped',
  'switch_lost',
  'device_offline',
  'device_refusing',
  'device_other',
  'screen_safe',
  'screen_stale',
  'difference_lasting',
  'agent_fenced',
  'certificate_expires',
  'agent_key_changed',
  'quarantine_growing',
  'disk_low',
  'agent_disk_low',
  'outbox_filling',
  'agent_stalled',
  'time_untrusted',
  'clock_skew',
  'text_replaced',
  'outbox_gap',
] as const;
export type AlarmTypeId = (typeof alarmTypeIds)[number];

/** What an alarm is about. `platform` is the feed of all platforms together; `hall` is the hall server. */
export const alarmKinds = ['hall', 'platform', 'agent', 'switch', 'device'] as const;
export type AlarmKind = (typeof alarmKinds)[number];

/** The object of an alarm. The id of a switch is its name in the inventory, that of the feed is `feed`. */
export const AlarmObject = Type.Object({ kind: oneOf(alarmKinds), id: Type.String({ minLength: 1, maxLength: 80 }) }, closed);
export type AlarmObject = Static<typeof AlarmObject>;

/** What was seen, for the reader: numbers, codes, names; no personal data. */
export const AlarmEvidence = Type.Record(
  Type.String({ maxLength: 40 }),
  Type.Union([Type.String({ maxLength: 200 }), Type.Number(), Type.Boolean()]),
);
export type AlarmEvidence = Static<typeof AlarmEvidence>;

const Person = Type.String({ minLength: 1, maxLength: 40 });
export const AlarmId = Type.String({ pattern: '^[0-9]{1,12}$', description: 'Number of the alarm.' });

/** One alarm as people see it. Times are wall time of the server. */
export const AlarmView = Type.Object(
  {
    id: AlarmId,
    type: oneOf(alarmTypeIds),
    object: AlarmObject,
    /** Name of the object, as people know it. */
    name: Type.String(),
    priority: Type.Integer({ minimum: 1, maximum: 3, description: '1 urgent, 2 high, 3 low.' }),
    /** False once nobody needs to look any more: cleared and acknowledged, or cleared for a day. */
    open: Type.Boolean(),
    active: Type.Boolean({ description: 'The condition holds; otherwise it has cleared.' }),
    /** When the condition began. */
    sinceMs: UnixMs,
    raisedAt: UnixMs,
    clearedAt: Nullable(UnixMs),
    /** How often it was raised; more than once is flapping. */
    count: Type.Integer({ minimum: 1 }),
    acknowledged: Nullable(Type.Object({ by: Person, at: UnixMs }, closed)),
    assignee: Nullable(Person),
    shelved: Nullable(Type.Object({ by: Person, at: UnixMs, until: UnixMs, reason: Type.String() }, closed)),
    /** The open alarm that explains this one; such alarms are shown inside it. */
    root: Nullable(AlarmId),
    /** Objects that are down with this one. */
    dependants: Count,
    /** Numbers of the windows whose screens are concerned. */
    windows: Type.Array(Type.String()),
    /** A maintenance window lies over the object. */
    maintenance: Type.Boolean(),
    evidence: AlarmEvidence,
    place: Type.Optional(Type.String()),
    /** Who is called about the device. */
    responsible: Type.Optional(Type.String()),
  },
  closed,
);
export type AlarmView = Static<typeof AlarmView>;

/** What can happen to an alarm. */
export const alarmHappenings = [
  'raised',
  'cleared',
  'lapsed',
  'acknowledged',
  'assigned',
  'commented',
  'shelved',
  'unshelved',
] as const;
export type AlarmHappening = (typeof alarmHappenings)[number];

export const AlarmEvent = Type.Object(
  {
    seq: Type.Integer(),
    alarm: AlarmId,
    type: oneOf(alarmTypeIds),
    object: AlarmObject,
    at: UnixMs,
    what: oneOf(alarmHappenings),
    /** Sign-in name; `system` for the server itself. */
    person: Type.String(),
    text: Type.String({ description: 'The comment, the reason, the assignee; empty where there is none.' }),
  },
  closed,
);
export type AlarmEvent = Static<typeof AlarmEvent>;

/** One alarm with what lies inside it and its life, newest first. */
export const AlarmDetail = Type.Object(
  {
    alarm: AlarmView,
    /** The alarms that this one explains. */
    folded: Type.Array(AlarmView),
    dependants: Type.Array(Type.Object({ kind: oneOf(alarmKinds), id: Type.String(), name: Type.String() }, closed)),
    events: Type.Array(AlarmEvent),
  },
  closed,
);
export type AlarmDetail = Static<typeof AlarmDetail>;

const Text = (maxLength: number) => Type.String({ minLength: 1, maxLength, pattern: '\\S' });
export const AlarmAssign = Type.Object({ assignee: Nullable(Person) }, closed);
export const AlarmComment = Type.Object({ text: Text(500) }, closed);
export const AlarmShelve = Type.Object(
  { minutes: Type.Integer({ minimum: 1, maximum: 43_200, description: 'At most what the type allows.' }), reason: Text(200) },
  closed,
);

/** A time in which nothing is raised about an object and what hangs on it. Times are hall time. */
export const MaintenanceWindow = Type.Object(
  {
    id: AlarmId,
    object: AlarmObject,
    from: UnixMs,
    until: UnixMs,
    reason: Text(200),
    person: Type.String(),
  },
  closed,
);
export type MaintenanceWindow = Static<typeof MaintenanceWindow>;
export const MaintenanceRequest = Type.Omit(MaintenanceWindow, ['id', 'person'], closed);
export type MaintenanceRequest = Static<typeof MaintenanceRequest>;

/** How good the alarms themselves are. Counted are raises; medians and shares are of alarms. */
export const AlarmReport = Type.Object(
  {
    from: UnixMs,
    until: UnixMs,
    alarms: Count,
    raises: Count,
    /** Raises by civil day in the zone of the hall, days without any included. */
    days: Type.Array(Type.Object({ day: Type.String(), raises: Count }, closed)),
    /** Raises by hour of the day, 0 to 23. */
    hours: Type.Array(Count, { minItems: 24, maxItems: 24 }),
    priorities: Type.Array(Type.Object({ priority: Type.Integer(), alarms: Count }, closed)),
    /** More than ten raises within ten minutes. */
    floods: Type.Array(Type.Object({ from: UnixMs, until: UnixMs, raises: Count }, closed)),
    /** Active for more than a day. */
    standing: Type.Array(Type.Object({ type: oneOf(alarmTypeIds), object: AlarmObject, raisedAt: UnixMs }, closed)),
    topTen: Type.Array(Type.Object({ type: oneOf(alarmTypeIds), object: AlarmObject, raises: Count }, closed)),
    /** Share of alarms that nobody acknowledged, 0 to 1; null without any alarm. */
    neverAcknowledged: Nullable(Type.Number()),
    medianAcknowledgeMs: Nullable(Type.Number()),
    medianClearMs: Nullable(Type.Number()),
  },
  closed,
);
export type AlarmReport = Static<typeof AlarmReport>;

/** What hangs on what, for the room of the topology. */
export const TopologyView = Type.Object(
  {
    hall: Id,
    platforms: Type.Array(Id),
    agents: Type.Array(
      Type.Object(
        {
          id: Id,
          switches: Type.Array(Type.Object({ id: Type.String(), devices: Type.Array(Id) }, closed)),
          /** Devices of which no switch is known. */
          devices: Type.Array(Id),
        },
        closed,
      ),
    ),
  },
  closed,
);
export type TopologyView = Static<typeof TopologyView>;
