/** Island mode: what an agent needs to call tickets alone, and what it tells of it afterwards. */
import { Type, type Static } from 'typebox';
import { Id, TicketNumber, UnixMs } from './ids.ts';
import { oneOf } from './words.ts';

const closed = { additionalProperties: false } as const;

/** What a key at a window may do at the local call port of an agent. */
export const islandActs = ['next', 'recall', 'no_show', 'pause', 'resume'] as const;
export const IslandActName = oneOf(islandActs);
export type IslandActName = (typeof islandActs)[number];

/** `connected`: the server calls. `island`: the agent calls alone. `reconciling`: the server is back, its truth is not vouched for yet. */
export const islandPhases = ['connected', 'island', 'reconciling'] as const;
export const IslandPhase = oneOf(islandPhases);
export type IslandPhase = (typeof islandPhases)[number];

/** Why an act at the local call port is refused. */
export const islandRefusals = [
  'waiting',
  'switched_off',
  'window_not_here',
  'window_unknown',
  'window_closed',
  'window_paused',
  'window_open',
  'no_ticket',
  'ticket_elsewhere',
] as const;
export type IslandRefusal = (typeof islandRefusals)[number];

/** Tickets of one service known to an agent, at most. */
export const MOST_WAITING = 200;

export const WaitingTicket = Type.Object(
  { ticket: TicketNumber, since: UnixMs },
  { ...closed, description: 'A ticket that waits, and the moment that puts it into its business day, Unix ms.' },
);
export type WaitingTicket = Static<typeof WaitingTicket>;

/** The tickets of a service that were dealt to one agent, in the order in which they are to be called. */
export const WaitingList = Type.Object(
  {
    service: Id,
    /** Hall time at which the list was true, Unix ms. */
    at: UnixMs,
    tickets: Type.Array(WaitingTicket, { maxItems: MOST_WAITING }),
  },
  closed,
);
export type WaitingList = Static<typeof WaitingList>;

export const WaitingMessage = Type.Object(
  {
    gen: Type.String({ maxLength: 36 }),
    /** Version of the rota by which tickets are dealt; the agent confirms it with a record `island.deal`. */
    rota: Type.Integer({ minimum: 1 }),
    /** Windows whose keys this agent serves in island mode. */
    windows: Type.Array(Id, { maxItems: 500 }),
    /** True: lists that are not named in this message are given up. */
    full: Type.Boolean(),
    lists: Type.Array(WaitingList, { maxItems: 64 }),
  },
  closed,
);
export type WaitingMessage = Static<typeof WaitingMessage>;

/** Data of the records `island.call`, `island.recall`, `island.no_show`, `island.pause` and `island.resume`. */
export const IslandAct = Type.Object(
  {
    /** Grows with every act of this installation. */
    act: IslandActName,
    islandSeq: Type.Integer({ minimum: 1 }),
    window: Id,
    ticket: Type.Optional(TicketNumber),
    service: Type.Optional(Id),
    callNumber: Type.Optional(Type.Integer({ minimum: 1, maximum: 999 })),
    /** Hall time at which the waiting list used was true. */
    listAt: Type.Optional(UnixMs),
    /** Hall time at which the island began. */
    since: UnixMs,
    /** Wall and machine time of the act. */
    wallMs: UnixMs,
    machineMs: Type.Integer({ minimum: 0 }),
    /** Who pressed: the id of the key. */
    key: Type.String({ maxLength: 40 }),
  },
  closed,
);
export type IslandAct = Static<typeof IslandAct>;

/** The act of each record type. */
export const islandRecords = {
  'island.call': 'next',
  'island.recall': 'recall',
  'island.no_show': 'no_show',
  'island.pause': 'pause',
  'island.resume': 'resume',
} as const satisfies Record<string, IslandActName>;
export type IslandRecordType = keyof typeof islandRecords;

/** Record types of an agent's local life beside the acts. */
export const localRecords = [
  'island.deal',
  'island.began',
  'island.ended',
  'key.pressed',
  'speech.spoken',
  'speech.dropped',
  'agent.blanked',
  'agent.unblanked',
  'approvers.changed',
] as const;

/** A public key that may approve content, as the server may know it. */
export const ApproverView = Type.Object(
  { name: Type.String({ maxLength: 64 }), fingerprint: Type.String({ pattern: '^SHA256:[A-Za-z0-9_-]{43}$' }) },
  closed,
);
export type ApproverView = Static<typeof ApproverView>;

/** What the server finds when it compares an act with what the platform says. */
export const islandVerdicts = ['agreed', 'unheard', 'called_elsewhere', 'ticket_ended', 'ticket_unknown', 'noted'] as const;
export const IslandVerdict = oneOf(islandVerdicts);
export type IslandVerdict = (typeof islandVerdicts)[number];
/** Verdicts that somebody should look at. */
export const islandConflicts = ['called_elsewhere', 'ticket_ended', 'ticket_unknown'] as const satisfies readonly IslandVerdict[];

const Nullable = <T extends import('typebox').TSchema>(schema: T) => Type.Union([schema, Type.Null()]);

export const IslandActView = Type.Object(
  {
    agent: Id,
    islandSeq: Type.Integer(),
    act: IslandActName,
    window: Id,
    ticket: Nullable(TicketNumber),
    /** Hall time of the act, Unix ms. */
    at: UnixMs,
    receivedAt: UnixMs,
    key: Type.String(),
    verdict: IslandVerdict,
    /** Where the platform had it called, for `called_elsewhere`. */
    elsewhere: Nullable(Id),
  },
  closed,
);
export type IslandActView = Static<typeof IslandActView>;

export const IslandAgentView = Type.Object(
  {
    agent: Id,
    phase: Type.Union([Type.Literal('connected'), Type.Literal('island')], {
      description: 'As its records say; an agent that is away tells it when it is back.',
    }),
    /** Hall time of the newest change of the phase, Unix ms. */
    since: Nullable(UnixMs),
    blanked: Type.Boolean({ description: 'Its local blank key holds all screens black.' }),
    approvers: Type.Array(ApproverView),
  },
  closed,
);
export type IslandAgentView = Static<typeof IslandAgentView>;

export const IslandView = Type.Object(
  {
    agents: Type.Array(IslandAgentView),
    /** Newest first. */
    acts: Type.Array(IslandActView),
    conflicts: Type.Integer({ description: 'Acts of the last 24 h that contradict the platform.' }),
  },
  closed,
);
export type IslandView = Static<typeof IslandView>;
export const IslandQuery = Type.Object(
  {
    conflicts: Type.Optional(Type.Boolean({ description: 'Only acts that contradict the platform.' })),
    limit: Type.Optional(Type.Integer({ minimum: 1, maximum: 500, default: 200 })),
  },
  closed,
);

/** Offered to a platform: what was called while the hall was alone. The platform decides what it makes of it. */
export const PlatformIsland = Type.Object(
  {
    acts: Type.Array(
      Type.Object(
        {
          agent: Id,
          islandSeq: Type.Integer({ minimum: 1 }),
          act: IslandActName,
          window: Id,
          ticket: Type.Optional(TicketNumber),
          at: UnixMs,
          /** False: the key was pressed while the server was there; nothing was called. */
          called: Type.Boolean(),
        },
        closed,
      ),
      { minItems: 1, maxItems: 256 },
    ),
  },
  closed,
);
export type PlatformIsland = Static<typeof PlatformIsland>;
