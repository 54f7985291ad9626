/** What a device was and measured over a year, thinned; and how much of the opening hours its screen was right. */
import { Type, type Static } from 'typebox';
import { UnixMs } from './ids.ts';
import { oneOf } from './words.ts';

const closed = { additionalProperties: false } as const;

/** What is kept of a device as a state: every change with its moment. */
export const historyKinds = ['condition', 'presence', 'link', 'freshness', 'applied', 'override', 'error'] as const;
export type HistoryKind = (typeof historyKinds)[number];
/** How a screen stands. `unknown`: nobody was there who could have known. */
export const conditions = ['right', 'stale', 'offline', 'maintenance', 'unknown'] as const;
export type Condition = (typeof conditions)[number];

export const StateChange = Type.Object(
  { at: UnixMs, kind: oneOf(historyKinds), value: Type.String({ maxLength: 64, description: "'' is none." }) },
  closed,
);
export type StateChange = Static<typeof StateChange>;
/** `stepMs` 0 is a single reading; else all readings from `at` on, for that long. */
export const MeasurementPoint = Type.Object(
  {
    at: UnixMs,
    stepMs: Type.Integer({ minimum: 0 }),
    n: Type.Integer({ minimum: 1 }),
    min: Type.Number(),
    mean: Type.Number(),
    max: Type.Number(),
    last: Type.Number(),
  },
  closed,
);
export type MeasurementPoint = Static<typeof MeasurementPoint>;
const span = {
  from: Type.Optional(UnixMs),
  to: Type.Optional(UnixMs),
};
export const HistoryQuery = Type.Object({ ...span, metric: Type.Optional(Type.String({ maxLength: 40 })) }, closed);
/** Times are hall time. */
export const DeviceHistory = Type.Object(
  {
    from: UnixMs,
    to: UnixMs,
    /** The state of each kind at `from`, then every change; oldest first. */
    states: Type.Array(StateChange),
    /** Names of what was measured. */
    metrics: Type.Array(Type.String()),
    points: Type.Array(MeasurementPoint),
    /** Older changes or points were left out of this answer. */
    cut: Type.Boolean(),
  },
  closed,
);
export type DeviceHistory = Static<typeof DeviceHistory>;

export const uptimeGroups = ['device', 'area', 'driver', 'agent', 'hall'] as const;
export type UptimeGroup = (typeof uptimeGroups)[number];
export const UptimeQuery = Type.Object(
  {
    ...span,
    by: Type.Optional(oneOf(uptimeGroups)),
    days: Type.Optional(Type.Boolean({ description: 'One row for each day.' })),
    format: Type.Optional(oneOf(['json', 'csv'])),
  },
  closed,
);
/** Milliseconds of opening hours in each condition; their sum is the opening hours of all screens of the row. */
export const UptimeRow = Type.Object(
  {
    group: Type.String(),
    /** Civil day in the zone of the hall; '' for the whole span. */
    day: Type.String(),
    screens: Type.Integer(),
    ms: Type.Object(
      {
        right: Type.Number(),
        stale: Type.Number(),
        offline: Type.Number(),
        maintenance: Type.Number(),
        unknown: Type.Number(),
      },
      closed,
    ),
    /** Right, of the time that is neither maintenance nor unknown; null when there was none. */
    uptime: Type.Union([Type.Number({ minimum: 0, maximum: 1 }), Type.Null()]),
  },
  closed,
);
export type UptimeRow = Static<typeof UptimeRow>;
