/** Plans, live fields and what `showing` answers. Shapes only; the rules are in `@hall/model`. */
import { Type, type Static } from 'typebox';
import { PauseReasonSchema } from './events.ts';
import { HallCalendar } from './content.ts';
import { Id, TicketNumber, UnixMs } from './ids.ts';
import { oneOf } from './words.ts';

const closed = { additionalProperties: false } as const;

export const windowStates = ['open', 'serving', 'paused', 'closed', 'fault', 'no_data'] as const;
export const WindowState = oneOf(windowStates);
export type WindowState = (typeof windowStates)[number];

/** Value of the live field `window/{id}`. Ids, never names: names come from the versioned name table. */
export const WindowLive = Type.Object(
  {
    kind: Type.Literal('window'),
    window: Id,
    state: WindowState,
    ticket: Type.Optional(TicketNumber),
    /** How often this ticket was called here, from 1. */
    callNumber: Type.Optional(Type.Integer({ minimum: 1, maximum: 999 })),
    /** Hall time of the newest call, Unix ms. */
    calledAt: Type.Optional(UnixMs),
    reason: Type.Optional(PauseReasonSchema),
    expectedReturnAt: Type.Optional(UnixMs),
    staff: Type.Optional(Id),
    department: Id,
    services: Type.Array(Id, { maxItems: 64 }),
    /** Said by the agent alone while the server is away. */
    island: Type.Optional(Type.Literal(true)),
  },
  closed,
);
export type WindowLive = Static<typeof WindowLive>;

/** Value of the live field `queue/{service}`. */
export const QueueLive = Type.Object(
  {
    kind: Type.Literal('queue'),
    service: Id,
    waiting: Type.Integer({ minimum: 0, maximum: 100_000 }),
    next: Type.Array(TicketNumber, { maxItems: 5, description: 'The next to be called, in order.' }),
  },
  closed,
);
export type QueueLive = Static<typeof QueueLive>;

export const LiveValue = Type.Union([WindowLive, QueueLive]);
export type LiveValue = Static<typeof LiveValue>;
/** `window/{id}` or `queue/{service}`. */
export const FieldKey = Type.String({ pattern: '^(window|queue)/[a-z0-9](?:[a-z0-9-]{0,30}[a-z0-9])?$' });
export type FieldKey = Static<typeof FieldKey>;

/** One live field as it travels: the newest `seq` wins, whatever order messages come in. */
export const LiveField = Type.Object(
  {
    key: FieldKey,
    /** Grows with every change of this hall's live fields; never reused within a generation. */
    seq: Type.Integer({ minimum: 1 }),
    /** Time of the fact at its source, Unix ms. */
    sourceTime: UnixMs,
    /** Id of the event that made this value; for the trace of a call. */
    cause: Type.Optional(Type.String({ maxLength: 128 })),
    value: LiveValue,
  },
  closed,
);
export type LiveField = Static<typeof LiveField>;

/** From strongest to weakest; exactly one layer of a region is shown. */
export const layerClasses = ['emergency', 'takeover', 'call', 'window_state', 'programme', 'default'] as const;
export const LayerClass = oneOf(layerClasses);
export type LayerClass = (typeof layerClasses)[number];

export const Content = Type.Object(
  {
    template: Id,
    parameters: Type.Record(
      Type.String({ maxLength: 40 }),
      Type.Union([Type.String({ maxLength: 400 }), Type.Number(), Type.Boolean()]),
    ),
    /** Template input → live field. */
    bindings: Type.Array(FieldKey, { maxItems: 1000 }),
  },
  closed,
);
export type Content = Static<typeof Content>;

export const Layer = Type.Object(
  {
    id: Id,
    class: LayerClass,
    /** Within a class the higher one wins; unique within a region. */
    seq: Type.Integer({ minimum: 0 }),
    content: Content,
    /** Shown instead when a bound live field has run out of its lease (neutral text). */
    stale: Type.Optional(Content),
    /** Shown instead when it has been stale for longer than `safeAfterMs` (safe picture). */
    safe: Type.Optional(Content),
    /** Hall time, inclusive. */
    validFrom: Type.Optional(UnixMs),
    /** Hall time, exclusive. */
    validTo: Type.Optional(UnixMs),
    source: Type.Object(
      {
        kind: Type.Union([Type.Literal('binding'), Type.Literal('person'), Type.Literal('rule')]),
        id: Type.String({ maxLength: 64 }),
      },
      closed,
    ),
  },
  closed,
);
export type Layer = Static<typeof Layer>;

export const ScreenPlan = Type.Object(
  {
    widthPx: Type.Integer({ minimum: 16, maximum: 7680 }),
    heightPx: Type.Integer({ minimum: 8, maximum: 4320 }),
    /** Live fields not renewed for this long are stale, ms of machine time. */
    maxAgeMs: Type.Integer({ minimum: 1000 }),
    /** Stale for this long: the safe picture, ms of machine time. */
    safeAfterMs: Type.Integer({ minimum: 1000 }),
    regions: Type.Array(Type.Object({ id: Id, layers: Type.Array(Layer, { minItems: 1, maxItems: 64 }) }, closed), {
      minItems: 1,
      maxItems: 16,
    }),
  },
  closed,
);
export type ScreenPlan = Static<typeof ScreenPlan>;

/** Names behind ids, after the staff-name policy; versioned with the tables document. */
export const NameTable = Type.Object(
  {
    hall: Type.Object({ zh: Type.String(), en: Type.Optional(Type.String()) }, closed),
    departments: Type.Record(
      Id,
      Type.Object({ zh: Type.String(), en: Type.Optional(Type.String()), short: Type.Optional(Type.String()) }, closed),
    ),
    services: Type.Record(
      Id,
      Type.Object({ zh: Type.String(), en: Type.Optional(Type.String()), short: Type.Optional(Type.String()) }, closed),
    ),
    /** Display text by policy, e.g. 张** or 工号 012; absent where the policy is none. */
    staff: Type.Record(Id, Type.String()),
    windows: Type.Record(Id, Type.Object({ number: Type.String(), area: Type.Optional(Type.String()) }, closed)),
  },
  closed,
);
export type NameTable = Static<typeof NameTable>;

export const Tables = Type.Object({ names: NameTable, calendar: HallCalendar }, closed);
export type Tables = Static<typeof Tables>;

/** What a renewed live field looks like to `showing`: its value and until when it may be believed. */
export interface HeldField {
  readonly field: LiveField;
  /** Machine time of the last renewal by the server, ms. */
  readonly renewedAtMs: number;
}
/** By field key. */
export type Live = ReadonlyMap<string, HeldField>;

/** Both times of one moment. */
export interface Moment {
  readonly hallMs: number;
  readonly machineMs: number;
}

export type Freshness = 'live' | 'stale' | 'safe' | 'static';

export interface RegionShowing {
  readonly region: string;
  readonly layer: string;
  readonly class: LayerClass;
  readonly content: Content;
  readonly freshness: Freshness;
  /** The values the content is drawn from, by field key; absent keys have never been received or are stale. */
  readonly values: Readonly<Record<string, LiveValue>>;
  /** Why this and nothing else, strongest first. Each: the layer and what spoke for or against it. */
  readonly reasons: ReadonlyArray<{
    readonly layer: string;
    readonly verdict: 'shown' | 'weaker' | 'not_yet' | 'over' | 'stale' | 'safe';
    readonly source: string;
  }>;
}

export interface Showing {
  readonly regions: readonly RegionShowing[];
  /** The next machine time at which the answer can change by itself through age, if any. */
  readonly nextMachineMs?: number;
  /** The next hall time at which the answer can change by itself through the clock, if any. */
  readonly nextHallMs?: number;
}

/** How far the product knows that the screen shows what it should; each driver declares the highest it can reach. */
export const confirmationLevels = ['none', 'sent', 'acknowledged', 'read_back', 'seen'] as const;
export const ConfirmationLevel = oneOf(confirmationLevels);
export type ConfirmationLevel = (typeof confirmationLevels)[number];

/** What a visitor sees, pixel by pixel: 0 black, 1 red, 2 green, 3 yellow; row by row from the top left. */
export interface Picture {
  readonly widthPx: number;
  readonly heightPx: number;
  readonly pixels: Uint8Array;
}
