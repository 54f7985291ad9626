import { beforeAll, afterAll, describe, expect, test, vi } from 'vitest';
import { called, event, openHall, sign, type Event, type Hall } from '../../fixture.ts';

interface Bad {
  readonly name: string;
  readonly body?: string | Uint8Array;
  readonly headers?: Record<string, string>;
  /** Signs something other than what is sent. */
  readonly signature?: (hall: Hall, body: string | Uint8Array) => Record<string, string>;
  readonly path?: string;
  readonly status: number;
  readonly code: string;
  readonly field?: string;
}

const json = (value: unknown) => JSON.stringify(value);
const one = (more: Partial<Event> | ((event: Event) => void)): string => {
  const given = called();
  if (typeof more === 'function') more(given);
  else Object.assign(given, more);
  return json(given);
};
const data = (type: string, given: object, more: Partial<Event> = {}) => json(event(type, 't-1', 1, given, more));
const without = (field: keyof Event) => one((given) => void delete given[field]);
const bytes = (...values: number[]) => Uint8Array.from(values);
const BATCH = { 'content-type': 'application/cloudevents-batch+json' };
const BINARY = {
  'content-type': 'application/json',
  'ce-specversion': '1.0',
  'ce-id': 'b-1',
  'ce-source': 'urn:city:queue',
  'ce-type': 'ticket.called',
  'ce-subject': 't-1',
  'ce-sequence': '1',
  'ce-time': '2026-01-01T00:00:00Z',
};
const headersOf = ({ secret }: Hall, body: string | Uint8Array) => sign(secret, body);
const drop = (name: string) => (hall: Hall, body: string | Uint8Array) => ({ ...headersOf(hall, body), [name]: '' });
const at =
  (ms: number) =>
  ({ secret }: Hall, body: string | Uint8Array) =>
    sign(secret, body, undefined, new Date(Date.now() + ms));

type Snapshot = Record<'source' | 'time', string> & Record<'tickets' | 'windows', Record<string, unknown>[]>;
const SNAPSHOT = { path: '/api/v1/halls/demo/platform/snapshot', headers: { 'content-type': 'application/json' } };
const TICKET = {
  subject: 't-5',
  sequence: 4,
  ticket: 'B005',
  service: 'permit',
  state: 'waiting',
  issuedAt: '2026-01-01T00:00:00Z',
};
const WINDOW = { subject: 'w-1', sequence: 3, window: 'w1', state: 'open' };
const full = (more: Partial<Snapshot> = {}): string =>
  json({ source: 'urn:city:queue', time: '2026-01-01T00:00:00Z', tickets: [TICKET], windows: [WINDOW], ...more });

const BAD: readonly Bad[] = [
  // snapshots
  { name: 'a snapshot that is no JSON', ...SNAPSHOT, body: 'tickets', status: 400, code: 'BODY_NOT_JSON' },
  {
    name: 'a snapshot with a key twice',
    ...SNAPSHOT,
    body: full().replace('"sequence":4', '"sequence":4,"sequence":5'),
    status: 400,
    code: 'BODY_DUPLICATE_KEY',
    field: '/sequence',
  },
  {
    name: 'a snapshot nested too deep',
    ...SNAPSHOT,
    body: full({ more: JSON.parse(`${'['.repeat(80)}${']'.repeat(80)}`) } as object),
    status: 400,
    code: 'BODY_TOO_DEEP',
    field: '',
  },
  {
    name: 'a snapshot as an event',
    path: SNAPSHOT.path,
    body: full(),
    status: 415,
    code: 'MEDIA_TYPE_UNSUPPORTED',
    field: 'content-type',
  },
  { name: 'a snapshot without windows', ...SNAPSHOT, body: '{}', status: 422, code: 'SNAPSHOT_INVALID', field: '/source' },
  {
    name: 'a snapshot of another source',
    ...SNAPSHOT,
    body: full({ source: 'urn:elsewhere' }),
    status: 422,
    code: 'EVENT_SOURCE_REFUSED',
    field: '/source',
  },
  {
    name: 'a snapshot of tomorrow',
    ...SNAPSHOT,
    body: full({ time: '2099-01-01T00:00:00Z' }),
    status: 422,
    code: 'EVENT_TIME_REFUSED',
    field: '/time',
  },
  {
    name: 'a snapshot of a day that does not exist',
    ...SNAPSHOT,
    body: full({ time: '2026-02-30T00:00:00Z' }),
    status: 422,
    code: 'SNAPSHOT_INVALID',
    field: '/time',
  },
  {
    name: 'a snapshot with a ticket issued on a day that does not exist',
    ...SNAPSHOT,
    body: full({ tickets: [TICKET, { ...TICKET, issuedAt: '2026-02-30T00:00:00Z' }] }),
    status: 422,
    code: 'SNAPSHOT_INVALID',
    field: '/tickets/1/issuedAt',
  },
  {
    name: 'a snapshot with an unknown service',
    ...SNAPSHOT,
    body: full({ tickets: [{ ...TICKET, service: 'fishing' }] }),
    status: 422,
    code: 'EVENT_REFERENCE_UNKNOWN',
    field: '/tickets/0/service',
  },
  {
    name: 'a snapshot with an unknown window',
    ...SNAPSHOT,
    body: full({ windows: [WINDOW, { ...WINDOW, window: 'w99' }] }),
    status: 422,
    code: 'EVENT_REFERENCE_UNKNOWN',
    field: '/windows/1/window',
  },
  {
    name: 'a snapshot with a window for an unknown service',
    ...SNAPSHOT,
    body: full({ windows: [{ ...WINDOW, services: ['invoice', 'fishing'] }] }),
    status: 422,
    code: 'EVENT_REFERENCE_UNKNOWN',
    field: '/windows/0/services/1',
  },
  {
    name: 'a snapshot with a state no one knows',
    ...SNAPSHOT,
    body: full({ tickets: [{ ...TICKET, state: 'dancing' }] }),
    status: 422,
    code: 'SNAPSHOT_INVALID',
    field: '/tickets/0/state',
  },
  // signatures
  { name: 'no webhook-id', signature: drop('webhook-id'), status: 401, code: 'SIGNATURE_MISSING', field: 'webhook-id' },
  {
    name: 'no webhook-timestamp',
    signature: drop('webhook-timestamp'),
    status: 401,
    code: 'SIGNATURE_MISSING',
    field: 'webhook-timestamp',
  },
  {
    name: 'no webhook-signature',
    signature: drop('webhook-signature'),
    status: 401,
    code: 'SIGNATURE_MISSING',
    field: 'webhook-signature',
  },
  {
    name: 'another secret',
    signature: (_, body) => sign(`whsec_${Buffer.alloc(32).toString('base64')}`, body),
    status: 401,
    code: 'SIGNATURE_INVALID',
    field: 'webhook-signature',
  },
  {
    name: 'a changed body',
    signature: (hall) => headersOf(hall, 'other'),
    status: 401,
    code: 'SIGNATURE_INVALID',
    field: 'webhook-signature',
  },
  {
    name: 'a changed id',
    signature: (hall, body) => ({ ...headersOf(hall, body), 'webhook-id': 'msg_other' }),
    status: 401,
    code: 'SIGNATURE_INVALID',
    field: 'webhook-signature',
  },
  {
    name: 'a signature of 6 minutes ago',
    signature: at(-360_000),
    status: 401,
    code: 'SIGNATURE_EXPIRED',
    field: 'webhook-timestamp',
  },
  {
    name: 'a signature from 6 minutes ahead',
    signature: at(360_000),
    status: 401,
    code: 'SIGNATURE_EXPIRED',
    field: 'webhook-timestamp',
  },
  {
    name: 'a time that is no number',
    signature: (hall, body) => ({ ...headersOf(hall, body), 'webhook-timestamp': '1e9' }),
    status: 401,
    code: 'SIGNATURE_INVALID',
    field: 'webhook-timestamp',
  },
  {
    name: 'another signature scheme',
    signature: (hall, body) => ({ ...headersOf(hall, body), 'webhook-signature': 'v1a,AAAA' }),
    status: 401,
    code: 'SIGNATURE_INVALID',
    field: 'webhook-signature',
  },
  {
    name: 'a signature cut short',
    signature: (hall, body) => ({
      ...headersOf(hall, body),
      'webhook-signature': headersOf(hall, body)['webhook-signature']?.slice(0, 20) ?? '',
    }),
    status: 401,
    code: 'SIGNATURE_INVALID',
    field: 'webhook-signature',
  },
  {
    name: 'a webhook-id of 129 characters',
    signature: ({ secret }, body) => sign(secret, body, 'm'.repeat(129)),
    status: 401,
    code: 'SIGNATURE_INVALID',
    field: 'webhook-id',
  },
  // address and media type
  { name: 'another hall', path: '/api/v1/halls/other/platform/events', status: 404, code: 'HALL_UNKNOWN', field: 'hall' },
  { name: 'an unknown address', path: '/api/v1/halls/demo/platform/event', status: 404, code: 'NOT_FOUND' },
  { name: 'XML', headers: { 'content-type': 'text/xml' }, status: 415, code: 'MEDIA_TYPE_UNSUPPORTED', field: 'content-type' },
  {
    name: 'GBK',
    headers: { 'content-type': 'application/cloudevents+json; charset=gbk' },
    status: 415,
    code: 'MEDIA_TYPE_UNSUPPORTED',
    field: 'content-type',
  },
  // bytes
  { name: 'byte FF', body: bytes(0x7b, 0xff, 0x7d), status: 400, code: 'BODY_NOT_UTF8' },
  { name: 'an overlong slash', body: bytes(0x22, 0xc0, 0xaf, 0x22), status: 400, code: 'BODY_NOT_UTF8' },
  { name: 'a surrogate in UTF-8', body: bytes(0x22, 0xed, 0xa0, 0x80, 0x22), status: 400, code: 'BODY_NOT_UTF8' },
  { name: 'GBK bytes', body: bytes(0x22, 0xd6, 0xd0, 0xce, 0xc4, 0x22), status: 400, code: 'BODY_NOT_UTF8' },
  { name: 'a cut character', body: bytes(0x22, 0xe4, 0xb8), status: 400, code: 'BODY_NOT_UTF8' },
  { name: 'UTF-16', body: Buffer.from('\ufeff{}', 'utf16le'), status: 400, code: 'BODY_NOT_UTF8' },
  // JSON
  { name: 'an empty body', body: '', status: 400, code: 'BODY_NOT_JSON' },
  { name: 'a cut object', body: '{"specversion":"1.0"', status: 400, code: 'BODY_NOT_JSON' },
  { name: 'a trailing comma', body: '{"a":1,}', status: 400, code: 'BODY_NOT_JSON' },
  { name: 'a byte order mark', body: '\ufeff{}', status: 400, code: 'BODY_NOT_JSON' },
  { name: 'NaN', body: '{"a":NaN}', status: 400, code: 'BODY_NOT_JSON' },
  { name: 'two values', body: '{} {}', status: 400, code: 'BODY_NOT_JSON' },
  { name: 'a raw control character', body: '{"a":"\u0001"}', status: 400, code: 'BODY_NOT_JSON' },
  { name: 'a repeated key', body: `{"id":"x",${one({}).slice(1)}`, status: 400, code: 'BODY_DUPLICATE_KEY', field: '/id' },
  {
    name: 'a repeated key, escaped',
    body: `{"\\u0069d":"x",${one({}).slice(1)}`,
    status: 400,
    code: 'BODY_DUPLICATE_KEY',
    field: '/id',
  },
  {
    name: 'a repeated key inside data',
    body: one({}).replace('"window"', '"ticket":"A002","window"'),
    status: 400,
    code: 'BODY_DUPLICATE_KEY',
    field: '/ticket',
  },
  {
    name: '40 levels',
    body: one({ data: JSON.parse('['.repeat(40) + ']'.repeat(40)) as unknown }),
    status: 400,
    code: 'BODY_TOO_DEEP',
  },
  { name: '200,000 levels', body: '['.repeat(200_000) + ']'.repeat(200_000), status: 400, code: 'BODY_TOO_DEEP' },
  { name: 'a text of 10 MB', body: one({ id: 'x'.repeat(10_000_000) }), status: 413, code: 'BODY_TOO_LARGE' },
  { name: 'a single event of 2 MB', body: one({ note: 'x'.repeat(2_000_000) }), status: 413, code: 'BODY_TOO_LARGE' },
  // attributes
  { name: 'a number', body: '7', status: 422, code: 'EVENT_INVALID', field: '' },
  { name: 'null', body: 'null', status: 422, code: 'EVENT_INVALID', field: '' },
  { name: 'an array in structured mode', body: '[]', status: 422, code: 'EVENT_INVALID' },
  { name: 'no specversion', body: without('specversion'), status: 422, code: 'EVENT_INVALID', field: '/specversion' },
  { name: 'specversion 0.3', body: one({ specversion: '0.3' }), status: 422, code: 'EVENT_INVALID', field: '/specversion' },
  { name: 'no id', body: without('id'), status: 422, code: 'EVENT_INVALID', field: '/id' },
  { name: 'an empty id', body: one({ id: '' }), status: 422, code: 'EVENT_INVALID', field: '/id' },
  { name: 'an id of 129 characters', body: one({ id: 'x'.repeat(129) }), status: 422, code: 'EVENT_INVALID', field: '/id' },
  { name: 'an id with a line break', body: one({ id: 'a\nb' }), status: 422, code: 'EVENT_TEXT_REFUSED', field: '/id' },
  {
    name: 'an id with half a character',
    body: one({}).replace('"e-', '"\\ud800e-'),
    status: 422,
    code: 'EVENT_TEXT_REFUSED',
    field: '/id',
  },
  { name: 'no source', body: without('source'), status: 422, code: 'EVENT_INVALID', field: '/source' },
  {
    name: 'a source not registered',
    body: one({ source: 'urn:other' }),
    status: 422,
    code: 'EVENT_SOURCE_REFUSED',
    field: '/source',
  },
  { name: 'no type', body: without('type'), status: 422, code: 'EVENT_INVALID', field: '/type' },
  { name: 'an unknown type', body: one({ type: 'ticket.eaten' }), status: 422, code: 'EVENT_TYPE_UNKNOWN', field: '/type' },
  {
    name: 'an inherited name as type',
    body: one({ type: 'constructor' }),
    status: 422,
    code: 'EVENT_TYPE_UNKNOWN',
    field: '/type',
  },
  { name: 'no time', body: without('time'), status: 422, code: 'EVENT_INVALID', field: '/time' },
  { name: 'a time without zone', body: one({ time: '2026-11-23T10:00:00' }), status: 422, code: 'EVENT_INVALID', field: '/time' },
  { name: '30 February', body: one({ time: '2026-02-30T10:00:00Z' }), status: 422, code: 'EVENT_INVALID', field: '/time' },
  { name: 'next year', body: one({ time: '2099-01-01T00:00:00Z' }), status: 422, code: 'EVENT_TIME_REFUSED', field: '/time' },
  { name: 'no subject', body: without('subject'), status: 422, code: 'EVENT_INVALID', field: '/subject' },
  { name: 'a subject with spaces', body: one({ subject: 't 1' }), status: 422, code: 'EVENT_INVALID', field: '/subject' },
  { name: 'no sequence', body: without('sequence'), status: 422, code: 'EVENT_INVALID', field: '/sequence' },
  { name: 'sequence 0', body: one({ sequence: '0' }), status: 422, code: 'EVENT_INVALID', field: '/sequence' },
  { name: 'a negative sequence', body: one({ sequence: '-1' }), status: 422, code: 'EVENT_INVALID', field: '/sequence' },
  {
    name: 'a sequence as number',
    body: json({ ...called(), sequence: 1 }),
    status: 422,
    code: 'EVENT_INVALID',
    field: '/sequence',
  },
  { name: 'XML data', body: one({ datacontenttype: 'text/xml' }), status: 422, code: 'EVENT_INVALID', field: '/datacontenttype' },
  // data
  { name: 'no data', body: without('data'), status: 422, code: 'EVENT_INVALID', field: '/data/ticket' },
  { name: 'data that is a list', body: one({ data: [] }), status: 422, code: 'EVENT_INVALID' },
  {
    name: 'a ticket with a script',
    body: data('ticket.called', { ticket: '<b>', window: 'w1' }),
    status: 422,
    code: 'EVENT_INVALID',
    field: '/data/ticket',
  },
  {
    name: 'full-width digits',
    body: data('ticket.called', { ticket: 'A００１', window: 'w1' }),
    status: 422,
    code: 'EVENT_INVALID',
    field: '/data/ticket',
  },
  {
    name: 'a window that is no id',
    body: data('ticket.called', { ticket: 'A1', window: '../etc' }),
    status: 422,
    code: 'EVENT_INVALID',
    field: '/data/window',
  },
  {
    name: 'an unknown window',
    body: data('ticket.called', { ticket: 'A1', window: 'w99' }),
    status: 422,
    code: 'EVENT_REFERENCE_UNKNOWN',
    field: '/data/window',
  },
  {
    name: 'an unknown service',
    body: data('ticket.issued', { ticket: 'A1', service: 'none' }),
    status: 422,
    code: 'EVENT_REFERENCE_UNKNOWN',
    field: '/data/service',
  },
  {
    name: 'an unknown service in a list',
    body: data('window.services_set', { window: 'w1', services: ['invoice', 'none'] }),
    status: 422,
    code: 'EVENT_REFERENCE_UNKNOWN',
    field: '/data/services/1',
  },
  {
    name: 'an unknown department',
    body: data('window.staff_on', { window: 'w1', staff: 'zhang', department: 'none' }),
    status: 422,
    code: 'EVENT_REFERENCE_UNKNOWN',
    field: '/data/department',
  },
  {
    name: 'a free pause reason',
    body: data('window.paused', { window: 'w1', reason: '喝茶' }),
    status: 422,
    code: 'EVENT_INVALID',
    field: '/data/reason',
  },
  {
    name: 'a return on 31 April',
    body: data('window.paused', { window: 'w1', reason: 'away', expectedReturnAt: '2026-04-31T10:00:00Z' }),
    status: 422,
    code: 'EVENT_INVALID',
    field: '/data/expectedReturnAt',
  },
  {
    name: 'a name that turns the line around',
    body: data('ticket.issued', { ticket: 'A1', service: 'invoice', name: '张\u202e三' }),
    status: 422,
    code: 'EVENT_TEXT_REFUSED',
    field: '/data/name',
  },
  {
    name: 'a name with NUL',
    body: data('ticket.issued', { ticket: 'A1', service: 'invoice', name: '张\u0000' }),
    status: 422,
    code: 'EVENT_TEXT_REFUSED',
    field: '/data/name',
  },
  {
    name: 'a name of 65 characters',
    body: data('ticket.issued', { ticket: 'A1', service: 'invoice', name: '张'.repeat(65) }),
    status: 422,
    code: 'EVENT_INVALID',
    field: '/data/name',
  },
  {
    name: 'grade 6',
    body: data('rating.given', { window: 'w1', grade: 6 }),
    status: 422,
    code: 'EVENT_INVALID',
    field: '/data/grade',
  },
  {
    name: 'a case number with a slash',
    body: data('case.accepted', { case: 'a/b' }),
    status: 422,
    code: 'EVENT_INVALID',
    field: '/data/case',
  },
  // batch
  { name: 'an empty batch', headers: BATCH, body: '[]', status: 400, code: 'BATCH_EMPTY' },
  { name: 'a batch that is an object', headers: BATCH, body: '{}', status: 422, code: 'EVENT_INVALID', field: '' },
  {
    name: '1,001 events',
    headers: BATCH,
    body: json(Array.from({ length: 1001 }, () => 0)),
    status: 413,
    code: 'BATCH_TOO_LONG',
  },
  { name: 'a batch of 5 MB', headers: BATCH, body: json(['x'.repeat(5_000_000)]), status: 413, code: 'BODY_TOO_LARGE' },
  // binary mode
  {
    name: 'binary without ce-id',
    headers: { ...BINARY, 'ce-id': '' },
    body: '{}',
    status: 422,
    code: 'EVENT_INVALID',
    field: 'ce-id',
  },
  {
    name: 'binary of an unknown type',
    headers: { ...BINARY, 'ce-type': 'x' },
    body: '{}',
    status: 422,
    code: 'EVENT_TYPE_UNKNOWN',
    field: 'ce-type',
  },
  {
    name: 'binary with broken percent signs',
    headers: { ...BINARY, 'ce-subject': '%zz' },
    body: '{}',
    status: 422,
    code: 'EVENT_INVALID',
    field: 'ce-subject',
  },
  {
    name: 'binary with bad data',
    headers: BINARY,
    body: '{"ticket":"A1"}',
    status: 422,
    code: 'EVENT_INVALID',
    field: '/window',
  },
  {
    name: 'binary with an unknown window',
    headers: BINARY,
    body: '{"ticket":"A1","window":"w99"}',
    status: 422,
    code: 'EVENT_REFERENCE_UNKNOWN',
    field: '/window',
  },
];

describe('a bad request gets its code and field, and changes nothing', () => {
  let hall: Hall;
  let changes = 0;
  beforeAll(async () => {
    hall = await openHall();
    hall.services.changes.on('windows', () => {
      changes += 1;
    });
  });
  afterAll(() => hall.end());

  test('the table is long enough', () => {
    expect(BAD.length).toBeGreaterThanOrEqual(60);
    expect(new Set(BAD.map(({ name }) => name)).size).toBe(BAD.length);
  });

  test.each(BAD)(
    '$name → $status $code $field',
    async ({ body = one({}), headers = {}, signature = headersOf, path, status, code, field }) => {
      const reply = await hall.post(body, { ...headers, ...signature(hall, body) }, path);
      const answer = (await reply.json()) as Record<string, unknown>;
      expect({ status: reply.status, code: answer['code'], field: field === undefined ? undefined : answer['field'] }).toEqual({
        status,
        code,
        field,
      });
      expect(answer).toMatchObject({ message: expect.any(String), requestId: expect.any(String) });
      expect(changes).toBe(0);
    },
  );

  test('after all of them a good event is accepted and the window changes', async () => {
    const reply = await hall.send(called('A123', 'w1'));
    expect(reply.status).toBe(202);
    await vi.waitFor(() => expect(hall.services.live.windows().get('w1')?.field.value.ticket).toBe('A123'));
  });

  test('quarantined events keep digest and reason, and their body is sealed', () => {
    const { db } = hall.services;
    const rows = db
      .prepare<[], { code: string; digest: string; sealed: Buffer }>('SELECT code, digest, sealed FROM quarantine')
      .all();
    expect(rows.length).toBeGreaterThan(30);
    expect(rows.every(({ digest, sealed }) => digest.length === 64 && sealed.length > 28)).toBe(true);
    expect(rows.some(({ sealed }) => sealed.includes('specversion'))).toBe(false);
  });
});
