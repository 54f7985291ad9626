/** Commands over HTTP: what a person gives, and what the console sees. */
import { Type, type Static } from 'typebox';
import { CommandActSchema, CommandEnd, CommandId, CommandStateSchema } from './command.ts';
import { Id, UnixMs } from './ids.ts';

const closed = { additionalProperties: false } as const;
const Arguments = Type.Record(Type.String({ maxLength: 40 }), Type.Unknown());
const WithinS = Type.Optional(
  Type.Integer({ minimum: 1, maximum: 86_400, description: 'Must have begun within so many seconds; each act has its default.' }),
);

/** One command: to a device, or to an agent itself. */
export const CommandRequest = Type.Object(
  {
    act: CommandActSchema,
    device: Type.Optional(Id),
    agent: Type.Optional(Id),
    arguments: Type.Optional(Arguments),
    withinS: WithinS,
  },
  closed,
);
export type CommandRequest = Static<typeof CommandRequest>;

/** One act for many devices. */
export const BatchRequest = Type.Object(
  {
    act: CommandActSchema,
    devices: Type.Array(Id, { minItems: 1, maxItems: 2000, uniqueItems: true }),
    arguments: Type.Optional(Arguments),
    withinS: WithinS,
  },
  closed,
);
export type BatchRequest = Static<typeof BatchRequest>;

export const CommandView = Type.Object(
  {
    id: CommandId,
    batch: Type.Union([CommandId, Type.Null()]),
    act: CommandActSchema,
    agent: Id,
    device: Type.Union([Id, Type.Null()]),
    arguments: Arguments,
    /** Sign-in name of who gave it. */
    person: Type.String(),
    createdAt: UnixMs,
    /** Null while it waits for its turn in a batch. */
    deadlineAt: Type.Union([UnixMs, Type.Null()]),
    state: CommandStateSchema,
    /** When it came to be so, by the server's clock. */
    since: UnixMs,
    /** A person has asked for it not to begin. */
    cancelAsked: Type.Boolean(),
    end: Type.Union([CommandEnd, Type.Null()]),
  },
  closed,
);
export type CommandView = Static<typeof CommandView>;

/** One step of a command, in order; `detail` says what it rests on. */
export const CommandStep = Type.Object({ at: UnixMs, state: CommandStateSchema, detail: Arguments }, closed);
export type CommandStep = Static<typeof CommandStep>;
export const CommandHistory = Type.Object({ command: CommandView, steps: Type.Array(CommandStep) }, closed);
export type CommandHistory = Static<typeof CommandHistory>;

export const BatchView = Type.Object(
  {
    id: CommandId,
    act: CommandActSchema,
    arguments: Arguments,
    person: Type.String(),
    createdAt: UnixMs,
    /** A person has stopped it: what had not begun was cancelled. */
    stopped: Type.Boolean(),
    /** The batch that this one takes back. */
    takesBack: Type.Union([CommandId, Type.Null()]),
    /** The newest command of each device. */
    commands: Type.Array(CommandView),
  },
  closed,
);
export type BatchView = Static<typeof BatchView>;
