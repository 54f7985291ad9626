/**
 * Notices: who is told of an alarm, over which channel, and when the next person is told because nobody acknowledged it.
 * `AlarmNews` is the port by which whoever keeps the alarms says what happened to one.
 */
import { Type, type Static } from 'typebox';
import { Id, UnixMs } from './ids.ts';
import { oneOf } from './words.ts';

const closed = { additionalProperties: false } as const;
const Nullable = <T extends import('typebox').TSchema>(schema: T) => Type.Union([schema, Type.Null()]);
/** One line of visible text. */
const Line = (max: number) => Type.String({ minLength: 1, maxLength: max, pattern: '^[^\\u0000-\\u001f\\u007f-\\u009f]+$' });

/** 1 urgent, 2 high, 3 low. */
export const AlarmPriority = Type.Union([Type.Literal(1), Type.Literal(2), Type.Literal(3)], {
  description: '1 urgent, 2 high, 3 low.',
});
export type AlarmPriority = Static<typeof AlarmPriority>;
export const alarmPriorities = [1, 2, 3] as const satisfies readonly AlarmPriority[];

/** A sentence for people, in both languages. */
export const BothLanguages = Type.Object({ zh: Type.String({ maxLength: 400 }), en: Type.String({ maxLength: 400 }) }, closed);
export type BothLanguages = Static<typeof BothLanguages>;

export const alarmNewsKinds = ['raised', 'changed', 'acknowledged', 'cleared'] as const;
/** What happened to an alarm, with the alarm as it is now. Never holds personal data of visitors. */
export const AlarmNews = Type.Object(
  {
    happened: oneOf(alarmNewsKinds),
    key: Type.String({ minLength: 1, maxLength: 160, description: 'Names the alarm; one alarm per (device, type).' }),
    type: Type.String({ minLength: 1, maxLength: 64 }),
    device: Type.Optional(Id),
    title: BothLanguages,
    firstStep: BothLanguages,
    visitorsSee: BothLanguages,
    priority: AlarmPriority,
    sinceMs: UnixMs,
    acknowledged: Type.Boolean(),
    folded: Type.Integer({ minimum: 0, description: 'Alarms that are folded into this one, because it is their cause.' }),
  },
  closed,
);
export type AlarmNews = Static<typeof AlarmNews>;

export const channelKinds = ['console', 'voice', 'wecom', 'dingtalk', 'webhook', 'sms', 'email'] as const;
export type ChannelKind = (typeof channelKinds)[number];
export const noticeLanguages = ['zh', 'en', 'both'] as const;
/** Secrets that a channel may have, by name. They go in, and never come out again. */
export const channelSecrets = ['query', 'signing', 'authorization', 'password'] as const;
export type ChannelSecret = (typeof channelSecrets)[number];

/** Where notices can go. What belongs to one kind only is optional; the server says what a kind is missing. */
export const NoticeChannel = Type.Object(
  {
    id: Id,
    kind: oneOf(channelKinds),
    name: Line(40),
    enabled: Type.Boolean(),
    language: oneOf(noticeLanguages),
    /** Messages per minute at most; above that several alarms become one message. */
    perMinute: Type.Integer({ minimum: 1, maximum: 600 }),
    url: Type.Optional(
      Type.String({
        minLength: 8,
        maxLength: 500,
        description: 'http or https. What follows "?" is kept as the secret `query`.',
      }),
    ),
    format: Type.Optional(oneOf(['markdown', 'text'])),
    keyword: Type.Optional(Line(40)),
    /** sms: how the gateway wants its fields; values may hold {phone}, {text}, {title} and {id}. */
    body: Type.Optional(oneOf(['json', 'form'])),
    fields: Type.Optional(Type.Record(Type.String({ minLength: 1, maxLength: 40 }), Type.String({ maxLength: 400 }))),
    host: Type.Optional(Type.String({ minLength: 1, maxLength: 253, pattern: '^[A-Za-z0-9.:-]+$' })),
    port: Type.Optional(Type.Integer({ minimum: 1, maximum: 65_535 })),
    security: Type.Optional(oneOf(['tls', 'starttls', 'none'])),
    user: Type.Optional(Line(120)),
    from: Type.Optional(Line(160)),
  },
  closed,
);
export type NoticeChannel = Static<typeof NoticeChannel>;

export const NoticePerson = Type.Object(
  {
    id: Id,
    name: Line(40),
    phone: Type.Optional(Type.String({ pattern: '^\\+?[0-9]{5,20}$' })),
    email: Type.Optional(Type.String({ maxLength: 160, pattern: '^[^\\s@<>,;"]+@[^\\s@<>,;"]+$' })),
  },
  closed,
);
export type NoticePerson = Static<typeof NoticePerson>;

/** Who is told after how long, if nobody has acknowledged the alarm by then. */
export const NoticeStep = Type.Object(
  {
    id: Id,
    priorities: Type.Array(AlarmPriority, { minItems: 1, maxItems: 3 }),
    /** Minutes since the alarm was raised; 0 is at once. */
    afterMin: Type.Integer({ minimum: 0, maximum: 10_080 }),
    channels: Type.Array(Id, { minItems: 1, maxItems: 20 }),
    people: Type.Array(Id, { maxItems: 50 }),
    /** Told again this often; 0 is once. */
    repeatMin: Type.Integer({ minimum: 0, maximum: 1440 }),
    /** How often it is told again at most. */
    repeats: Type.Integer({ minimum: 0, maximum: 20 }),
  },
  closed,
);
export type NoticeStep = Static<typeof NoticeStep>;

export const NoticeSettings = Type.Object(
  {
    channels: Type.Array(NoticeChannel, { maxItems: 20 }),
    people: Type.Array(NoticePerson, { maxItems: 200 }),
    steps: Type.Array(NoticeStep, { maxItems: 50 }),
    /** Alarms of these priorities wait while the hall is closed. */
    quiet: Type.Array(AlarmPriority, { maxItems: 3 }),
    /** Whoever was told of an alarm is told that it is over. */
    tellCleared: Type.Boolean(),
  },
  closed,
);
export type NoticeSettings = Static<typeof NoticeSettings>;

const Secret = Type.Optional(Type.String({ maxLength: 500 }));
const ChannelSecrets = Type.Object({ query: Secret, signing: Secret, authorization: Secret, password: Secret }, closed);
/** Settings as they are stored: new secrets by channel and name; one that is left out stays, '' removes it. */
export const NoticeSettingsPut = Type.Object(
  {
    settings: NoticeSettings,
    secrets: Type.Record(Id, ChannelSecrets),
  },
  closed,
);
export type NoticeSettingsPut = Static<typeof NoticeSettingsPut>;

export const circuitStates = ['closed', 'open', 'half_open'] as const;
/** `closed` is good: messages pass. */
export const ChannelState = Type.Object(
  {
    channel: Id,
    /** Names of the secrets that are set. */
    secrets: Type.Array(oneOf(channelSecrets)),
    circuit: oneOf(circuitStates),
    /** When the next try is made while the circuit is open. */
    until: Nullable(UnixMs),
    waiting: Type.Integer(),
    lastSentAt: Nullable(UnixMs),
    lastFailure: Nullable(Type.String({ description: 'Code of the newest failure since the last success.' })),
  },
  closed,
);
export type ChannelState = Static<typeof ChannelState>;
export const NoticeSettingsView = Type.Object(
  { version: Type.Integer(), settings: NoticeSettings, states: Type.Array(ChannelState) },
  closed,
);
export type NoticeSettingsView = Static<typeof NoticeSettingsView>;

export const noticeWhats = ['raised', 'repeated', 'cleared', 'test'] as const;
export const deliveryStates = ['waiting', 'sent', 'failed', 'dropped'] as const;
/** One message to one channel: why, to whom, and what came of it. */
export const Delivery = Type.Object(
  {
    seq: Type.Integer(),
    /** Stays the same for every try, so that a receiver can tell a repetition. */
    id: Type.String(),
    what: oneOf(noticeWhats),
    alarm: Type.String(),
    priority: AlarmPriority,
    title: BothLanguages,
    channel: Id,
    /** Names of people; never their numbers. */
    people: Type.Array(Type.String()),
    step: Type.String(),
    state: oneOf(deliveryStates),
    createdAt: UnixMs,
    nextAt: Nullable(UnixMs),
    sentAt: Nullable(UnixMs),
    tries: Type.Integer(),
    /** Code of the newest answer, and its words without anything secret. */
    code: Nullable(Type.String()),
    answer: Nullable(Type.String()),
    /** How many alarms the message told of; more than 1 above the rate of the channel. */
    merged: Type.Integer(),
  },
  closed,
);
export type Delivery = Static<typeof Delivery>;
export const DeliveryQuery = Type.Object(
  {
    before: Type.Optional(Type.Integer({ minimum: 1, description: 'Only rows older than this seq.' })),
    channel: Type.Optional(Id),
    limit: Type.Optional(Type.Integer({ minimum: 1, maximum: 200, default: 50 })),
  },
  closed,
);

export const ChannelTest = Type.Object({ person: Type.Optional(Id) }, closed);
/** What the channel really answered to a marked test. */
export const ChannelTestReply = Type.Object(
  { sent: Type.Boolean(), code: Type.String(), answer: Type.String(), tookMs: Type.Number() },
  closed,
);
export type ChannelTestReply = Static<typeof ChannelTestReply>;

/** A notice on the console itself. */
export const ConsoleNotice = Type.Object(
  {
    seq: Type.Integer(),
    at: UnixMs,
    what: oneOf(noticeWhats),
    alarm: Type.String(),
    priority: AlarmPriority,
    title: BothLanguages,
    firstStep: BothLanguages,
  },
  closed,
);
export type ConsoleNotice = Static<typeof ConsoleNotice>;
