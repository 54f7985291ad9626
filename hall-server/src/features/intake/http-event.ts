/** The CloudEvents HTTP binding 1.0.2: which mode a request is in, and where its events are. Pure. */
import type { IncomingHttpHeaders } from 'node:http';
import { HallError } from '@hall/contracts';
import type { Given } from './service.ts';
import { decodeUtf8, strictValue } from './strict-json.ts';

export const MODES = {
  'application/cloudevents+json': 'structured',
  'application/cloudevents-batch+json': 'batch',
  'application/json': 'binary',
} as const;
export type Mode = (typeof MODES)[keyof typeof MODES];

/** Largest body per mode, bytes. */
export const BODY_LIMITS: Readonly<Record<Mode, number>> = {
  structured: 1024 * 1024,
  binary: 1024 * 1024,
  batch: 4 * 1024 * 1024,
};

const ATTRIBUTES = ['specversion', 'id', 'source', 'type', 'subject', 'time', 'sequence', 'dataschema', 'traceparent'] as const;

/** @throws HallError MEDIA_TYPE_UNSUPPORTED. A request without a type but with `ce-` headers is binary mode without data. */
export function modeOf(headers: IncomingHttpHeaders): Mode {
  const given = headers['content-type'] ?? '';
  if (Object.hasOwn(MODES, given)) return MODES[given as keyof typeof MODES];
  const [type = '', ...parameters] = given.toLowerCase().split(';');
  const charset = parameters.map((parameter) => parameter.trim()).find((parameter) => parameter.startsWith('charset='));
  const refuse = (expected: string) => new HallError('MEDIA_TYPE_UNSUPPORTED', { field: 'content-type', expected });
  if (charset !== undefined && !/^charset="?utf-8"?$/.test(charset)) throw refuse('charset=utf-8');
  const media = type.trim();
  if (media === '' && headers['ce-specversion'] !== undefined) return 'binary';
  if (!Object.hasOwn(MODES, media)) throw refuse(Object.keys(MODES).join(', '));
  return MODES[media as keyof typeof MODES];
}

/** HTTP headers carry what is not printable ASCII percent-encoded (binding §3.1.3.2). */
function headerText(value: string | string[], name: string): string {
  if (Array.isArray(value)) throw new HallError('EVENT_INVALID', { field: name, expected: 'one value' });
  try {
    return decodeURIComponent(value);
  } catch {
    throw new HallError('EVENT_INVALID', { field: name, expected: 'percent-encoded UTF-8' });
  }
}

function binaryEvent(headers: IncomingHttpHeaders, text: string): Given {
  const data = text === '' ? undefined : strictValue(text);
  const event: Record<string, unknown> = {};
  for (const attribute of ATTRIBUTES) {
    const value = headers[`ce-${attribute}`];
    if (value !== undefined) event[attribute] = headerText(value, `ce-${attribute}`);
  }
  if (data) event['data'] = data.value;
  return { form: 'assembled', text: JSON.stringify(event), ...(data?.fault && { fault: data.fault }) };
}

/**
 * The events of a request body, not yet looked into.
 * @throws HallError BODY_TOO_LARGE, BODY_NOT_UTF8; of binary mode also BODY_NOT_JSON and EVENT_INVALID for a header.
 */
export function givenOf(mode: Mode, headers: IncomingHttpHeaders, body: Uint8Array): Given {
  const limit = BODY_LIMITS[mode];
  if (body.length > limit) throw new HallError('BODY_TOO_LARGE', { limit, got: body.length });
  const text = decodeUtf8(body);
  if (mode === 'binary') return binaryEvent(headers, text);
  return { form: mode === 'batch' ? 'list' : 'one', text };
}

/** Where a field of the event is in a binary request: attributes are headers, data is the body. */
export function binaryField(field: string): string {
  const [, first = '', ...rest] = field.split('/');
  if (first === 'data') return rest.length === 0 ? '' : `/${rest.join('/')}`;
  return (ATTRIBUTES as readonly string[]).includes(first) ? `ce-${first}` : field;
}
