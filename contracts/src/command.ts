/**
 * Commands: acts on a device or an agent that are no lasting wish. A command has an id that makes it happen once, a deadline by
 * which it has begun or is dropped, and ends in exactly one outcome that rests on the agent's own record.
 */
import { Type, type Static, type TObject } from 'typebox';
import { Value } from 'typebox/value';
import { Id, UnixMs } from './ids.ts';
import { ConfirmationLevel } from './screen.ts';
import { oneOf } from './words.ts';

const closed = { additionalProperties: false } as const;

/** What can be commanded. Stored; never renamed. */
export const commandActs = [
  'restart',
  'identify',
  'test_pattern',
  'black',
  'brightness',
  'clock_set',
  'logs_fetch',
  'update',
] as const;
export type CommandAct = (typeof commandActs)[number];
export const CommandActSchema = oneOf(commandActs);

/** How long an override lasts, s; without it until it is taken back. */
const LastsS = Type.Optional(Type.Integer({ minimum: 1, maximum: 86_400 }));

export interface ActRule {
  readonly arguments: TObject;
  /** What it can be said to. */
  readonly to: 'device' | 'agent' | 'both';
  /** By when it has begun or is dropped, s of machine time after it was given. */
  readonly withinS: { readonly default: number; readonly largest: number };
  /** Doing it twice is the same as doing it once. Where not, an intent is written first and nothing is repeated blindly. */
  readonly repeatable: boolean;
  /** It holds until it is taken back or its time is over: a state of the device, not a moment. */
  readonly override: boolean;
  /** Visitors see or miss something: a person is asked first. */
  readonly disturbs: boolean;
}

/** Every act, once. All need the permission `device.command`. */
export const actRules = {
  restart: {
    arguments: Type.Object({}, closed),
    to: 'both',
    withinS: { default: 60, largest: 600 },
    repeatable: false,
    override: false,
    disturbs: true,
  },
  identify: {
    arguments: Type.Object({ seconds: Type.Integer({ minimum: 1, maximum: 60, default: 10 }) }, closed),
    to: 'device',
    withinS: { default: 15, largest: 60 },
    repeatable: true,
    override: true,
    disturbs: true,
  },
  test_pattern: {
    arguments: Type.Object({ seconds: Type.Integer({ minimum: 1, maximum: 300, default: 30 }) }, closed),
    to: 'device',
    withinS: { default: 15, largest: 60 },
    repeatable: true,
    override: true,
    disturbs: true,
  },
  black: {
    arguments: Type.Object({ on: Type.Boolean(), seconds: LastsS }, closed),
    to: 'device',
    withinS: { default: 30, largest: 3600 },
    repeatable: true,
    override: true,
    disturbs: true,
  },
  brightness: {
    /** Percent of the panel's largest brightness; null takes an override back. */
    arguments: Type.Object(
      { percent: Type.Union([Type.Integer({ minimum: 0, maximum: 100 }), Type.Null()]), seconds: LastsS },
      closed,
    ),
    to: 'device',
    withinS: { default: 30, largest: 3600 },
    repeatable: true,
    override: true,
    disturbs: true,
  },
  clock_set: {
    arguments: Type.Object({}, closed),
    to: 'device',
    withinS: { default: 60, largest: 3600 },
    repeatable: true,
    override: false,
    disturbs: false,
  },
  logs_fetch: {
    arguments: Type.Object({ lines: Type.Integer({ minimum: 1, maximum: 500, default: 200 }) }, closed),
    to: 'agent',
    withinS: { default: 30, largest: 120 },
    repeatable: true,
    override: false,
    disturbs: false,
  },
  update: {
    /** A bundle of the agent package on the hall server: its path there, a token for it, and what it has to be. */
    arguments: Type.Object(
      {
        path: Type.String({ pattern: '^/api/v1/halls/[a-z0-9-]{1,32}/updates/[0-9a-f]{64}/bundle$' }),
        token: Type.String({ pattern: '^[A-Za-z0-9_-]{43}$' }),
        sha256: Type.String({ pattern: '^[0-9a-f]{64}$' }),
        /** Bytes. */
        size: Type.Integer({ minimum: 1, maximum: 64 * 1024 * 1024 }),
        version: Type.String({ pattern: '^[0-9A-Za-z.+-]{1,32}$' }),
      },
      closed,
    ),
    to: 'agent',
    withinS: { default: 300, largest: 3600 },
    repeatable: false,
    override: false,
    disturbs: true,
  },
} as const satisfies Record<CommandAct, ActRule>;

export const ruleOf = (act: CommandAct): ActRule => actRules[act];
export type ActArguments<A extends CommandAct> = Static<(typeof actRules)[A]['arguments']>;

/** The arguments with their defaults, or undefined when they do not match the act. */
export function argumentsFor(act: CommandAct, given: unknown): Record<string, unknown> | undefined {
  const filled: unknown = Value.Default(ruleOf(act).arguments, structuredClone(given ?? {}));
  return Value.Check(ruleOf(act).arguments, filled) ? (filled as Record<string, unknown>) : undefined;
}

/** In this order; none is gone back to. `created`: the agent has not been told. `persisted`: it is in the agent's journal. */
export const commandStates = ['created', 'sent', 'persisted', 'begun', 'ended'] as const;
export type CommandState = (typeof commandStates)[number];
export const CommandStateSchema = oneOf(commandStates);

/**
 * How a command ended. `applied`: done, as sure as `level` says. `refused`: agent or device said no, nothing is in force.
 * `failed`: tried, nothing is in force. `expired`: not begun by its deadline. `cancelled`: a person took it back before it began.
 * `unknown`: begun, and nobody can say any more whether it was done.
 */
export const commandOutcomes = ['applied', 'refused', 'failed', 'expired', 'cancelled', 'unknown'] as const;
export type CommandOutcome = (typeof commandOutcomes)[number];
export const CommandOutcomeSchema = oneOf(commandOutcomes);

/** The idempotence key: a second delivery of the same id has no second effect. */
export const CommandId = Type.String({ pattern: '^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$' });

/** Newest log lines of an agent in one result, characters in all: a result has to fit in one record of the outbox. */
export const MOST_LOG_CHARACTERS = 40_000;

export const CommandEnd = Type.Object(
  {
    outcome: CommandOutcomeSchema,
    /** Only of `applied`. */
    level: Type.Optional(ConfirmationLevel),
    /** Error code of what went wrong, or why it was dropped. */
    code: Type.Optional(Type.String({ maxLength: 64 })),
    /** What was read back or observed, by name; `before` is what was in force, for the way back. */
    evidence: Type.Optional(Type.Record(Type.String({ maxLength: 40 }), Type.Unknown())),
  },
  closed,
);
export type CommandEnd = Static<typeof CommandEnd>;

/** A command on its way to an agent. Every delivery carries all of it. */
export const Command = Type.Object(
  {
    id: CommandId,
    act: CommandActSchema,
    /** Without it the agent itself is meant. */
    device: Type.Optional(Id),
    arguments: Type.Record(Type.String({ maxLength: 40 }), Type.Unknown()),
    /** What was left until the deadline when this message was sent, ms of machine time; the clock of the agent does not matter. */
    remainingMs: Type.Integer({ minimum: 0, maximum: 86_400_000 }),
    /** Hall time at which this message was sent, Unix ms: a message that was held up on its way is found to be late by it. */
    sentAt: UnixMs,
    /** Do not begin it. An agent that has not heard of it notes that it is cancelled. */
    cancel: Type.Optional(Type.Literal(true)),
  },
  closed,
);
export type Command = Static<typeof Command>;

/** Where a command stands at the agent; progress. The durable word is the outbox record `command.ended`. */
export const CommandProgress = Type.Object(
  {
    epoch: Type.String({ maxLength: 36 }),
    id: CommandId,
    state: Type.Union([Type.Literal('persisted'), Type.Literal('begun'), Type.Literal('ended')]),
    /** Hall time as the agent knows it, Unix ms. */
    at: UnixMs,
    /** With `ended`: as it stands in the agent's journal. */
    end: Type.Optional(CommandEnd),
  },
  closed,
);
export type CommandProgress = Static<typeof CommandProgress>;

/** What stands over the plan of a device. */
export const overrideKinds = ['identify', 'test_pattern', 'black', 'brightness'] as const;
export type OverrideKind = (typeof overrideKinds)[number];
export const OverrideView = Type.Object(
  {
    kind: oneOf(overrideKinds),
    command: CommandId,
    /** Only of `brightness`. */
    percent: Type.Optional(Type.Integer({ minimum: 0, maximum: 100 })),
    /** When it ends by itself, Unix ms; without it when it is taken back. */
    until: Type.Optional(UnixMs),
  },
  closed,
);
export type OverrideView = Static<typeof OverrideView>;
