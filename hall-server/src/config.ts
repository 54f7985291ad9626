/** What is needed to boot, and nothing else: one schema gives types, defaults, errors and the settings page of the docs. */
import { readFileSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import { HallError, Id } from '@hall/contracts';
import { Type, type Static } from 'typebox';
import { Compile } from 'typebox/compile';
import { Value } from 'typebox/value';
import { problemOf } from './platform/problem.ts';

const closed = { additionalProperties: false } as const;
const Port = (value: number, description: string) => Type.Integer({ minimum: 0, maximum: 65_535, default: value, description });

export const ServerConfig = Type.Object(
  {
    /** Id of the hall; part of every address and topic. */
    hall: Id,
    data: Type.String({
      minLength: 1,
      default: './data',
      description: 'Folder of the database and its keys. Relative to the configuration.',
    }),
    http: Type.Object(
      {
        host: Type.String({ default: '127.0.0.1', description: 'Address to listen on.' }),
        port: Port(8080, 'HTTP port; 0 takes a free one.'),
        tls: Type.Boolean({ default: false, description: 'HTTPS instead of HTTP, with the certificate of the server.' }),
        publicUrl: Type.Optional(
          Type.String({
            pattern: '^https?://[^/\\s]+$',
            maxLength: 200,
            description:
              'Where people reach the console, e.g. https://hall.example; printed on the labels of devices. Left out: the address in the browser that prints.',
          }),
        ),
        console: Type.Optional(
          Type.String({
            description: 'Folder of the built console; the one beside the server if left out. Relative to the configuration.',
          }),
        ),
      },
      { ...closed, default: {} },
    ),
    mqtt: Type.Object(
      {
        host: Type.String({ default: '127.0.0.1', description: 'Address the embedded broker listens on.' }),
        port: Port(1883, 'MQTT port of the embedded broker; 0 takes a free one.'),
        external: Type.Optional(
          Type.Object(
            {
              url: Type.String({ pattern: '^mqtts?://', description: 'Broker to use instead of the embedded one.' }),
              username: Type.String({ minLength: 1 }),
              passwordFile: Type.String({
                minLength: 1,
                description: 'File that holds the password. Relative to the configuration.',
              }),
            },
            closed,
          ),
        ),
      },
      { ...closed, default: {} },
    ),
    mqtts: Type.Optional(
      Type.Object(
        {
          host: Type.String({ default: '127.0.0.1', description: 'Address the embedded broker listens on for TLS.' }),
          port: Port(8883, 'MQTT port for TLS; 0 takes a free one.'),
        },
        { ...closed, description: 'MQTT over TLS; agents can be admitted by certificate only with it.' },
      ),
    ),
    tls: Type.Object(
      {
        names: Type.Array(Type.String({ pattern: '^[A-Za-z0-9.:-]{1,253}$' }), {
          maxItems: 50,
          default: [],
          description: 'Names and addresses agents and browsers use for the server, beside those of the machine.',
        }),
        agentDays: Type.Integer({
          minimum: 1,
          maximum: 825,
          default: 90,
          description: 'Days a certificate of an agent is valid; it is renewed after two thirds.',
        }),
        certFile: Type.Optional(
          Type.String({
            minLength: 1,
            description:
              'Certificate of your own for the server, PEM with its chain, instead of one of the hall CA. Relative to the configuration.',
          }),
        ),
        keyFile: Type.Optional(Type.String({ minLength: 1, description: 'Its key, PEM. Relative to the configuration.' })),
        caFile: Type.Optional(
          Type.String({
            minLength: 1,
            description:
              'Authority that agents are to trust for it; the end of the chain if left out. Relative to the configuration.',
          }),
        ),
      },
      { ...closed, default: {} },
    ),
    simulation: Type.Optional(
      Type.Object(
        {
          offsetMs: Type.Integer({ default: 0, description: 'Added to the wall clock at the start, ms.' }),
          speed: Type.Number({ minimum: 0.1, maximum: 600, default: 1, description: 'Hall seconds per second.' }),
        },
        { ...closed, description: 'Hall time that differs from the wall clock; never in a real hall.' },
      ),
    ),
    retention: Type.Object(
      {
        queueDays: Type.Integer({ minimum: 1, maximum: 3650, default: 400, description: 'Ticket, window and rating facts.' }),
        caseDays: Type.Integer({ minimum: 1, maximum: 3650, default: 1825, description: 'Case facts.' }),
        edgeDays: Type.Integer({ minimum: 1, maximum: 3650, default: 90, description: 'Facts reported by agents.' }),
        personalDays: Type.Integer({
          minimum: 1,
          maximum: 365,
          default: 30,
          description: 'Masked names; their day keys are destroyed.',
        }),
      },
      { ...closed, default: {} },
    ),
    ballastMb: Type.Integer({ minimum: 0, maximum: 1024, default: 32, description: 'Space kept for a full disk, MB.' }),
    log: Type.Union(
      [
        Type.Literal('silent'),
        Type.Literal('error'),
        Type.Literal('warn'),
        Type.Literal('info'),
        Type.Literal('debug'),
        Type.Literal('trace'),
      ],
      {
        default: 'info',
        description: 'Lowest level written to the log.',
      },
    ),
  },
  closed,
);
export type ServerConfig = Static<typeof ServerConfig>;

const check = Compile(ServerConfig);

/** Fills in defaults and checks. @throws HallError CONFIG_INVALID naming the field. */
export function parseConfig(given: unknown): ServerConfig {
  const filled = Value.Default(ServerConfig, structuredClone(given));
  if (check.Check(filled)) {
    const { certFile, keyFile, caFile } = filled.tls;
    const alone = (certFile === undefined) !== (keyFile === undefined) || (caFile !== undefined && certFile === undefined);
    if (alone) throw new HallError('CONFIG_INVALID', { field: '/tls', expected: 'certFile and keyFile together' });
    return filled;
  }
  const { field, expected } = problemOf(check.Errors(filled));
  throw new HallError('CONFIG_INVALID', { field: field === '' ? '/' : field, expected });
}

/** Reads a JSON configuration file; paths in it count from its folder. @throws HallError CONFIG_INVALID naming the file or the field. */
export function readConfig(path: string): ServerConfig {
  let given: unknown;
  try {
    given = JSON.parse(readFileSync(path, 'utf8'));
  } catch (error) {
    throw new HallError('CONFIG_INVALID', { file: path, expected: 'a readable JSON file' }, error);
  }
  const { data, http, mqtt, tls, ...config } = parseConfig(given);
  const from = (file: string) => resolve(dirname(path), file);
  const { console: pages } = http;
  const { external } = mqtt;
  const files = (['certFile', 'keyFile', 'caFile'] as const).flatMap((name) =>
    tls[name] === undefined ? [] : [[name, from(tls[name])] as const],
  );
  return {
    ...config,
    tls: { ...tls, ...Object.fromEntries(files) },
    data: from(data),
    http: { ...http, ...(pages !== undefined && { console: from(pages) }) },
    mqtt: { ...mqtt, ...(external && { external: { ...external, passwordFile: from(external.passwordFile) } }) },
  };
}
