import type { IntakeReply } from '@hall/contracts';
import { expect, test } from 'vitest';
import { unseal } from '../../platform/keys.ts';
import type { BatchOutcome, Submission } from '../../platform/store/protocol.ts';
import { MAX_EVENTS, QUARANTINE_LABEL, createJudge } from './judge.ts';
import { MAX_DEPTH } from './strict-json.ts';

const NOW = Date.UTC(2026, 10, 23, 2, 20);
const master = Buffer.alloc(32, 7);
const windows = new Set(['w1']);
const judge = createJudge({
  keys: { master, sealPersonal: (atMs, text) => Buffer.from(`${atMs} ${text}`) },
  references: () => ({ windows, services: new Set(['invoice']), departments: new Set() }),
});
const call = (id: string, change: object = {}) => ({
  specversion: '1.0',
  id,
  source: 'urn:city',
  type: 'ticket.called',
  subject: `t-${id}`,
  time: new Date(NOW).toISOString(),
  sequence: '1',
  data: { ticket: 'A001', window: 'w1' },
  ...change,
});
const given = (change: Partial<Submission>): Submission => ({
  platform: 'city',
  sources: '["urn:city"]',
  receivedAt: NOW,
  hallMs: NOW,
  form: 'one',
  text: '',
  ...change,
});
const replied = (submission: Submission, recorded: BatchOutcome) => {
  const { json, ...counts } = judge(submission).reply(recorded);
  return { counts, ...(JSON.parse(json) as IntakeReply) };
};

test('each event has its outcome in its place, and each kind is counted', () => {
  const ids = ['new', 'again', 'odd', 'late', 'gap'];
  const events = [call('far', { data: { ticket: 'A001', window: 'w9' } }), ...ids.map((id) => call(id)), 7];
  const { counts, outcomes } = replied(given({ form: 'list', text: JSON.stringify(events) }), [
    '',
    'duplicate',
    'does_not_fit',
    'late',
    'gap',
  ]);
  expect(outcomes.map(({ index, id, outcome, flag, code, field }) => [index, id, outcome, flag ?? code, field])).toEqual([
    [0, 'far', 'quarantined', 'EVENT_REFERENCE_UNKNOWN', '/data/window'],
    [1, 'new', 'accepted', undefined, undefined],
    [2, 'again', 'duplicate', undefined, undefined],
    [3, 'odd', 'accepted', 'does_not_fit', undefined],
    [4, 'late', 'accepted', 'late', undefined],
    [5, 'gap', 'accepted', 'gap', undefined],
    [6, undefined, 'quarantined', 'EVENT_INVALID', ''],
  ]);
  expect(counts).toEqual({ accepted: 4, duplicate: 1, quarantined: 2, flagged: 3, gaps: 1, newestMs: NOW });
});

test('what is kept of an event is minimal, its name is masked and sealed, and a refused one is sealed as it came', () => {
  const issued = call('e1', { type: 'ticket.issued', data: { ticket: 'A001', service: 'invoice', name: '张三丰', phone: '1' } });
  const { batch } = judge(given({ text: JSON.stringify(issued) }));
  expect(batch.events.map(({ data, personal }) => [data, String(personal)])).toEqual([
    [{ ticket: 'A001', service: 'invoice' }, `${NOW} {"name":"张**"}`],
  ]);
  const text = '{"id":"x","id":"x"}';
  const refused = judge(given({ text })).batch;
  expect(refused.events).toEqual([]);
  expect(refused.quarantine).toMatchObject([{ id: 'x', code: 'BODY_DUPLICATE_KEY', field: '/id' }]);
  expect(unseal(master, QUARANTINE_LABEL, refused.quarantine[0]?.sealed ?? Buffer.alloc(0)).toString()).toBe(text);
});

test('an assembled event keeps the fault of its parts, and is not held to their depth once more', () => {
  const deep = `{"a":${'['.repeat(MAX_DEPTH - 1)}${']'.repeat(MAX_DEPTH - 1)}}`;
  const text = JSON.stringify(call('e1', { data: JSON.parse(deep) as unknown }));
  const [plain] = replied(given({ form: 'assembled', text }), []).outcomes;
  expect([plain?.code, plain?.field]).toEqual(['EVENT_INVALID', '/data/ticket']);
  const fault = { code: 'BODY_DUPLICATE_KEY', key: 'ticket' } as const;
  const [faulty] = replied(given({ form: 'assembled', text, fault }), []).outcomes;
  expect([faulty?.code, faulty?.field]).toEqual(['BODY_DUPLICATE_KEY', '/ticket']);
});

test('one event and many are told apart where both may come', () => {
  const one = JSON.stringify(call('e1'));
  expect(judge(given({ form: 'either', text: one })).batch.events.map(({ id }) => id)).toEqual(['e1']);
  expect(judge(given({ form: 'either', text: `[${one},${one}]` })).batch.events).toHaveLength(2);
});

test.each([
  ['one', '{', 'BODY_NOT_JSON'],
  ['list', '{}', 'EVENT_INVALID'],
  ['list', '[]', 'BATCH_EMPTY'],
  ['either', '[]', 'BATCH_EMPTY'],
  ['list', JSON.stringify(Array.from({ length: MAX_EVENTS + 1 }, () => 1)), 'BATCH_TOO_LONG'],
] as const)('as %s, %.9s… is refused as a whole', (form, text, code) => {
  expect(() => judge(given({ form, text }))).toThrow(expect.objectContaining({ code }));
});

test('a platform may speak for its own sources only, and for what its list says now', () => {
  const text = JSON.stringify(call('e1', { source: 'urn:other' }));
  expect(judge(given({ text })).batch.quarantine).toMatchObject([{ code: 'EVENT_SOURCE_REFUSED' }]);
  expect(judge(given({ text, sources: '["urn:city","urn:other"]' })).batch.events).toHaveLength(1);
});
