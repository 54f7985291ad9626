/** What an agent needs to boot. Everything else comes from the server as documents. */
import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { HallError, Id } from '@hall/contracts';
import { Type, type Static } from 'typebox';
import { Value } from 'typebox/value';

const closed = { additionalProperties: false } as const;
export const logLevels = ['fatal', 'error', 'warn', 'info', 'debug', 'trace', 'silent'] as const;

export const AgentConfig = Type.Object(
  {
    hall: Type.Union([Id], { description: 'Id of the hall this agent belongs to.' }),
    agent: Type.Optional(
      Type.Union([Id], {
        description:
          'Id of this agent; also its MQTT user name and client id. With an http:// or https:// server only a wish: an administrator gives the id.',
      }),
    ),
    server: Type.Object(
      {
        url: Type.String({
          pattern: '^(?:mqtts?|https?)://[^/]+$',
          maxLength: 200,
          default: 'mqtt://127.0.0.1:1883',
          description:
            'With http:// or https://, the address of the hall server: the agent asks to be admitted and gets a certificate. With mqtt:// or mqtts://, the address of the broker, for an agent with a password.',
        }),
        passwordFile: Type.Optional(
          Type.String({
            minLength: 1,
            description:
              'File that holds the credential of `hall-server agent add`, nothing else. Relative to the configuration.',
          }),
        ),
        caFile: Type.Optional(
          Type.String({
            minLength: 1,
            description:
              'With a password over mqtts://, the authority the broker is judged by, PEM. Relative to the configuration.',
          }),
        ),
        caFingerprint: Type.Optional(
          Type.String({
            pattern: '^[0-9a-fA-F]{64}$',
            description: 'SHA-256 the server prints as `caFingerprint`: an agent that asks to be admitted trusts no other.',
          }),
        ),
        mqttUrl: Type.Optional(
          Type.String({
            pattern: '^mqtts://[^/]+$',
            maxLength: 200,
            description: 'Address of the broker for an admitted agent, where it is not the one the server tells.',
          }),
        ),
      },
      { ...closed, default: {} },
    ),
    data: Type.String({
      minLength: 1,
      default: 'agent-data',
      description: 'Directory of the agent database. Relative to the configuration.',
    }),
    kiosk: Type.Object(
      {
        host: Type.String({ minLength: 1, default: '127.0.0.1', description: 'Address the board pages are served on.' }),
        port: Type.Integer({
          minimum: 0,
          maximum: 65_535,
          default: 7080,
          description: 'Port of the board pages; 0 takes a free one.',
        }),
      },
      { ...closed, default: {} },
    ),
    island: Type.Object(
      {
        mode: Type.Union([Type.Literal('auto'), Type.Literal('at_once'), Type.Literal('off')], {
          default: 'auto',
          description:
            'When keys at windows may call without the server. auto: after `afterMs`, once the lease has run out; at_once: as soon as the server is away; off: never.',
        }),
        afterMs: Type.Integer({
          minimum: 1000,
          maximum: 600_000,
          default: 10_000,
          description: 'The server must have been away for so long, ms.',
        }),
        host: Type.Union([Type.Literal('127.0.0.1'), Type.Literal('::1')], {
          default: '127.0.0.1',
          description: 'Loopback address of the local call port.',
        }),
        port: Type.Integer({
          minimum: 0,
          maximum: 65_535,
          default: 0,
          description:
            'Port of the local call port; 0 takes a free one. Address and token are written to `call-port.json` in `data`.',
        }),
      },
      { ...closed, default: {} },
    ),
    speech: Type.Object(
      {
        voice: Type.Union([Type.Literal('none'), Type.Literal('recording'), Type.Literal('espeak')], {
          default: 'none',
          description: 'What says calls of island mode aloud: nothing, a file that records them, or espeak-ng of the system.',
        }),
        file: Type.String({
          minLength: 1,
          default: 'speech.jsonl',
          description: 'Where `recording` writes, one line of JSON each. Relative to `data`.',
        }),
        maxAgeMs: Type.Integer({
          minimum: 1000,
          maximum: 60_000,
          default: 10_000,
          description: 'A call that had to wait longer is not said any more, ms.',
        }),
      },
      { ...closed, default: {} },
    ),
    updates: Type.Object(
      {
        url: Type.Optional(
          Type.String({
            pattern: '^https?://[^/]+$',
            maxLength: 200,
            description: 'Hall server that updates come from; default `server.url` where that is http:// or https://.',
          }),
        ),
        bytesPerS: Type.Integer({
          minimum: 10_000,
          maximum: 100_000_000,
          default: 1_000_000,
          description: 'Updates are fetched no faster, bytes a second: calls go over the same line.',
        }),
      },
      { ...closed, default: {} },
    ),
    log: Type.Union(
      logLevels.map((level) => Type.Literal(level)),
      { default: 'info', description: 'Least severe level that is logged.' },
    ),
  },
  closed,
);
export type AgentConfig = Static<typeof AgentConfig>;

/** Hall server that updates come from; undefined where none is known. */
export const updatesUrl = (config: AgentConfig): string | undefined =>
  config.updates.url ?? (asksToBeAdmitted(config) ? config.server.url : undefined);

/** Whether the agent gets its id and certificate from the server, rather than having a password. */
export const asksToBeAdmitted = ({ server }: AgentConfig): boolean => server.url.startsWith('http');

/**
 * The configuration with its defaults filled in.
 * @throws HallError CONFIG_INVALID with `field` (dotted path) and `reason`.
 */
export function parseConfig(input: unknown): AgentConfig {
  const config = Value.Default(AgentConfig, structuredClone(input));
  if (Value.Check(AgentConfig, config)) {
    if (asksToBeAdmitted(config)) return config;
    const reason = 'is needed with an mqtt:// or mqtts:// server';
    if (config.agent === undefined) throw new HallError('CONFIG_INVALID', { field: 'agent', reason });
    if (config.server.passwordFile === undefined) throw new HallError('CONFIG_INVALID', { field: 'server.passwordFile', reason });
    return config;
  }
  const [error] = Value.Errors(AgentConfig, config).filter(({ keyword }) => keyword !== 'boolean' && keyword !== 'anyOf');
  const [first] = error ? [error] : Value.Errors(AgentConfig, config);
  const params = (first?.params ?? {}) as { requiredProperties?: string[]; additionalProperties?: string[] };
  const named = params.requiredProperties?.[0] ?? params.additionalProperties?.[0];
  const parts = (first?.instancePath ?? '').split('/').filter((part) => part !== '');
  throw new HallError('CONFIG_INVALID', {
    field: [...parts, ...(named === undefined ? [] : [named])].join('.') || '(root)',
    reason: first?.message ?? 'must match the schema',
  });
}

/**
 * Reads a JSON configuration file; its relative paths count from the folder it lies in.
 * @throws HallError CONFIG_INVALID when it cannot be read, is not JSON, or has a wrong field.
 */
export async function readConfig(file: string): Promise<AgentConfig> {
  let text: string;
  try {
    text = await readFile(file, 'utf8');
  } catch (error) {
    throw new HallError('CONFIG_INVALID', { field: '(file)', reason: 'cannot be read', file }, error);
  }
  let input: unknown;
  try {
    input = JSON.parse(text);
  } catch (error) {
    throw new HallError('CONFIG_INVALID', { field: '(file)', reason: 'is not JSON', file }, error);
  }
  const config = parseConfig(input);
  const folder = path.dirname(path.resolve(file));
  const { passwordFile, caFile, ...server } = config.server;
  return {
    ...config,
    data: path.resolve(folder, config.data),
    server: {
      ...server,
      ...(passwordFile !== undefined && { passwordFile: path.resolve(folder, passwordFile) }),
      ...(caFile !== undefined && { caFile: path.resolve(folder, caFile) }),
    },
  };
}
