/** Bad input with the code and field that must answer it. Events are tried alone, inside a batch of good ones, and over MQTT. */
import type { PlatformEvent } from '@hall/simulators';

export interface BadEvent {
  readonly name: string;
  readonly code: string;
  /** JSON pointer, in structured mode. */
  readonly field?: string;
  /** Makes the text of a bad event out of a good one. */
  readonly spoil: (good: PlatformEvent) => string;
}

const json = (value: unknown) => JSON.stringify(value);
const set = (more: Record<string, unknown>) => (good: PlatformEvent) => json({ ...good, ...more });
const without = (field: keyof PlatformEvent) => (good: PlatformEvent) => json({ ...good, [field]: undefined });
const data = (type: string, given: unknown) => (good: PlatformEvent) => json({ ...good, type, data: given });
const invalid = (name: string, field: string, spoil: BadEvent['spoil']): BadEvent => ({
  name,
  code: 'EVENT_INVALID',
  field,
  spoil,
});
const unknown = (name: string, field: string, spoil: BadEvent['spoil']): BadEvent => ({
  name,
  code: 'EVENT_REFERENCE_UNKNOWN',
  field,
  spoil,
});
const text = (name: string, field: string, spoil: BadEvent['spoil']): BadEvent => ({
  name,
  code: 'EVENT_TEXT_REFUSED',
  field,
  spoil,
});

export const badEvents: readonly BadEvent[] = [
  invalid('no specversion', '/specversion', without('specversion')),
  invalid('another specversion', '/specversion', set({ specversion: '0.3' })),
  invalid('a number as specversion', '/specversion', set({ specversion: 1 })),
  invalid('no id', '/id', without('id')),
  invalid('an empty id', '/id', set({ id: '' })),
  invalid('an id of 129 characters', '/id', set({ id: 'x'.repeat(129) })),
  invalid('an id that is null', '/id', set({ id: null })),
  text('a line break in the id', '/id', set({ id: 'a\nb' })),
  text('an escape sequence in the id', '/id', set({ id: 'a\u001b[2J' })),
  text('half a character in the id', '/id', (good) => json(good).replace('"id":"', '"id":"\\ud800')),
  invalid('no source', '/source', without('source')),
  {
    name: 'a source that is not registered',
    code: 'EVENT_SOURCE_REFUSED',
    field: '/source',
    spoil: set({ source: 'urn:other' }),
  },
  invalid('no type', '/type', without('type')),
  { name: 'an unknown type', code: 'EVENT_TYPE_UNKNOWN', field: '/type', spoil: set({ type: 'ticket.eaten' }) },
  { name: 'an inherited name as type', code: 'EVENT_TYPE_UNKNOWN', field: '/type', spoil: set({ type: 'toString' }) },
  invalid('no time', '/time', without('time')),
  invalid('a time without zone', '/time', set({ time: '2026-11-23T10:00:00' })),
  invalid('a day that does not exist', '/time', set({ time: '2026-02-30T10:00:00Z' })),
  invalid('a time as number', '/time', set({ time: 1_700_000_000 })),
  { name: 'a time years ahead', code: 'EVENT_TIME_REFUSED', field: '/time', spoil: set({ time: '2099-01-01T00:00:00Z' }) },
  invalid('no subject', '/subject', without('subject')),
  invalid('a subject with a space', '/subject', set({ subject: 't 1' })),
  invalid('no sequence', '/sequence', without('sequence')),
  invalid('sequence 0', '/sequence', set({ sequence: '0' })),
  invalid('a sequence below 0', '/sequence', set({ sequence: '-1' })),
  invalid('a sequence as number', '/sequence', set({ sequence: 1 })),
  invalid('a sequence with an exponent', '/sequence', set({ sequence: '1e3' })),
  invalid('XML as content type of the data', '/datacontenttype', set({ datacontenttype: 'text/xml' })),
  invalid('no data', '/data/ticket', without('data')),
  invalid('a ticket with mark-up', '/data/ticket', data('ticket.called', { ticket: '<b>', window: 'w01' })),
  invalid('a ticket in full-width digits', '/data/ticket', data('ticket.called', { ticket: 'A００１', window: 'w01' })),
  invalid('a ticket as number', '/data/ticket', data('ticket.called', { ticket: 7, window: 'w01' })),
  invalid('a window that is a path', '/data/window', data('ticket.called', { ticket: 'A1', window: '../etc' })),
  unknown('an unknown window', '/data/window', data('ticket.called', { ticket: 'A1', window: 'w99' })),
  unknown('an unknown service', '/data/service', data('ticket.issued', { ticket: 'A1', service: 'none' })),
  invalid('a free sentence as reason of a pause', '/data/reason', data('window.paused', { window: 'w01', reason: '喝茶' })),
  invalid('grade 6', '/data/grade', data('rating.given', { window: 'w01', grade: 6 })),
  invalid('a case number with a slash', '/data/case', data('case.accepted', { case: 'a/b' })),
  invalid('a list that is no list', '/data/services', data('window.services_set', { window: 'w01', services: 'all' })),
  { name: 'a repeated key', code: 'BODY_DUPLICATE_KEY', field: '/id', spoil: (good) => `{"id":"x",${json(good).slice(1)}` },
  { name: 'forty levels', code: 'BODY_TOO_DEEP', spoil: set({ data: JSON.parse('['.repeat(40) + ']'.repeat(40)) as unknown }) },
];

export interface BadRequest {
  readonly name: string;
  readonly status: number;
  readonly code: string;
  readonly field?: string;
  readonly body: (good: string) => string | Uint8Array;
  /** Replace those of a good request; an empty one is left out. */
  readonly headers?: (right: Readonly<Record<string, string>>) => Readonly<Record<string, string>>;
}

const BATCH = 'application/cloudevents-batch+json';
const MEGABYTE = 1_000_000;
const same = (good: string) => good;
const bytes =
  (...values: number[]) =>
  () =>
    Uint8Array.from(values);
const notJson = (name: string, body: BadRequest['body']): BadRequest => ({ name, status: 400, code: 'BODY_NOT_JSON', body });
const notUtf8 = (name: string, body: BadRequest['body']): BadRequest => ({ name, status: 400, code: 'BODY_NOT_UTF8', body });
const tooLarge = (name: string, body: BadRequest['body'], type?: string): BadRequest => ({
  name,
  status: 413,
  code: 'BODY_TOO_LARGE',
  body,
  ...(type === undefined ? {} : { headers: () => ({ 'content-type': type }) }),
});
const unsigned = (name: string, code: string, field: string, headers: BadRequest['headers']): BadRequest => ({
  name,
  status: 401,
  code,
  field,
  body: same,
  ...(headers === undefined ? {} : { headers }),
});

export const badRequests: readonly BadRequest[] = [
  notUtf8('a byte that is never in UTF-8', bytes(0x7b, 0xff, 0x7d)),
  notUtf8('an overlong character', bytes(0x22, 0xc0, 0xaf, 0x22)),
  notUtf8('a surrogate in UTF-8', bytes(0x22, 0xed, 0xa0, 0x80, 0x22)),
  notUtf8('GBK', bytes(0x22, 0xd6, 0xd0, 0xce, 0xc4, 0x22)),
  notUtf8('a character cut off', bytes(0x22, 0xe4, 0xb8)),
  notUtf8('UTF-16', () => Buffer.from('\ufeff{}', 'utf16le')),
  notJson('an empty body', () => ''),
  notJson('an object cut off', (good) => good.slice(0, -1)),
  notJson('a comma too many', (good) => `${good.slice(0, -1)},}`),
  notJson('a byte order mark', (good) => `\ufeff${good}`),
  notJson('NaN', () => '{"a":NaN}'),
  notJson('two values', (good) => good + good),
  notJson('a raw control character', () => '{"a":"\u0001"}'),
  notJson('single quotes', () => "{'a':1}"),
  { name: '200,000 levels', status: 400, code: 'BODY_TOO_DEEP', body: () => '['.repeat(200_000) + ']'.repeat(200_000) },
  { name: 'a number', status: 422, code: 'EVENT_INVALID', field: '', body: () => '7' },
  { name: 'null', status: 422, code: 'EVENT_INVALID', field: '', body: () => 'null' },
  tooLarge('a text of 10 MB', (good) => good.replace('"id":"', `"id":"${'x'.repeat(10 * MEGABYTE)}`)),
  tooLarge('an event of 2 MB', (good) => `${good.slice(0, -1)},"note":"${'x'.repeat(2 * MEGABYTE)}"}`),
  tooLarge('a batch of 5 MB', () => json(['x'.repeat(5 * MEGABYTE)]), BATCH),
  { name: 'an empty batch', status: 400, code: 'BATCH_EMPTY', body: () => '[]', headers: () => ({ 'content-type': BATCH }) },
  {
    name: 'a batch of 1,001',
    status: 413,
    code: 'BATCH_TOO_LONG',
    body: () => json(Array.from({ length: 1001 }, () => 0)),
    headers: () => ({ 'content-type': BATCH }),
  },
  {
    name: 'XML',
    status: 415,
    code: 'MEDIA_TYPE_UNSUPPORTED',
    field: 'content-type',
    body: same,
    headers: () => ({ 'content-type': 'text/xml' }),
  },
  {
    name: 'another character set',
    status: 415,
    code: 'MEDIA_TYPE_UNSUPPORTED',
    field: 'content-type',
    body: same,
    headers: () => ({ 'content-type': 'application/cloudevents+json; charset=gbk' }),
  },
  unsigned('no message id', 'SIGNATURE_MISSING', 'webhook-id', () => ({ 'webhook-id': '' })),
  unsigned('no time of signature', 'SIGNATURE_MISSING', 'webhook-timestamp', () => ({ 'webhook-timestamp': '' })),
  unsigned('no signature', 'SIGNATURE_MISSING', 'webhook-signature', () => ({ 'webhook-signature': '' })),
  unsigned('the id of another message', 'SIGNATURE_INVALID', 'webhook-signature', () => ({ 'webhook-id': 'msg_other' })),
  unsigned('another scheme', 'SIGNATURE_INVALID', 'webhook-signature', () => ({ 'webhook-signature': 'v1a,AAAA' })),
  unsigned('a signature cut short', 'SIGNATURE_INVALID', 'webhook-signature', (right) => ({
    'webhook-signature': (right['webhook-signature'] ?? '').slice(0, 20),
  })),
  unsigned('a time that is no time', 'SIGNATURE_INVALID', 'webhook-timestamp', () => ({ 'webhook-timestamp': '1e9' })),
];
