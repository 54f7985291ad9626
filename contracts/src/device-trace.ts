/** The raw frames between an agent and one device, on request and for a bounded time. */
import { Type, type Static } from 'typebox';
import { Id, UnixMs } from './ids.ts';
import { oneOf } from './words.ts';

const closed = { additionalProperties: false } as const;

/** Frames of one trace, and in one message. */
export const MAX_TRACE_FRAMES = 500;
export const TRACE_FRAMES_PER_MESSAGE = 50;
/** Bytes of a frame that are told; of longer ones the rest is left out and counted. */
export const MAX_TRACED_BYTES = 1024;

const bounds = {
  seconds: Type.Integer({ minimum: 1, maximum: 60, default: 20 }),
  frames: Type.Integer({ minimum: 1, maximum: MAX_TRACE_FRAMES, default: 200 }),
};

/** Topic `trace`: tell every frame of this device from now on, until the time or the number is reached. */
export const TraceOrder = Type.Object({ id: Type.String({ minLength: 1, maxLength: 36 }), ...bounds, deadline: UnixMs }, closed);
export type TraceOrder = Static<typeof TraceOrder>;

export const TracedFrame = Type.Object(
  {
    /** Wall time of the agent, Unix ms with fractions. */
    at: Type.Number({ minimum: 0 }),
    /** `out`: to the device. */
    direction: Type.Union([Type.Literal('in'), Type.Literal('out')]),
    /** The bytes on the wire, lower-case hex; the first `MAX_TRACED_BYTES` of them. */
    hex: Type.String({ pattern: '^(?:[0-9a-f]{2})*$', maxLength: 2 * MAX_TRACED_BYTES }),
    /** How many there were. */
    bytes: Type.Integer({ minimum: 0 }),
    /** What the codec of the driver reads in it; absent where it is no frame. */
    zh: Type.Optional(Type.String({ maxLength: 200 })),
    en: Type.Optional(Type.String({ maxLength: 200 })),
  },
  closed,
);
export type TracedFrame = Static<typeof TracedFrame>;

export const traceStates = ['running', 'done', 'failed'] as const;
/** Topic `traced`: frames since the message before. */
export const Traced = Type.Object(
  {
    epoch: Type.String({ maxLength: 36 }),
    id: Type.String({ minLength: 1, maxLength: 36 }),
    /** From 1; grows with every message of a trace. */
    seq: Type.Integer({ minimum: 1 }),
    state: oneOf(traceStates),
    code: Type.Optional(Type.String({ maxLength: 64 })),
    frames: Type.Array(TracedFrame, { maxItems: TRACE_FRAMES_PER_MESSAGE }),
  },
  closed,
);
export type Traced = Static<typeof Traced>;

export const TraceRequest = Type.Partial(Type.Object(bounds, closed));
export type TraceRequest = Static<typeof TraceRequest>;
export const DeviceTraceView = Type.Object(
  {
    id: Type.String(),
    device: Id,
    by: Type.String({ description: 'Who asked for it.' }),
    startedAt: UnixMs,
    /** Wall time at which it is over at the latest. */
    endsAt: UnixMs,
    state: oneOf(traceStates),
    code: Type.Union([Type.String(), Type.Null()]),
    frames: Type.Array(TracedFrame),
  },
  closed,
);
export type DeviceTraceView = Static<typeof DeviceTraceView>;
