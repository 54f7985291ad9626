/** Searching for devices: what is asked of an agent, what it finds, and what becomes of it. */
import { Type, type Static } from 'typebox';
import { Device } from './content.ts';
import { Id, UnixMs } from './ids.ts';
import { oneOf } from './words.ts';

const closed = { additionalProperties: false } as const;
const Text = (max: number) => Type.String({ minLength: 1, maxLength: max });

/** Addresses that one search may ask, in all ranges together. */
export const MAX_SEARCHED_ADDRESSES = 1024;
/** Devices that one search tells of; what comes after that is left out and said. */
export const MAX_FOUND = 512;
/** Devices in one message. */
export const FOUND_PER_MESSAGE = 16;
/** A search that hears nothing of its agent for so long after its own end is over, ms. */
export const SEARCH_GRACE_MS = 15_000;
/** What nobody has adopted is forgotten so long after it was last seen, days. */
export const FOUND_KEPT_DAYS = 30;

export const AddressRangeSchema = Type.Object(
  {
    from: Type.String({ pattern: '^[0-9.]{7,15}$', description: 'First IPv4 address; of a private network.' }),
    to: Type.String({ pattern: '^[0-9.]{7,15}$', description: 'Last IPv4 address.' }),
  },
  closed,
);

const limits = {
  seconds: Type.Integer({ minimum: 5, maximum: 120, default: 20, description: 'Longest time of the search, s.' }),
  /** Without: the networks the agent itself stands in, /24 each. */
  ranges: Type.Optional(Type.Array(AddressRangeSchema, { minItems: 1, maxItems: 8 })),
  ports: Type.Optional(
    Type.Array(Type.Integer({ minimum: 1, maximum: 65_535 }), {
      minItems: 1,
      maxItems: 8,
      uniqueItems: true,
      description: 'TCP ports to ask instead of the usual ones of each finder.',
    }),
  ),
};

/** Topic `discover`: search now. An agent searches one thing at a time; the same id again changes nothing. */
export const Discover = Type.Object(
  {
    id: Type.String({ minLength: 1, maxLength: 36 }),
    /** Finders to use; without: all the agent has. */
    finders: Type.Optional(Type.Array(Id, { minItems: 1, maxItems: 32, uniqueItems: true })),
    ...limits,
    /** Wall time of the server after which it is too late to begin. */
    deadline: UnixMs,
  },
  closed,
);
export type Discover = Static<typeof Discover>;

export const confidences = ['sure', 'likely'] as const;
/** `sure`: it answered in its own protocol. `likely`: something answered, but not to the last question. */
export const Confidence = oneOf(confidences);

/** A device that a finder has met. Only what the device says itself is here; what it does not say is left out. */
export const FoundDevice = Type.Object(
  {
    finder: Id,
    driver: Id,
    /** Where it is, in one word: the same device found again at the same place has the same. */
    place: Type.String({ minLength: 1, maxLength: 200, description: 'tcp://10.0.0.5:5005, serial:/dev/serial/by-id/…#1' }),
    /** Proposed settings, as the driver wants them. */
    settings: Type.Record(
      Type.String({ maxLength: 40 }),
      Type.Union([Type.String({ maxLength: 255 }), Type.Number(), Type.Boolean()]),
    ),
    /** Those of the settings that say where it is; two devices that agree in them are one. */
    placedBy: Type.Array(Type.String({ maxLength: 40 }), { minItems: 1, maxItems: 8 }),
    confidence: Confidence,
    maker: Type.Optional(Text(40)),
    model: Type.Optional(Text(60)),
    firmware: Type.Optional(Text(40)),
    serial: Type.Optional(Text(60)),
    mac: Type.Optional(Type.String({ pattern: '^[0-9a-f]{2}(:[0-9a-f]{2}){5}$' })),
    widthPx: Type.Optional(Type.Integer({ minimum: 16, maximum: 7680 })),
    heightPx: Type.Optional(Type.Integer({ minimum: 8, maximum: 4320 })),
    /** 1 one colour, 2 red and green, 3 full colour. */
    colours: Type.Optional(Type.Integer({ minimum: 1, maximum: 3 })),
    /** What it shows now, as far as it can be read. */
    shows: Type.Optional(Text(200)),
    /** What the finder asked and heard, for whoever doubts. */
    evidence: Type.Array(Text(200), { maxItems: 8 }),
    /** The device of the hall that is driven at this place; it was not asked. */
    known: Type.Optional(Id),
  },
  closed,
);
export type FoundDevice = Static<typeof FoundDevice>;

export const searchStates = ['running', 'done', 'failed'] as const;
/** Topic `discovered`: what was found since the message before, and how far the search is. */
export const Discovered = Type.Object(
  {
    epoch: Type.String({ maxLength: 36 }),
    id: Type.String({ minLength: 1, maxLength: 36 }),
    /** From 1; grows with every message of a search. */
    seq: Type.Integer({ minimum: 1 }),
    state: oneOf(searchStates),
    /** Why it failed, or that devices were left out. */
    code: Type.Optional(Type.String({ maxLength: 64 })),
    /** Places asked, and those to be asked in all as far as is known. */
    asked: Type.Integer({ minimum: 0 }),
    toAsk: Type.Integer({ minimum: 0 }),
    devices: Type.Array(FoundDevice, { maxItems: FOUND_PER_MESSAGE }),
  },
  closed,
);
export type Discovered = Static<typeof Discovered>;

// HTTP

export const SearchRequest = Type.Object(
  { agents: Type.Array(Id, { minItems: 1, maxItems: 50, uniqueItems: true }), ...limits, seconds: Type.Optional(limits.seconds) },
  closed,
);
export type SearchRequest = Static<typeof SearchRequest>;

const Nullable = <T extends import('typebox').TSchema>(schema: T) => Type.Union([schema, Type.Null()]);

/** The newest search of an agent. */
export const SearchView = Type.Object(
  {
    id: Type.String(),
    agent: Id,
    by: Type.String({ description: 'Who started it.' }),
    startedAt: UnixMs,
    /** Wall time at which it is over at the latest. */
    endsAt: UnixMs,
    state: oneOf(searchStates),
    code: Nullable(Type.String()),
    asked: Type.Integer(),
    toAsk: Type.Integer(),
    found: Type.Integer(),
  },
  closed,
);
export type SearchView = Static<typeof SearchView>;

export const FoundView = Type.Object(
  {
    id: Type.Integer({ minimum: 1 }),
    agent: Id,
    found: FoundDevice,
    firstSeenAt: UnixMs,
    lastSeenAt: UnixMs,
    ignored: Type.Boolean(),
    /** The device of the content at this place, if there is one. */
    device: Nullable(Id),
  },
  closed,
);
export type FoundView = Static<typeof FoundView>;
export const DiscoveryView = Type.Object({ searches: Type.Array(SearchView), found: Type.Array(FoundView) }, closed);
export type DiscoveryView = Static<typeof DiscoveryView>;

export const AdoptRequest = Type.Object(
  {
    window: Type.Optional(Id),
    area: Type.Optional(Type.String({ minLength: 1, maxLength: 16 })),
    /** Name of the device; without: made from the window. */
    name: Type.Optional(Type.String({ minLength: 1, maxLength: 40 })),
    id: Type.Optional(Id),
    /** Size of its screen where the device does not say it. */
    widthPx: Type.Optional(Type.Integer({ minimum: 16, maximum: 7680 })),
    heightPx: Type.Optional(Type.Integer({ minimum: 8, maximum: 4320 })),
    /** This device of the hall is gone and the found one stands in its place: id, name, window and size stay. */
    replaces: Type.Optional(Id),
    /** The window has a strip already and gets one more. */
    beside: Type.Optional(Type.Boolean()),
    /** Answers what would be done, and does nothing. */
    dryRun: Type.Optional(Type.Boolean({ default: false })),
  },
  closed,
);
export type AdoptRequest = Static<typeof AdoptRequest>;

export const adoptionNotes = ['size_assumed', 'model_unknown', 'replaces_online', 'driver_differs'] as const;
/** What stands in the way of an adoption. */
export const adoptionConflicts = [
  'address_taken',
  'window_taken',
  'id_taken',
  'size_unfit',
  'window_unknown',
  'settings_invalid',
] as const;
export const Adoption = Type.Object(
  {
    adopted: Type.Boolean(),
    device: Device,
    /** The row as it is now, where one is replaced. */
    before: Nullable(Device),
    /** For whoever confirms: what is assumed and should be looked at. */
    notes: Type.Array(oneOf(adoptionNotes)),
    /** Nothing can be done before these are settled. */
    conflicts: Type.Array(Type.Object({ what: oneOf(adoptionConflicts), device: Nullable(Id) }, closed)),
  },
  closed,
);
export type Adoption = Static<typeof Adoption>;
