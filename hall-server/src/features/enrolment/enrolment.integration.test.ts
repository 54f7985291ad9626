/** The walk of an agent over the HTTP API, and what is refused on the way. */
import { ENROLMENT_LIFE_MS, FakeClock } from '@hall/contracts';
import { X509Certificate } from 'node:crypto';
import { expect, test } from 'vitest';
import { startHall, type Hall } from '../../fixture.ts';
import { admitAgent, listEnrolments } from '../../tools.ts';
import { admin, ask, askChange, changed, enrolled, fetchAnswer, testKey } from './fixture.ts';

const secure = { config: { mqtts: { port: 0 } } };
const actions = (hall: Hall, like: string) =>
  hall.services.db
    .prepare<[string], { action: string; person: string; object: string }>(
      'SELECT action, person, object FROM audit WHERE action LIKE ? ORDER BY seq',
    )
    .all(like);
const keys = async (hall: Hall) => (await hall.services.security.view()).keys.map(({ agent, state }) => `${agent} ${state}`);

test('a request is listed with its code, admitted under an id, and its certificate is for that id and key', async () => {
  const hall = await startHall(secure);
  const key = await testKey();
  const { status, body: ticket } = await ask(hall, key, { wish: 'edge-7' });
  expect(status).toBe(202);
  const { trust } = await hall.services.security.view();
  expect(ticket.trustCode).toBe(trust.code);
  expect(hall.services.enrolment.list()).toMatchObject([
    { code: ticket.code, fingerprint: key.fingerprint, wish: 'edge-7', takesOver: false, host: 'pc-1', address: '127.0.0.1' },
  ]);
  const waiting = await fetchAnswer(hall, key, ticket);
  expect(waiting.body).toEqual({ state: 'waiting', nonce: expect.any(String) });
  await hall.services.enrolment.admit(ticket.id, { agent: 'edge-8', code: ticket.code }, admin);
  const nonce = (waiting.body as unknown as { nonce: string }).nonce;
  const { body } = await fetchAnswer(hall, key, { ...ticket, nonce });
  expect(body).toMatchObject({ state: 'admitted', agent: 'edge-8', broker: { port: expect.any(Number) } });
  const certificate = new X509Certificate((body as unknown as { certificate: string }).certificate);
  expect(certificate.subject).toBe('CN=edge-8');
  expect(certificate.verify(new X509Certificate(ticket.trust).publicKey)).toBe(true);
  expect(certificate.keyUsage).toEqual(['1.3.6.1.5.5.7.3.2']);
  expect(Date.parse(certificate.validTo) - Date.now()).toBeGreaterThan(89.9 * 86_400_000);
  expect(actions(hall, 'agent.enrol')).toEqual([{ action: 'agent.enrol', person: 'wang', object: 'edge-8' }]);
});

test('the answer is for whoever holds the key: another signature, an old nonce and an unknown request get nothing', async () => {
  const hall = await startHall(secure);
  const [key, other] = await Promise.all([testKey(), testKey()]);
  const { body: ticket } = await ask(hall, key);
  await hall.services.enrolment.admit(ticket.id, { agent: 'edge-8', code: ticket.code }, admin);
  expect((await fetchAnswer(hall, other, ticket)).body.code).toBe('KEY_REFUSED');
  expect((await fetchAnswer(hall, key, { ...ticket, nonce: 'x'.repeat(24) })).body.code).toBe('KEY_REFUSED');
  const unknown = { ...ticket, id: '6f9619ff-8b86-4d01-b42d-00c04fc964ff' };
  expect((await fetchAnswer(hall, key, unknown)).body.code).toBe('ENROLMENT_UNKNOWN');
});

test('a decision is made once, with the right code, and never over an agent unless that is said', async () => {
  const hall = await startHall(secure);
  const { enrolment } = hall.services;
  const key = await testKey();
  const { body: ticket } = await ask(hall, key, { wish: 'edge-1' });
  const admit = (agent: string, code = ticket.code, takeOver = false) =>
    enrolment.admit(ticket.id, { agent, code, takeOver }, admin);
  expect(enrolment.list()).toMatchObject([{ takesOver: true }]);
  await expect(admit('edge-9', '0000-0000')).rejects.toMatchObject({ code: 'ENROLMENT_CODE_WRONG' });
  await expect(admit('edge-1')).rejects.toMatchObject({ code: 'AGENT_EXISTS' });
  await expect(admit('server')).rejects.toMatchObject({ code: 'NAME_TAKEN' });
  await expect(admit('city')).rejects.toMatchObject({ code: 'NAME_TAKEN' });
  await enrolment.reject(ticket.id, admin);
  await expect(admit('edge-9')).rejects.toMatchObject({ code: 'ENROLMENT_CLOSED' });
  expect((await fetchAnswer(hall, key, ticket)).body).toEqual({ state: 'rejected' });
  // Asking again does not help until it has run out.
  expect((await ask(hall, key)).status).toBe(202);
  expect(enrolment.list()).toEqual([]);
  expect(actions(hall, 'agent.reject')).toEqual([{ action: 'agent.reject', person: 'wang', object: ticket.code }]);
});

test('requests run out a quarter of an hour after their agent was last heard', async () => {
  const clock = new FakeClock();
  const hall = await startHall({ ...secure, clock });
  const { body: ticket } = await ask(hall, await testKey());
  await clock.advance(ENROLMENT_LIFE_MS - 1000);
  expect(hall.services.enrolment.list()).toHaveLength(1);
  await clock.advance(1000);
  expect(hall.services.enrolment.list()).toEqual([]);
  await expect(hall.services.enrolment.admit(ticket.id, { agent: 'edge-9', code: ticket.code })).rejects.toMatchObject({
    code: 'ENROLMENT_UNKNOWN',
  });
});

test('strangers are bounded: twenty requests of one address wait, and it asks so often and no more', async () => {
  const clock = new FakeClock();
  const hall = await startHall({ ...secure, clock });
  const replies = [];
  for (let at = 0; at < 22; at += 1) replies.push(await ask(hall, await testKey()));
  expect(replies.filter(({ status }) => status === 202)).toHaveLength(20);
  expect(replies.slice(20).map(({ body }) => body.code)).toEqual(['ENROLMENT_FULL', 'ENROLMENT_FULL']);
  expect(hall.services.enrolment.list()).toHaveLength(20);
  const key = await testKey();
  const more = await Promise.all(Array.from({ length: 120 }, () => ask(hall, key)));
  expect(more.filter(({ status }) => status === 429).length).toBeGreaterThanOrEqual(20);
});

test.each([
  ['no PKCS #10', 'x'],
  ['a broken one', '-----BEGIN CERTIFICATE REQUEST-----\nMIIB\n-----END CERTIFICATE REQUEST-----'],
  ['more than a request is long', 'x'.repeat(9000)],
])('%s is refused', async (_, csr) => {
  const hall = await startHall(secure);
  const { status } = await ask(hall, { ...(await testKey()), csr });
  expect([400, 413]).toContain(status);
});

test('without MQTT over TLS nobody can ask', async () => {
  const hall = await startHall();
  expect((await ask(hall, await testKey())).status).toBe(404);
});

test('a key changes with the word of the one before; both are good until the new one is used', async () => {
  const hall = await startHall(secure);
  const first = await enrolled(hall, 'edge-8');
  const second = await changed(hall, 'edge-8', first);
  expect(await keys(hall)).toEqual(expect.arrayContaining(['edge-8 next', 'edge-8 next']));
  expect(hall.services.security.warnings()).toMatchObject([{ type: 'agent_key_changed', object: 'edge-8' }]);
  expect(actions(hall, 'agent.key')).toEqual([{ action: 'agent.key', person: 'system', object: 'edge-8' }]);
  // Neither a stranger's word nor the word for another agent counts.
  await enrolled(hall, 'edge-9');
  const stranger = await testKey();
  const next = await testKey();
  expect((await askChange(hall, 'edge-8', next, stranger)).body.code).toBe('KEY_REFUSED');
  expect((await askChange(hall, 'edge-9', next, second)).body.code).toBe('KEY_REFUSED');
  await hall.services.enrolment.revoke('edge-8', admin);
  expect((await askChange(hall, 'edge-8', next, second)).body.code).toBe('KEY_REFUSED');
  expect((await ask(hall, second)).body.code).toBe('KEY_REFUSED');
  expect(await keys(hall)).toEqual(['edge-9 next']);
});

test('an agent that is given a password, or forgotten, is known by its keys no more', async () => {
  const hall = await startHall(secure);
  await enrolled(hall, 'edge-8');
  await enrolled(hall, 'edge-9');
  await hall.services.agents.admit('edge-8');
  await hall.services.agents.remove('edge-9');
  expect(await keys(hall)).toEqual([]);
});

test('the command line lists, admits and replaces beside the running server', async () => {
  const hall = await startHall(secure);
  const key = await testKey();
  const { body: ticket } = await ask(hall, key, { wish: 'edge-8' });
  expect(await listEnrolments(hall.data)).toMatchObject([{ code: ticket.code, wish: 'edge-8', host: 'pc-1' }]);
  await expect(admitAgent(hall.data, '0000-0000', 'edge-8', false)).rejects.toMatchObject({ code: 'ENROLMENT_UNKNOWN' });
  await expect(admitAgent(hall.data, ticket.code, 'edge-1', false)).rejects.toMatchObject({ code: 'AGENT_EXISTS' });
  await admitAgent(hall.data, ticket.code.toLowerCase(), 'edge-1', true);
  expect((await fetchAnswer(hall, key, ticket)).body).toMatchObject({ state: 'admitted', agent: 'edge-1' });
  expect(await hall.services.security.view()).toMatchObject({ passwords: [], keys: [{ agent: 'edge-1' }] });
  expect(actions(hall, 'agent.replace')).toEqual([{ action: 'agent.replace', person: 'command line', object: 'edge-1' }]);
});
