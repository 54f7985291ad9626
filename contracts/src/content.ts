/** Hall content: what a hall is made of. Data with import and export, never configuration files. */
import { Type, type Static } from 'typebox';
import { Id } from './ids.ts';
import { oneOf } from './words.ts';

const closed = { additionalProperties: false } as const;
/** Visible text in Chinese or English without control characters. */
const Name = (max: number) =>
  Type.String({
    minLength: 1,
    maxLength: max,
    pattern: '^[^\\u0000-\\u001f\\u007f-\\u009f\\u200b-\\u200f\\u202a-\\u202e\\u2066-\\u2069\\ufeff]+$',
  });

export const Department = Type.Object(
  { id: Id, zh: Name(40), en: Type.Optional(Name(80)), short: Type.Optional(Name(8)) },
  closed,
);
export type Department = Static<typeof Department>;

export const Service = Type.Object(
  {
    id: Id,
    zh: Name(40),
    en: Type.Optional(Name(80)),
    short: Type.Optional(Name(8)),
    department: Id,
    prefix: Type.String({ pattern: '^[A-Z]{0,3}$', description: 'Letters of its ticket numbers.' }),
  },
  closed,
);
export type Service = Static<typeof Service>;

export const Staff = Type.Object({ id: Id, name: Name(32), number: Type.Optional(Name(16)), department: Id }, closed);
export type Staff = Static<typeof Staff>;

export const Window = Type.Object(
  {
    id: Id,
    number: Type.String({ pattern: '^[0-9A-Z]{1,4}$', description: 'As written over the window.' }),
    area: Type.Optional(Name(16)),
    department: Id,
    services: Type.Array(Id, { maxItems: 64 }),
  },
  closed,
);
export type Window = Static<typeof Window>;

/** What is known of a device as a thing: for whoever looks for it, orders a part or asks the maker. Agents do not need it. */
export const Inventory = Type.Object(
  {
    /** Where it hangs or stands, in words. */
    place: Type.Optional(Name(40)),
    /** Name of the network switch or serial hub it is plugged into; its loss is one alarm for all that hang on it. */
    switch: Type.Optional(Name(40)),
    maker: Type.Optional(Name(40)),
    model: Type.Optional(Name(60)),
    serial: Type.Optional(Name(60)),
    firmware: Type.Optional(Name(40)),
    /** Last day of the warranty. */
    warrantyUntil: Type.Optional(Type.String({ pattern: '^\\d{4}-\\d{2}-\\d{2}$' })),
    /** Who is called about it. */
    responsible: Type.Optional(Name(40)),
  },
  closed,
);
export type Inventory = Static<typeof Inventory>;

/** A device on an agent. A device that shows something has `screen`; `settings` follow the schema its driver announces. */
export const Device = Type.Object(
  {
    id: Id,
    name: Name(40),
    agent: Id,
    driver: Id,
    settings: Type.Record(Type.String({ maxLength: 40 }), Type.Unknown()),
    screen: Type.Optional(
      Type.Object(
        {
          template: Id,
          widthPx: Type.Integer({ minimum: 16, maximum: 7680 }),
          heightPx: Type.Integer({ minimum: 8, maximum: 4320 }),
          window: Type.Optional(Id),
          area: Type.Optional(Name(16)),
        },
        closed,
      ),
    ),
    inventory: Type.Optional(Inventory),
  },
  closed,
);
export type Device = Static<typeof Device>;
/** A device as its agent is told of it. */
export const DrivenDevice = Type.Omit(Device, ['inventory'], closed);
export type DrivenDevice = Static<typeof DrivenDevice>;

const DayTime = Type.String({ pattern: '^([01][0-9]|2[0-3]):[0-5][0-9]$', description: 'HH:MM in the hall zone.' });
const Shift = Type.Object({ from: DayTime, to: DayTime }, closed);
const DayOfYear = Type.String({ pattern: '^\\d{4}-\\d{2}-\\d{2}$' });

/** The hall calendar (大厅日历). Times are local to `zone`; a shift starts inclusive and ends exclusive. */
export const HallCalendar = Type.Object(
  {
    zone: Type.String({ minLength: 1, maxLength: 64, description: 'IANA zone.' }),
    /** Index 0 is Monday. An empty list is a closed day. */
    week: Type.Array(Type.Array(Shift, { maxItems: 6 }), { minItems: 7, maxItems: 7 }),
    /** Minutes after a shift in which tickets already taken are finished (延时办结). */
    tailMinutes: Type.Integer({ minimum: 0, maximum: 240 }),
    /** Lunch duty (午休值班): windows that stay open between shifts. */
    lunchWindows: Type.Array(Id, { maxItems: 500 }),
    holidays: Type.Array(Type.Object({ day: DayOfYear, name: Name(20) }, closed), { maxItems: 400 }),
    /** Make-up working days (调休): that day works like the given weekday, 0 Monday … 6 Sunday. */
    makeUpDays: Type.Array(Type.Object({ day: DayOfYear, as: Type.Integer({ minimum: 0, maximum: 6 }) }, closed), {
      maxItems: 100,
    }),
    /** Windows with hours of their own, by weekday. */
    windowHours: Type.Array(
      Type.Object(
        { window: Id, weekday: Type.Integer({ minimum: 0, maximum: 6 }), shifts: Type.Array(Shift, { maxItems: 6 }) },
        closed,
      ),
      { maxItems: 1000 },
    ),
  },
  closed,
);
export type HallCalendar = Static<typeof HallCalendar>;

export const staffNamePolicies = ['full', 'surname', 'number', 'none'] as const;
export const HallSettings = Type.Object(
  {
    zh: Name(40),
    en: Type.Optional(Name(80)),
    staffNamePolicy: oneOf(staffNamePolicies),
    /** Live fields older than this show the neutral text, s. */
    liveMaxAgeS: Type.Integer({ minimum: 5, maximum: 600, default: 30 }),
    /** Boards older than this show the safe picture, s. */
    safeAfterS: Type.Integer({ minimum: 30, maximum: 3600, default: 300 }),
    /** No event or heartbeat from the platform for this long: the feed is stale, s. */
    feedMaxAgeS: Type.Integer({ minimum: 10, maximum: 3600, default: 60 }),
  },
  closed,
);
export type HallSettings = Static<typeof HallSettings>;

export const HallContent = Type.Object(
  {
    settings: HallSettings,
    calendar: HallCalendar,
    departments: Type.Array(Department, { maxItems: 500 }),
    services: Type.Array(Service, { maxItems: 2000 }),
    staff: Type.Array(Staff, { maxItems: 5000 }),
    windows: Type.Array(Window, { maxItems: 500 }),
    devices: Type.Array(Device, { maxItems: 5000 }),
  },
  closed,
);
export type HallContent = Static<typeof HallContent>;
/** The kinds of content that are lists, in the order in which references allow an import. */
export const contentKinds = ['departments', 'services', 'staff', 'windows', 'devices'] as const;
export type ContentKind = (typeof contentKinds)[number];
