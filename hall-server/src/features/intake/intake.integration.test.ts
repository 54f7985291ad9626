import { FakeClock } from '@hall/contracts';
import { CloudEvent, HTTP } from 'cloudevents';
import mqtt from 'mqtt';
import { expect, onTestFinished, test, vi } from 'vitest';
import { SOURCE, called, event, sign, startHall, type Hall } from '../../fixture.ts';

interface Reply {
  accepted: number;
  duplicate: number;
  quarantined: number;
  code?: string;
  outcomes: Array<{ outcome: string; flag?: string; code?: string; field?: string; id?: string; index: number }>;
}
const read = async (response: Response | Promise<Response>) => (await (await response).json()) as Reply;
const ticketAt = (hall: Hall, window = 'w1') => hall.services.live.windows().get(window)?.field.value.ticket;

test('an event made and sent by the cloudevents library is accepted, structured and binary', async () => {
  const hall = await startHall();
  for (const [sequence, mode] of [HTTP.structured, HTTP.binary].entries()) {
    const given = new CloudEvent({
      id: `ce-${sequence}`,
      source: SOURCE,
      type: 'ticket.called',
      subject: 'c-1',
      sequence: String(sequence + 1),
      time: new Date(Date.now() - 5000).toISOString(),
      data: { ticket: `A00${sequence + 1}`, window: 'w1' },
    });
    const { headers, body } = mode(given);
    const text = String(body);
    const reply = await hall.post(text, { ...(headers as Record<string, string>), ...sign(hall.secret, text) });
    expect(reply.status).toBe(202);
    expect(ticketAt(hall)).toBe(`A00${sequence + 1}`);
  }
});

test('one bad event of a batch costs no good one, and the same batch again changes nothing', async () => {
  const hall = await startHall();
  const good = [called('A001', 'w1'), called('A002', 'w2')];
  const bad = event('ticket.called', 't-9', 1, { ticket: 'A9', window: 'w99' });
  const batch = JSON.stringify([good[0], bad, good[1]]).replace('"w99"', '"w99","window":"w99"');
  const headers = { 'content-type': 'application/cloudevents-batch+json' };
  const first = await read(hall.post(batch, headers));
  expect(first).toMatchObject({ accepted: 2, duplicate: 0, quarantined: 1 });
  expect(first.outcomes.map(({ outcome, code }) => [outcome, code])).toEqual([
    ['accepted', undefined],
    ['quarantined', 'BODY_DUPLICATE_KEY'],
    ['accepted', undefined],
  ]);
  expect(await read(hall.post(batch, headers))).toMatchObject({ accepted: 0, duplicate: 2, quarantined: 1 });
  expect(hall.services.facts.quarantined({})).toHaveLength(1);
  expect([ticketAt(hall, 'w1'), ticketAt(hall, 'w2')]).toEqual(['A001', 'A002']);
});

test('a request repeated after a lost answer is a duplicate; its id with another body is a replay', async () => {
  const hall = await startHall();
  const body = JSON.stringify(called());
  const headers = sign(hall.secret, body, 'msg_same');
  expect(await read(hall.post(body, headers))).toMatchObject({ accepted: 1 });
  expect(await read(hall.post(body, headers))).toMatchObject({ accepted: 0, duplicate: 1 });
  const later = sign(hall.secret, body, 'msg_same', new Date(Date.now() + 60_000));
  expect(await read(hall.post(body, later))).toMatchObject({ accepted: 0, duplicate: 1 });
  const other = JSON.stringify(called('A777'));
  const replayed = await hall.post(other, sign(hall.secret, other, 'msg_same'));
  expect([replayed.status, (await read(replayed)).code]).toEqual([409, 'SIGNATURE_REPLAYED']);
  expect(hall.services.facts.list({ type: 'ticket.called' })).toHaveLength(1);
});

test('secrets can be changed without a gap, and several signatures may stand in one header', async () => {
  const hall = await startHall();
  const { secret } = await hall.services.platforms.rotate('city');
  const body = JSON.stringify(called('A001'));
  expect((await hall.post(body)).status).toBe(202);
  const next = JSON.stringify(called('A002', 'w2'));
  expect((await hall.post(next, sign(secret, next))).status).toBe(202);
  const both = JSON.stringify(called('A003', 'w3'));
  const headers = sign(secret, both, 'msg_both');
  const signatures = `v1,AAAA ${headers['webhook-signature'] ?? ''}`;
  expect((await hall.post(both, { ...headers, 'webhook-signature': signatures })).status).toBe(202);
});

test('order is decided by the sequence of the source: an old call that comes late shows nowhere', async () => {
  const hall = await startHall();
  const issued = event('ticket.issued', 't-1', 1, { ticket: 'A001', service: 'invoice' });
  const first = event('ticket.called', 't-1', 2, { ticket: 'A001', window: 'w1' });
  const second = event('ticket.called', 't-1', 3, { ticket: 'A001', window: 'w2' });
  expect((await read(hall.send(second))).outcomes[0]).toMatchObject({ outcome: 'accepted', flag: 'gap' });
  expect((await read(hall.send(first))).outcomes[0]).toMatchObject({ outcome: 'accepted', flag: 'late' });
  await hall.send(issued);
  expect([ticketAt(hall, 'w1'), ticketAt(hall, 'w2')]).toEqual([undefined, 'A001']);
});

test('names are masked and sealed: the store never sees one', async () => {
  const hall = await startHall();
  await hall.send(
    event('ticket.issued', 't-1', 1, { ticket: 'A001', service: 'invoice', name: '欧阳明月', idCard: '110101199003070000' }),
  );
  const row = hall.services.db
    .prepare<[], { data: string; personal: Buffer }>('SELECT data, personal FROM facts WHERE personal IS NOT NULL')
    .get();
  expect(JSON.parse(row?.data ?? '')).toEqual({ ticket: 'A001', service: 'invoice' });
  expect(row?.personal.toString('latin1')).not.toContain('欧');
  expect(hall.services.facts.list({ type: 'ticket.issued' })[0]?.data).toMatchObject({ name: '欧**' });
});

test('a snapshot replaces what is known, and an older one is refused', async () => {
  const hall = await startHall();
  await hall.send([called('A001', 'w1'), called('A002', 'w2')]);
  const at = (ms: number) => new Date(Date.now() + ms).toISOString();
  const snapshot = (time: string) =>
    JSON.stringify({
      source: SOURCE,
      time,
      tickets: [
        {
          subject: 't-5',
          sequence: 4,
          ticket: 'B005',
          service: 'permit',
          state: 'serving',
          window: 'w2',
          issuedAt: at(-9000),
          calledAt: at(-3000),
        },
      ],
      windows: [
        { subject: 'w-1', sequence: 3, window: 'w1', state: 'closed' },
        { subject: 'w-2', sequence: 3, window: 'w2', state: 'open' },
      ],
    });
  const path = '/api/v1/halls/demo/platform/snapshot';
  const headers = { 'content-type': 'application/json' };
  expect((await hall.post(snapshot(at(0)), headers, path)).status).toBe(202);
  expect(hall.services.live.windows().get('w1')?.field.value.state).toBe('closed');
  expect(ticketAt(hall, 'w2')).toBe('B005');
  expect(await read(hall.post(snapshot(at(-60_000)), headers, path))).toMatchObject({ code: 'SNAPSHOT_OLD', field: '/time' });
});

test('of a snapshot only what the hall needs is stored', async () => {
  const hall = await startHall();
  const now = new Date(Date.now() - 1000).toISOString();
  const ticket = { subject: 't-5', sequence: 4, ticket: 'B005', service: 'permit', state: 'waiting', issuedAt: now };
  const body = JSON.stringify({
    source: SOURCE,
    time: now,
    operator: '张三',
    tickets: [{ ...ticket, name: '欧阳明月', idCard: '110101199003070000' }],
    windows: [{ subject: 'w-1', sequence: 3, window: 'w1', state: 'open', phone: '13800138000' }],
  });
  const headers = { 'content-type': 'application/json' };
  expect((await hall.post(body, headers, '/api/v1/halls/demo/platform/snapshot')).status).toBe(202);
  const row = hall.services.db.prepare<[], { data: string }>("SELECT data FROM facts WHERE type = 'platform.snapshot'").get();
  expect(JSON.parse(row?.data ?? '')).toEqual({
    source: SOURCE,
    time: now,
    tickets: [ticket],
    windows: [{ subject: 'w-1', sequence: 3, window: 'w1', state: 'open' }],
  });
});

test('a new snapshot makes a silent feed fresh; one that was sent before, or by a replayed request, does not', async () => {
  const clock = new FakeClock(Date.now());
  const hall = await startHall({ clock });
  const path = '/api/v1/halls/demo/platform/snapshot';
  const headers = { 'content-type': 'application/json' };
  const at = (ms: number) => JSON.stringify({ source: SOURCE, time: new Date(ms).toISOString(), tickets: [], windows: [] });
  const post = (body: string, id: string) =>
    hall.post(body, { ...headers, ...sign(hall.secret, body, id, new Date(clock.wall.nowMs())) }, path);
  const first = at(clock.hall.nowMs() - 1000);
  expect(hall.services.feed.fresh()).toBe(false);
  expect((await post(first, 'msg_one')).status).toBe(202);
  expect(hall.services.feed.fresh()).toBe(true);
  await clock.advance(61_000);
  expect((await post(first, 'msg_two')).status).toBe(202);
  expect(hall.services.feed.fresh()).toBe(false);
  const other = await post(at(clock.hall.nowMs()), 'msg_two');
  expect([other.status, (await read(other)).code]).toEqual([409, 'SIGNATURE_REPLAYED']);
  expect((await post(at(clock.hall.nowMs()), 'msg_three')).status).toBe(202);
  expect(hall.services.feed.fresh()).toBe(true);
});

test('what was folded is there again after a restart', async () => {
  const hall = await startHall();
  await hall.send([called('A001', 'w1'), event('window.paused', 'w-2', 1, { window: 'w2', reason: 'meeting' })]);
  await hall.close();
  const again = await startHall({ data: hall.data });
  expect(ticketAt(again)).toBe('A001');
  expect(again.services.live.windows().get('w2')?.field.value).toMatchObject({ state: 'paused', reason: 'meeting' });
  expect(
    (await read(again.send(event('ticket.arrived', 't-A001', 2, { ticket: 'A001', window: 'w1' })))).outcomes[0],
  ).not.toHaveProperty('flag');
});

test('beyond its limit the intake answers 503 with Retry-After and takes nothing in', async () => {
  const hall = await startHall();
  // A body that never ends holds its place; the limit is counted from what was declared.
  const { hostname, port } = new URL(hall.httpUrl);
  const { connect } = await import('node:net');
  const sockets = Array.from({ length: 9 }, () => connect(Number(port), hostname));
  onTestFinished(() => {
    for (const socket of sockets) socket.destroy();
  });
  const size = 4 * 1024 * 1024;
  for (const socket of sockets) {
    socket.on('error', () => {});
    socket.write(
      `POST /api/v1/halls/demo/platform/events HTTP/1.1\r\nhost: x\r\ncontent-type: application/cloudevents+json\r\ncontent-length: ${size}\r\n\r\n{`,
    );
  }
  await vi.waitFor(async () => {
    const refused = await hall.send(called());
    expect(refused.status).toBe(503);
    expect(refused.headers.get('retry-after')).toBe('1');
    expect(await read(refused)).toMatchObject({ code: 'OVERLOADED' });
  });
  for (const socket of sockets) socket.destroy();
  await vi.waitFor(async () => expect((await hall.send(called())).status).toBe(202));
});

test('the same events by MQTT: the acknowledgement follows the commit, the outcome is told', async () => {
  const hall = await startHall();
  const client = await mqtt.connectAsync(hall.mqttUrl, { clientId: 'city.pub', username: 'city', password: hall.mqttPassword });
  onTestFinished(() => client.endAsync(true));
  const outcomes: Array<{ outcomes: Reply['outcomes']; code?: string }> = [];
  client.on('message', (_, payload) => outcomes.push((JSON.parse(payload.toString()) as { data: Reply }).data));
  await client.subscribeAsync('hall/1/demo/platform/city/outcome', { qos: 1 });
  const topic = 'hall/1/demo/platform/city/events';
  await client.publishAsync(topic, JSON.stringify(called('A010', 'w1')), { qos: 1 });
  expect(hall.services.facts.list({ type: 'ticket.called' })).toHaveLength(1);
  await client.publishAsync(topic, JSON.stringify([called('A011', 'w2'), called('A012', 'w99')]), { qos: 1 });
  await client.publishAsync(topic, 'not json', { qos: 1 });
  await vi.waitFor(() => expect(outcomes).toHaveLength(3));
  expect(outcomes.map(({ outcomes: each, code }) => code ?? each.map(({ outcome }) => outcome))).toEqual([
    ['accepted'],
    ['accepted', 'quarantined'],
    'BODY_NOT_JSON',
  ]);
  expect([ticketAt(hall, 'w1'), ticketAt(hall, 'w2')]).toEqual(['A010', 'A011']);
});
