/**
 * Every MQTT topic, once: address, payload, who sends it, qos, retain. `docs/asyncapi.json` is generated from here.
 * Addresses start with `hall/1/`: 1 is the version of the tree. All topics of an agent lie under its own prefix.
 */
import { Type, type Static, type TSchema } from 'typebox';
import { Command, CommandActSchema, CommandProgress, OverrideView } from './command.ts';
import { DrivenDevice } from './content.ts';
import { TraceOrder, Traced } from './device-trace.ts';
import { Discover, Discovered } from './discovery.ts';
import { AgentStatus, TimeReply, TimeRequest } from './agent-life.ts';
import { Id, isId, UnixMs } from './ids.ts';
import { islandRecords, localRecords, PlatformIsland, WaitingMessage, type IslandRecordType } from './island.ts';
import { oneOf } from './words.ts';
import { ConfirmationLevel, FieldKey, LiveField, ScreenPlan, Tables } from './screen.ts';

const closed = { additionalProperties: false } as const;

/** (generation, version) of a document. A new generation starts with a new or restored store. */
export const DocumentVersion = Type.Object({ gen: Type.String({ maxLength: 36 }), ver: Type.Integer({ minimum: 0 }) }, closed);
export type DocumentVersion = Static<typeof DocumentVersion>;

/** Largest MQTT packet the broker takes, bytes. */
export const MAX_PACKET_BYTES = 256 * 1024;

export const Presence = Type.Object(
  {
    state: Type.Union([Type.Literal('online'), Type.Literal('stopped'), Type.Literal('lost'), Type.Literal('fenced')]),
    epoch: Type.String({ maxLength: 36 }),
  },
  closed,
);
const ServerState = Type.Object(
  {
    state: Type.Union([Type.Literal('online'), Type.Literal('stopped'), Type.Literal('lost')]),
    gen: Type.String({ maxLength: 36 }),
    epoch: Type.String({ maxLength: 36 }),
  },
  closed,
);

export const DriverInfo = Type.Object(
  {
    id: Id,
    title: Type.String({ maxLength: 80 }),
    /** Highest confirmation this driver can reach. */
    reaches: ConfirmationLevel,
    /** JSON Schema of its settings, for forms and checks. */
    settings: Type.Unknown(),
    /** What its devices can be commanded to do; none when it is not said. */
    acts: Type.Optional(Type.Array(CommandActSchema, { maxItems: 16 })),
  },
  closed,
);
export type DriverInfo = Static<typeof DriverInfo>;

/** Counts up within an epoch, so that what answers one can be told from what answers an earlier one. */
const Beat = Type.Integer({ minimum: 1, description: 'Number of this sign of life; counts up within the epoch.' });
const Heard = Type.Integer({
  minimum: 1,
  description:
    'The newest sign of life of the agent that the server had heard before it said this: this is no older than that. Absent: the agent does not number them.',
});

export const Hello = Type.Object(
  {
    /** New on every start of the agent process; names this session in every later message. */
    epoch: Type.String({ maxLength: 36 }),
    /** Stays with the installation; tells a restarted agent from a second one with the same id. */
    installId: Type.String({ maxLength: 36 }),
    version: Type.String({ maxLength: 32 }),
    drivers: Type.Array(DriverInfo, { maxItems: 64 }),
    /** What the agent has applied; the server sends what differs. */
    applied: Type.Object(
      {
        tables: Type.Optional(DocumentVersion),
        devices: Type.Record(Id, DocumentVersion),
        live: Type.Object({ gen: Type.String({ maxLength: 36 }), seq: Type.Integer({ minimum: 0 }) }, closed),
      },
      closed,
    ),
    outbox: Type.Object(
      {
        tail: Type.Integer({ minimum: 0, description: 'Oldest seq still held; 0 when empty.' }),
        head: Type.Integer({ minimum: 0, description: 'Newest seq ever written.' }),
      },
      closed,
    ),
    wallMs: UnixMs,
    beat: Type.Optional(Beat),
    heartbeatMs: Type.Optional(
      Type.Integer({
        minimum: 100,
        maximum: 60_000,
        description:
          'Once welcomed, the agent says something at least this often, ms. Absent: only its last will tells that it is lost.',
      }),
    ),
  },
  closed,
);

export const Welcome = Type.Object(
  {
    verdict: Type.Union([Type.Literal('accepted'), Type.Literal('fenced'), Type.Literal('unknown')], {
      description: 'Unknown: the server has no such session, the agent is to say hello.',
    }),
    epoch: Type.String({ maxLength: 36, description: 'The session answered.' }),
    gen: Type.String({ maxLength: 36 }),
    /** Highest outbox seq the server has committed. */
    outboxAck: Type.Integer({ minimum: 0 }),
    /** Devices the agent is to run; others are given up. */
    devices: Type.Array(Id, { maxItems: 2000 }),
    hallTime: Type.Object({ hallMs: UnixMs, speed: Type.Number({ minimum: 0.1, maximum: 600 }) }, closed),
  },
  closed,
);

export const LiveMessage = Type.Object(
  {
    gen: Type.String({ maxLength: 36 }),
    /** Seq of the last change for this agent before these; a receiver that holds less has missed something. */
    after: Type.Integer({ minimum: 0 }),
    /** Seq of the newest change in this message. */
    head: Type.Integer({ minimum: 0 }),
    /** True: these are all fields of this agent; what is not named is unknown. */
    full: Type.Boolean(),
    heard: Type.Optional(Heard),
    fields: Type.Array(LiveField, { maxItems: 3000 }),
  },
  closed,
);

export const Lease = Type.Object(
  {
    gen: Type.String({ maxLength: 36 }),
    /** Newest live seq for this agent; one that holds less asks for a resync and does not renew. */
    head: Type.Integer({ minimum: 0 }),
    /** False while the platform feed is stale: the agent renews nothing. */
    fresh: Type.Boolean(),
    heard: Type.Optional(Heard),
    hallTime: Type.Object({ hallMs: UnixMs, speed: Type.Number({ minimum: 0.1, maximum: 600 }) }, closed),
  },
  closed,
);

export const Desired = Type.Object({ version: DocumentVersion, device: DrivenDevice, plan: Type.Optional(ScreenPlan) }, closed);

export const linkStates = ['offline', 'opening', 'online', 'stopped'] as const;
export const Reported = Type.Object(
  {
    epoch: Type.String({ maxLength: 36 }),
    /** Grows with every report of this device in this epoch. */
    seq: Type.Integer({ minimum: 1 }),
    at: UnixMs,
    /** The desired document in force. */
    applied: Type.Optional(DocumentVersion),
    /** A newer one that the driver refuses, and why; the device goes on as it last worked until a newer one still comes. */
    refused: Type.Optional(Type.Object({ version: DocumentVersion, code: Type.String({ maxLength: 64 }) }, closed)),
    link: oneOf(linkStates),
    since: UnixMs,
    /** Code of the newest failure while not online. */
    error: Type.Optional(Type.String({ maxLength: 64 })),
    /** What the screen was told last, and how sure we are. */
    screen: Type.Optional(
      Type.Object(
        {
          /** SHA-256 (hex) of the drawn scene. */
          hash: Type.String({ maxLength: 64 }),
          /** The text of the scene, line by line, as told to the device. */
          text: Type.Array(Type.String({ maxLength: 400 }), { maxItems: 400 }),
          freshness: Type.Union([Type.Literal('live'), Type.Literal('stale'), Type.Literal('safe'), Type.Literal('static')]),
          level: ConfirmationLevel,
          /** When the scene was decided, sent to and confirmed by the device, Unix ms. */
          decidedAt: UnixMs,
          sentAt: Type.Optional(UnixMs),
          confirmedAt: Type.Optional(UnixMs),
          /** Live seq by field that the scene was drawn from. */
          fields: Type.Record(FieldKey, Type.Integer({ minimum: 0 })),
        },
        closed,
      ),
    ),
    /** What stands over the plan, and until when. */
    overrides: Type.Optional(Type.Array(OverrideView, { maxItems: 4 })),
    counters: Type.Record(Type.String({ maxLength: 40 }), Type.Integer({ minimum: 0 })),
  },
  closed,
);
export type Reported = Static<typeof Reported>;

/** Types of the facts an agent tells. */
export const edgeRecordTypes = [
  'screen.confirmed',
  'device.link',
  'agent.started',
  'agent.stopped',
  'text.replaced',
  'outbox.gap',
  'command.ended',
  ...(Object.keys(islandRecords) as IslandRecordType[]),
  ...localRecords,
] as const;

/** A fact from the edge, kept in the agent's outbox until the server has committed it. */
export const EdgeRecord = Type.Object(
  {
    seq: Type.Integer({ minimum: 1 }),
    type: oneOf(edgeRecordTypes),
    at: UnixMs,
    device: Type.Optional(Id),
    data: Type.Record(Type.String({ maxLength: 40 }), Type.Unknown()),
  },
  closed,
);
export type EdgeRecord = Static<typeof EdgeRecord>;

const Up = Type.Object(
  {
    epoch: Type.String({ maxLength: 36 }),
    installId: Type.String({ maxLength: 36 }),
    records: Type.Array(EdgeRecord, { minItems: 1, maxItems: 256 }),
  },
  closed,
);
const Upack = Type.Object(
  {
    installId: Type.String({ maxLength: 36 }),
    seq: Type.Integer({ minimum: 0, description: 'Everything up to and including this is committed.' }),
  },
  closed,
);
const Resync = Type.Object(
  { epoch: Type.String({ maxLength: 36 }), gen: Type.String({ maxLength: 36 }), seq: Type.Integer({ minimum: 0 }) },
  closed,
);

type Direction = 'up' | 'down' | 'in' | 'out';
const topic = <const A extends string, const D extends Direction, S extends TSchema>(
  address: A,
  direction: D,
  payload: S,
  options: { qos: 1; retain: boolean; summary: string },
) => ({ address, direction, payload, ...options });

/** `up`: agent to server. `down`: server to agent. `in`/`out`: city platform. */
export const topics = {
  serverState: topic('hall/1/{hall}/server/state', 'down', ServerState, {
    qos: 1,
    retain: true,
    summary: 'Whether the hall server is there; its last will.',
  }),
  hello: topic('hall/1/{hall}/agent/{agent}/hello', 'up', Hello, {
    qos: 1,
    retain: false,
    summary: 'Birth of a session, after every connect.',
  }),
  welcome: topic('hall/1/{hall}/agent/{agent}/welcome', 'down', Welcome, { qos: 1, retain: false, summary: 'Answer to hello.' }),
  presence: topic('hall/1/{hall}/agent/{agent}/presence', 'up', Presence, {
    qos: 1,
    retain: true,
    summary: 'Online, stopped on purpose, lost (last will), or fenced.',
  }),
  heartbeat: topic(
    'hall/1/{hall}/agent/{agent}/heartbeat',
    'up',
    Type.Object(
      { epoch: Type.String({ maxLength: 36, description: 'The session that lives.' }), beat: Type.Optional(Beat) },
      closed,
    ),
    { qos: 1, retain: false, summary: 'The agent lives; said while it is welcomed, whatever else is said.' },
  ),
  tables: topic('hall/1/{hall}/agent/{agent}/tables', 'down', Type.Object({ version: DocumentVersion, tables: Tables }, closed), {
    qos: 1,
    retain: false,
    summary: 'Names and calendar.',
  }),
  desired: topic('hall/1/{hall}/agent/{agent}/device/{device}/desired', 'down', Desired, {
    qos: 1,
    retain: false,
    summary: 'What a device is to be; whole document.',
  }),
  reported: topic('hall/1/{hall}/agent/{agent}/device/{device}/reported', 'up', Reported, {
    qos: 1,
    retain: false,
    summary: 'What a device is; whole document.',
  }),
  live: topic('hall/1/{hall}/agent/{agent}/live', 'down', LiveMessage, {
    qos: 1,
    retain: false,
    summary: 'Changed live fields that this agent shows.',
  }),
  // QoS 1 like all that goes down: a broker may let QoS 0 overtake, and aedes then drops what was overtaken.
  lease: topic('hall/1/{hall}/agent/{agent}/lease', 'down', Lease, {
    qos: 1,
    retain: false,
    summary: 'Renews the age of all live fields the agent holds.',
  }),
  resync: topic('hall/1/{hall}/agent/{agent}/resync', 'up', Resync, {
    qos: 1,
    retain: false,
    summary: 'The agent has missed live changes and asks for all of them.',
  }),
  up: topic('hall/1/{hall}/agent/{agent}/up', 'up', Up, {
    qos: 1,
    retain: false,
    summary: 'Records of the agent outbox, contiguous.',
  }),
  upack: topic('hall/1/{hall}/agent/{agent}/upack', 'down', Upack, {
    qos: 1,
    retain: false,
    summary: 'Cumulative acknowledgement after commit.',
  }),
  command: topic('hall/1/{hall}/agent/{agent}/command', 'down', Command, {
    qos: 1,
    retain: false,
    summary: 'An act for the agent or one of its devices; said again until it is persisted.',
  }),
  commandState: topic('hall/1/{hall}/agent/{agent}/command-state', 'up', CommandProgress, {
    qos: 1,
    retain: false,
    summary: 'How far a command is; also the answer to one that came again.',
  }),
  discover: topic('hall/1/{hall}/agent/{agent}/discover', 'down', Discover, {
    qos: 1,
    retain: false,
    summary: 'Search for devices now; within bounds, and asking only.',
  }),
  discovered: topic('hall/1/{hall}/agent/{agent}/discovered', 'up', Discovered, {
    qos: 1,
    retain: false,
    summary: 'Devices a search has met, and how far it is.',
  }),
  trace: topic('hall/1/{hall}/agent/{agent}/device/{device}/trace', 'down', TraceOrder, {
    qos: 1,
    retain: false,
    summary: 'Tell the raw frames of a device for a bounded time.',
  }),
  traced: topic('hall/1/{hall}/agent/{agent}/device/{device}/traced', 'up', Traced, {
    qos: 1,
    retain: false,
    summary: 'Raw frames of a device that is traced.',
  }),
  timeRequest: topic('hall/1/{hall}/agent/{agent}/time-request', 'up', TimeRequest, {
    qos: 1,
    retain: false,
    summary: 'The agent measures its clock: after each welcome and every minute.',
  }),
  timeReply: topic('hall/1/{hall}/agent/{agent}/time-reply', 'down', TimeReply, {
    qos: 1,
    retain: false,
    summary: 'What time it is, with when the question came and when the answer left.',
  }),
  status: topic('hall/1/{hall}/agent/{agent}/status', 'up', AgentStatus, {
    qos: 1,
    retain: false,
    summary: 'How the agent is: every 30 s and when something of it changes.',
  }),
  waiting: topic('hall/1/{hall}/agent/{agent}/waiting', 'down', WaitingMessage, {
    qos: 1,
    retain: false,
    summary: 'Tickets dealt to the agent, to be called by it alone while the server is away.',
  }),
  platformEvents: topic(
    'hall/1/{hall}/platform/{platform}/events',
    'in',
    Type.Unknown({ description: 'A CloudEvents 1.0 structured JSON event, or an array of them.' }),
    { qos: 1, retain: false, summary: 'The same events as the HTTP intake.' },
  ),
  platformOutcome: topic(
    'hall/1/{hall}/platform/{platform}/outcome',
    'out',
    Type.Object({ outcomes: Type.Array(Type.Unknown()), code: Type.Optional(Type.String()) }),
    { qos: 1, retain: false, summary: 'Outcome of each event after commit.' },
  ),
  platformIsland: topic('hall/1/{hall}/platform/{platform}/island', 'out', PlatformIsland, {
    qos: 1,
    retain: false,
    summary: 'What was called at windows while the server was away, offered to the platform.',
  }),
} as const;
export type TopicName = keyof typeof topics;
type Towards<D extends Direction> = { [N in TopicName]: (typeof topics)[N]['direction'] extends D ? N : never }[TopicName];
const towards = <D extends Direction>(direction: D): readonly Towards<D>[] =>
  (Object.keys(topics) as TopicName[]).filter((name) => topics[name].direction === direction) as Towards<D>[];
/** What agents say to the server. */
export const upTopics = towards('up');
export type UpTopic = (typeof upTopics)[number];
/** What the server says to agents. */
export const agentTopics = towards('down');
export type AgentTopic = (typeof agentTopics)[number];
export type Payload<N extends TopicName> = Static<(typeof topics)[N]['payload']>;

type Names<A extends string> = A extends `${string}{${infer N}}${infer Rest}` ? N | Names<Rest> : never;

/** The address with its names filled in; a missing name is a type error. */
export function addressOf<N extends TopicName>(name: N, names: Record<Names<(typeof topics)[N]['address']>, string>): string {
  return topics[name].address.replace(/\{(\w+)\}/g, (_, key: string) => (names as Record<string, string>)[key] ?? '');
}

/** The address as a filter, names not given become `+`. */
export function filterOf(name: TopicName, names: Record<string, string>): string {
  return topics[name].address.replace(/\{(\w+)\}/g, (_, key: string) => names[key] ?? '+');
}

const matchers = Object.entries(topics).map(([name, { address }]) => ({
  name: name as TopicName,
  levels: address.split('/'),
}));

/** Which declared topic an address is, and the names in it. Undefined for anything else, and for malformed ids. */
export function topicOf(address: string): { name: TopicName; names: Record<string, string> } | undefined {
  const given = address.split('/');
  next: for (const { name, levels } of matchers) {
    if (levels.length !== given.length) continue;
    const names: Record<string, string> = {};
    for (let at = 0; at < levels.length; at += 1) {
      const level = levels[at] ?? '';
      const word = given[at] ?? '';
      if (!level.startsWith('{')) {
        if (level !== word) continue next;
      } else if (isId(word)) names[level.slice(1, -1)] = word;
      else return undefined;
    }
    return { name, names };
  }
  return undefined;
}

/** CloudEvents 1.0 structured envelope around every payload of ours. */
export const Envelope = Type.Object({
  specversion: Type.Literal('1.0'),
  id: Type.String({ minLength: 1, maxLength: 80 }),
  source: Type.String({ minLength: 1, maxLength: 80, description: '/hall/{hall}/server or /hall/{hall}/agent/{agent}' }),
  type: Type.String({ minLength: 1, maxLength: 64, description: 'hall.1.{topic name}' }),
  time: Type.String({ maxLength: 40 }),
  data: Type.Unknown(),
});
export type Envelope<D = unknown> = { specversion: '1.0'; id: string; source: string; type: string; time: string; data: D };

/** Builds the envelope of a payload. `at` is wall time, Unix ms; `id` is unique per source. */
export const envelope = <N extends TopicName>(
  name: N,
  source: string,
  id: string,
  at: number,
  data: Payload<N>,
): Envelope<Payload<N>> => ({
  specversion: '1.0',
  id,
  source,
  type: `hall.1.${name}`,
  time: new Date(at).toISOString(),
  data,
});
