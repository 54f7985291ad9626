/** What agent and server say to each other about the agent itself: the time. Imported by `topics.ts`, so it imports nothing of that. */
import { Type, type Static } from 'typebox';
import { UnixMs } from './ids.ts';

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
