/** What a stage needs to know. Written by whoever starts it: the launcher, a test, a proof. */
import { readFileSync } from 'node:fs';
import { HallContent, HallError, Id } from '@hall/contracts';
import { Type, type Static } from 'typebox';
import { Compile } from 'typebox/compile';
import { Value } from 'typebox/value';

const closed = { additionalProperties: false } as const;
const Port = Type.Integer({ minimum: 0, maximum: 65_535 });

export const StageConfig = Type.Object(
  {
    hall: Id,
    /** Devices with the driver onbon-k become simulated strips on the host and port of their settings. */
    content: HallContent,
    /** YYYY-MM-DD: the day on which the clock's hall time lies. */
    day: Type.String({ pattern: '^\\d{4}-\\d{2}-\\d{2}$' }),
    seed: Type.Union([Type.Integer(), Type.String()], { default: 1 }),
    tickets: Type.Integer({ minimum: 0, maximum: 100_000, default: 6000 }),
    /** How hall time differs from the wall clock; the same as the server's. */
    simulation: Type.Object(
      {
        offsetMs: Type.Integer({ default: 0 }),
        speed: Type.Number({ minimum: 0.1, maximum: 600, default: 1 }),
      },
      { ...closed, default: {} },
    ),
    server: Type.Object(
      {
        baseUrl: Type.String({ pattern: '^http://', maxLength: 200 }),
        /** Standard Webhooks secret of the platform. */
        secret: Type.String({ pattern: '^whsec_', maxLength: 200 }),
        /** The source attribute of all events; on the server's allow-list. */
        source: Type.String({ minLength: 1, maxLength: 256, default: '/city/queue' }),
      },
      closed,
    ),
    /** What the server learns at the start about the morning. */
    catchUp: Type.Union([Type.Literal('snapshot'), Type.Literal('events')], { default: 'snapshot' }),
    /** Network cables of agents: an agent connects to `port` and reaches the broker as long as it is plugged in. */
    cables: Type.Object(
      {
        target: Type.Object({ host: Type.String({ default: '127.0.0.1' }), port: Port }, closed),
        agents: Type.Array(Type.Object({ agent: Id, port: Port }, closed), { maxItems: 64 }),
      },
      { ...closed, default: { target: { port: 1883 }, agents: [] } },
    ),
    /** Pages of the boards, to be looked at in the middle of the stage. */
    boards: Type.Array(
      Type.Object({ name: Type.String({ maxLength: 40 }), url: Type.String({ pattern: '^http://', maxLength: 200 }) }, closed),
      { maxItems: 64, default: [] },
    ),
    consoleUrl: Type.Optional(Type.String({ pattern: '^http://', maxLength: 200 })),
    stage: Type.Object(
      { host: Type.String({ default: '127.0.0.1' }), port: Type.Integer({ minimum: 0, maximum: 65_535, default: 8090 }) },
      { ...closed, default: {} },
    ),
  },
  closed,
);
export type StageConfig = Static<typeof StageConfig>;
const check = Compile(StageConfig);

/** Fills in defaults and checks. @throws HallError CONFIG_INVALID with `field`. */
export function parseStageConfig(given: unknown): StageConfig {
  const filled = Value.Default(StageConfig, structuredClone(given));
  if (check.Check(filled)) return filled;
  const [first] = check.Errors(filled);
  throw new HallError('CONFIG_INVALID', { field: first?.instancePath || '/', reason: first?.message ?? 'must match the schema' });
}

/** Reads a JSON file. @throws HallError CONFIG_INVALID naming the file or the field. */
export function readStageConfig(file: string): StageConfig {
  let given: unknown;
  try {
    given = JSON.parse(readFileSync(file, 'utf8'));
  } catch (error) {
    throw new HallError('CONFIG_INVALID', { file, reason: 'cannot be read as JSON' }, error);
  }
  return parseStageConfig(given);
}
