/** What agent and server say to each other about the agent itself: the time, and how it is. Imported by `topics.ts`, so it imports nothing of that. */
import { Type, type Static } from 'typebox';
import { Id, UnixMs } from './ids.ts';
import { oneOf } from './words.ts';

const closed = { additionalProperties: false } as const;

/** One reading of the server's hall clock. */
const HallReading = Type.Object({ hallMs: UnixMs, speed: Type.Number({ minimum: 0.1, maximum: 600 }) }, closed);

/** The agent asks what time it is. It keeps its own two of the four time stamps to itself, on machine time. */
export const TimeRequest = Type.Object(
  {
    epoch: Type.String({ maxLength: 36 }),
    number: Type.Integer({ minimum: 1, description: 'Grows with every question of this epoch; the reply repeats it.' }),
  },
  closed,
);
export type TimeRequest = Static<typeof TimeRequest>;

/** The server's two time stamps, on its wall clock, and its hall clock at the second. */
export const TimeReply = Type.Object(
  {
    epoch: Type.String({ maxLength: 36, description: 'The session answered.' }),
    number: Type.Integer({ minimum: 1 }),
    receivedMs: UnixMs,
    repliedMs: UnixMs,
    hallTime: HallReading,
  },
  closed,
);
export type TimeReply = Static<typeof TimeReply>;

export const storeStates = ['ok', 'full', 'failing'] as const;
/** `full`: the disk refuses. `failing`: something else does. What is shown goes on without the store. */
export type StoreState = (typeof storeStates)[number];
/** How far an agent's hall time may be believed: told by the server, carried on over a restart by the own clock, or not at all. */
export const timeTrusts = ['told', 'carried', 'untrusted'] as const;
export type TimeTrust = (typeof timeTrusts)[number];

const Count = Type.Integer({ minimum: 0 });
const Version = Type.Object({ gen: Type.String({ maxLength: 36 }), ver: Count }, closed);

/** How an agent is, every 30 s and when something of it changes. Only the newest counts. */
export const AgentStatus = Type.Object(
  {
    epoch: Type.String({ maxLength: 36 }),
    /** Grows with every status of this epoch. */
    seq: Type.Integer({ minimum: 1 }),
    /** The server's wall clock as far as the agent knows it. */
    at: UnixMs,
    version: Type.String({ maxLength: 32 }),
    uptimeS: Count,
    memory: Type.Object({ rssBytes: Count, heapBytes: Count }, closed),
    loop: Type.Object(
      {
        worstMs: Type.Integer({ minimum: 0, description: 'Longest standstill of the event loop since the status before, ms.' }),
        stalls: Type.Integer({ minimum: 0, description: 'Standstills of a second or more since the start.' }),
      },
      closed,
    ),
    /** Of the disk that holds the agent's data; missing where the system does not tell. */
    disk: Type.Optional(Type.Object({ freeBytes: Count, totalBytes: Count }, closed)),
    store: oneOf(storeStates),
    clock: Type.Object(
      {
        trust: oneOf(timeTrusts),
        skewMs: Type.Optional(
          Type.Integer({ description: 'The own wall clock less the server, ms; missing before a measurement.' }),
        ),
        errorMs: Type.Optional(Type.Integer({ minimum: 0, description: 'How wrong `skewMs` may be.' })),
        highestMs: Type.Union([UnixMs], { description: 'The highest hall time ever seen.' }),
      },
      closed,
    ),
    outbox: Type.Object(
      {
        tail: Count,
        head: Count,
        count: Count,
        bytes: Count,
        oldestAt: UnixMs,
        /** Of what it may hold before anything is given up; rows or bytes, whichever is more. */
        percent: Count,
      },
      closed,
    ),
    documents: Type.Object(
      {
        /** Tables in force. */
        tables: Type.Optional(Version),
        devices: Count,
        /** Devices that run the last document that worked, because the newest one is refused. */
        fellBack: Type.Array(Id, { maxItems: 2000 }),
      },
      closed,
    ),
    /** The agent's own configuration file: the first characters of its SHA-256. */
    config: Type.Optional(Type.String({ maxLength: 16 })),
    counters: Type.Record(Type.String({ maxLength: 40 }), Count),
  },
  closed,
);
export type AgentStatus = Static<typeof AgentStatus>;

/** What an agent's status gives reason to care about. */
export const agentConditions = ['agent_disk_low', 'clock_skew', 'time_untrusted', 'outbox_filling', 'agent_stalled'] as const;
export type AgentConditionType = (typeof agentConditions)[number];
export const AgentCondition = Type.Object(
  { type: oneOf(agentConditions), since: Type.Union([UnixMs], { description: 'When the server first saw it, Unix ms.' }) },
  closed,
);
export type AgentCondition = Static<typeof AgentCondition>;
