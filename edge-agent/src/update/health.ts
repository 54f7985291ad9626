/** When a release on trial counts as healthy. Pure. */
import { Type, type Static } from 'typebox';
import { Compile } from 'typebox/compile';

/** What an agent says about itself with a heartbeat. */
export const Facts = Type.Object(
  {
    /** The server has taken it. */
    welcomed: Type.Boolean(),
    /** Devices that are connected. */
    online: Type.Array(Type.String({ maxLength: 40 }), { maxItems: 1000 }),
  },
  { additionalProperties: false },
);
export type Facts = Static<typeof Facts>;
const isFacts = Compile(Facts);
export const factsFrom = (input: unknown): Facts | undefined => (isFacts.Check(input) ? input : undefined);

/**
 * With the server: it has been welcomed. Without it: it runs from its store, which it has opened before it can say anything, and
 * every device that was online before is online again.
 */
export const isHealthy = ({ welcomed, online }: Facts, before: readonly string[]): boolean =>
  welcomed || before.every((device) => online.includes(device));
