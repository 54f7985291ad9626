/** Notices over real sockets: receivers that fail in every way, a real mail server, and restarts at bad moments. */
import { once } from 'node:events';
import { createServer, type AddressInfo } from 'node:net';
import { SMTPServer, type SMTPServerOptions } from 'smtp-server';
import { Webhook } from 'standardwebhooks';
import { describe, expect, onTestFinished, test, vi } from 'vitest';
import { asker, channel, MINUTE, news, openNotices, openReceiver, settings, step } from './fixture.ts';

const patience = { timeout: 8000 };
const until = (check: () => void) => vi.waitFor(check, patience);
const hook = (url: string, more: object = {}) => settings({ channels: [channel({ url, ...more })] });
const SECRET = `whsec_${Buffer.alloc(32, 3).toString('base64')}`;

test('an alarm is told at once, escalates when nobody acknowledges, and is called over for whoever was told', async () => {
  const receiver = await openReceiver();
  const steps = [step(), step({ id: 'boss', afterMin: 10 })];
  const { notices, clock, states } = await openNotices({ ...hook(receiver.url), steps }, { hook: { signing: SECRET } });
  await notices.tell([news()]);
  await until(() => expect(states()).toEqual(['raised sent SENT']));
  await clock.advance(10 * MINUTE);
  await until(() => expect(states()).toEqual(['raised sent SENT', 'raised sent SENT']));
  await notices.tell([news({ happened: 'cleared' })]);
  await until(() => expect(states()).toHaveLength(3));
  await until(() => expect(states()[2]).toBe('cleared sent SENT'));
  const ids = receiver.received.map(({ headers }) => headers['webhook-id']);
  expect(new Set(ids).size).toBe(3);
  const [first] = receiver.received;
  // The clock of the test is not the wall clock of the library that verifies.
  vi.useFakeTimers({ now: Number(first?.headers['webhook-timestamp']) * 1000, toFake: ['Date'] });
  onTestFinished(() => void vi.useRealTimers());
  expect(new Webhook(SECRET).verify(first?.body ?? '', first?.headers as Record<string, string>)).toMatchObject({
    type: 'alarm.raised',
  });
});

test('an acknowledged alarm does not escalate, and a cleared one that was never told is not called over', async () => {
  const receiver = await openReceiver();
  const steps = [step({ id: 'boss', afterMin: 10 })];
  const { notices, clock, states } = await openNotices({ ...hook(receiver.url), steps });
  await notices.tell([news(), news({ key: 'other' })]);
  await notices.tell([news({ happened: 'acknowledged', acknowledged: true })]);
  await notices.tell([news({ key: 'other', happened: 'cleared' })]);
  await clock.advance(60 * MINUTE);
  expect(states()).toEqual([]);
});

test('a low alarm of the night waits for the opening of the hall', async () => {
  const receiver = await openReceiver();
  const steps = [step({ priorities: [1, 2, 3] })];
  const { notices, clock, states } = await openNotices({ ...hook(receiver.url), steps });
  await clock.advance(10 * 60 * MINUTE);
  await notices.tell([news({ priority: 3 }), news({ key: 'urgent' })]);
  await until(() => expect(states()).toEqual(['raised sent SENT']));
  // 20:20; the hall opens at 09:00.
  await clock.advance(12 * 60 * MINUTE);
  expect(states()).toHaveLength(1);
  await clock.advance(41 * MINUTE);
  await until(() => expect(states()).toEqual(['raised sent SENT', 'raised sent SENT']));
});

describe('receivers that fail', () => {
  test('a busy one is asked again when it said, with the same id', async () => {
    const receiver = await openReceiver();
    receiver.answer = (response, _, at) =>
      at === 1 ? response.writeHead(429, { 'retry-after': '90' }).end('slow down') : response.end('ok');
    const { notices, clock, states } = await openNotices(hook(receiver.url));
    await notices.tell([news()]);
    await until(() => expect(states()).toEqual(['raised waiting HTTP_429']));
    await clock.advance(89_000);
    expect(receiver.received).toHaveLength(1);
    await clock.advance(2000);
    await until(() => expect(states()).toEqual(['raised sent SENT']));
    const [first, second] = receiver.received.map(({ headers }) => headers['webhook-id']);
    expect(first).toBe(second);
  });

  test('one that never answers, cuts the line or is not there is given up after growing waits; its circuit opens and is shown', async () => {
    const receiver = await openReceiver();
    receiver.answer = (response, _, at) => {
      if (at % 2 === 0) response.destroy();
    };
    const { notices, clock, states } = await openNotices(hook(receiver.url));
    await notices.tell([news()]);
    for (let minute = 0; minute < 120 && !states()[0]?.startsWith('raised failed'); minute += 1) {
      await clock.advance(15_000);
      // Real sockets and the clock of the test: what is under way is given a turn.
      await until(() => expect(notices.settings().states).toHaveLength(1));
      await new Promise((resolve) => setImmediate(resolve));
      await clock.advance(15_000);
    }
    const state = () => notices.settings().states[0];
    await until(() => expect(['open', 'half_open', 'closed']).toContain(state()?.circuit));
    expect(receiver.received.length).toBeGreaterThanOrEqual(2);
    expect(receiver.received.length).toBeLessThanOrEqual(8);
    expect(state()?.lastFailure).toMatch(/TIMEOUT|ECONNRESET/);
  });

  test('a refusal is final, and its words are kept without the key', async () => {
    const receiver = await openReceiver();
    receiver.answer = (response) => response.end('{"errcode":93000,"errmsg":"invalid webhook url key=topsecretkey"}');
    const wecom = settings({ channels: [channel({ kind: 'wecom', url: `${receiver.url}?key=topsecretkey` })] });
    const { notices, db, states } = await openNotices(wecom);
    await notices.tell([news()]);
    await until(() => expect(states()).toEqual(['raised failed ERRCODE_93000']));
    expect(receiver.received[0]?.url).toBe('/send?key=topsecretkey');
    expect(JSON.stringify(notices.deliveries({ limit: 10 }))).toContain('invalid webhook url');
    const everything = ['notice_settings', 'notice_deliveries', 'notice_secrets', 'audit'].map((table) =>
      JSON.stringify(db.prepare(`SELECT * FROM ${table}`).all()),
    );
    expect([...everything, JSON.stringify(notices.settings())].join('\n')).not.toContain('topsecretkey');
    expect(notices.settings().states[0]?.secrets).toEqual(['query']);
  });

  test('a redirect is not followed, and neither is a place that is no receiver', async () => {
    const [receiver, elsewhere] = [await openReceiver(), await openReceiver()];
    receiver.answer = (response) => response.writeHead(307, { location: elsewhere.url }).end();
    const { notices, states } = await openNotices(hook(receiver.url));
    await notices.tell([news()]);
    await until(() => expect(states()).toEqual(['raised failed REDIRECT_REFUSED']));
    expect(elsewhere.received).toEqual([]);
    await notices.store(asker, { settings: hook('http://169.254.169.254/latest'), secrets: {} }, 1);
    expect(await notices.test(asker, 'hook')).toMatchObject({ sent: false, code: 'ADDRESS_REFUSED' });
  });

  test('an endless answer is cut, and a port where nobody listens is named', async () => {
    const receiver = await openReceiver();
    receiver.answer = (response) => void response.write(Buffer.alloc(1024 * 1024, 'x'));
    const { notices } = await openNotices(hook(receiver.url));
    expect(await notices.test(asker, 'hook')).toMatchObject({ sent: true, code: 'SENT' });
    const free = createServer();
    free.listen(0, '127.0.0.1');
    await once(free, 'listening');
    const { port } = free.address() as AddressInfo;
    free.close();
    await once(free, 'close');
    await notices.store(asker, { settings: hook(`http://127.0.0.1:${port}/`), secrets: {} }, 1);
    expect(await notices.test(asker, 'hook')).toMatchObject({ sent: false, code: 'ECONNREFUSED' });
  });
});

test('above the rate of a channel alarms become one message, which keeps its id over a restart', async () => {
  const receiver = await openReceiver();
  const { notices, clock, states } = await openNotices(hook(receiver.url, { perMinute: 3 }));
  await notices.tell(Array.from({ length: 12 }, (_, at) => news({ key: `k${at}` })));
  await until(() => expect(states().filter((state) => state === 'raised sent SENT')).toHaveLength(12));
  expect(receiver.received).toHaveLength(1);
  expect(JSON.parse(receiver.received[0]?.body ?? '{}')).toMatchObject({ data: { title: '【紧急】政务服务大厅 12 条告警' } });
  expect(notices.deliveries({ limit: 1 })[0]?.merged).toBe(12);
  await notices.tell([news({ key: 'k20' }), news({ key: 'k21' })]);
  await until(() => expect(receiver.received).toHaveLength(3));
  await notices.tell([news({ key: 'k22' })]);
  await clock.advance(30_000);
  expect(receiver.received).toHaveLength(3);
  await clock.advance(31_000);
  await until(() => expect(receiver.received).toHaveLength(4));
});

test('a kill between sending and recording sends once more at most, with the same id; a ten-minute step survives it', async () => {
  const receiver = await openReceiver();
  const steps = [step(), step({ id: 'boss', afterMin: 10 })];
  const fixture = await openNotices({ ...hook(receiver.url), steps });
  const unrecorded = fixture.killBeforeRecording();
  await fixture.notices.tell([news()]);
  await until(() => expect(unrecorded()).toBe(1));
  expect(fixture.states()).toEqual(['raised waiting']);
  await fixture.clock.advance(5 * MINUTE);
  fixture.again();
  await fixture.clock.advance(1);
  await until(() => expect(fixture.states()).toEqual(['raised sent SENT']));
  const ids = receiver.received.map(({ headers }) => headers['webhook-id']);
  expect(ids).toHaveLength(2);
  expect(new Set(ids).size).toBe(1);
  await fixture.clock.advance(6 * MINUTE);
  await until(() => expect(fixture.states()).toEqual(['raised sent SENT', 'raised sent SENT']));
}, 30_000);

test('after a start alarms that ended meanwhile are called over, and those that are new are told', async () => {
  const receiver = await openReceiver();
  const { notices, states } = await openNotices(hook(receiver.url));
  await notices.tell([news()]);
  await until(() => expect(states()).toEqual(['raised sent SENT']));
  await notices.reconcile([news({ key: 'new' })]);
  await until(() => expect(states().toSorted()).toEqual(['cleared sent SENT', 'raised sent SENT', 'raised sent SENT']));
  await notices.reconcile([news({ key: 'new' })]);
  expect(states()).toHaveLength(3);
});

test('a secret goes when its channel leads elsewhere, stays when it does not, and a conflict changes nothing', async () => {
  const [receiver, other] = [await openReceiver(), await openReceiver()];
  const { notices } = await openNotices(hook(receiver.url), { hook: { authorization: 'Bearer topsecret' } });
  await notices.store(asker, { settings: hook(`${receiver.url}/renamed`), secrets: {} }, 1);
  expect(notices.settings().states[0]?.secrets).toEqual(['authorization']);
  await expect(notices.store(asker, { settings: hook(other.url), secrets: {} }, 1)).rejects.toMatchObject({ code: 'CONFLICT' });
  await notices.store(asker, { settings: hook(other.url), secrets: {} }, 2);
  expect(notices.settings().states[0]?.secrets).toEqual([]);
  await notices.test(asker, 'hook');
  expect(other.received[0]?.headers.authorization).toBeUndefined();
});

test('the console shows its notices at once, and voice says each once', async () => {
  const channels = [channel({ id: 'console', kind: 'console' }), channel({ id: 'office', kind: 'voice' })];
  const { notices, shown, states, clock } = await openNotices(
    settings({ channels, steps: [step({ channels: ['console', 'office'] })] }),
  );
  await notices.tell([news()]);
  expect(shown).toEqual(['strip-w01/offline']);
  expect(notices.onConsole(5)).toMatchObject([{ alarm: 'strip-w01/offline', priority: 1 }]);
  await until(() => expect(states()[1]).toBe('raised waiting NO_VOICE'));
  const said: string[] = [];
  notices.registerVoice(async ({ zh }) => void said.push(zh));
  await clock.advance(6000);
  await until(() => expect(said).toEqual([expect.stringContaining('01 号窗口屏不在线')]));
});

describe('e-mail', () => {
  async function openMail(more: SMTPServerOptions = {}): Promise<{ port: number; mails: Array<{ to: string[]; text: string }> }> {
    const mails: Array<{ to: string[]; text: string }> = [];
    const server = new SMTPServer({
      authOptional: true,
      disabledCommands: ['STARTTLS'],
      onData: (stream, session, done) => {
        const parts: Buffer[] = [];
        stream.on('data', (part: Buffer) => void parts.push(part));
        stream.on('end', () => {
          mails.push({ to: session.envelope.rcptTo.map(({ address }) => address), text: Buffer.concat(parts).toString() });
          done();
        });
      },
      ...more,
    });
    server.on('error', () => {});
    server.listen(0, '127.0.0.1');
    await once(server.server, 'listening');
    onTestFinished(
      () =>
        new Promise<void>((resolve) => {
          server.close(() => resolve());
        }),
    );
    return { port: (server.server.address() as AddressInfo).port, mails };
  }
  const mailTo = (port: number, more: object = {}) => {
    const email = channel({
      id: 'mail',
      kind: 'email',
      host: '127.0.0.1',
      port,
      security: 'none',
      from: 'hall@hall.test',
      ...more,
    });
    return settings({ channels: [email], steps: [step({ channels: ['mail'], people: ['min'] })] });
  };

  test('goes to people with an address, with an id that stays', async () => {
    const { port, mails } = await openMail();
    const { notices, states } = await openNotices(mailTo(port));
    await notices.tell([news()]);
    await until(() => expect(states()).toEqual(['raised sent SENT']));
    expect(mails[0]?.to).toEqual(['min@hall.test']);
    const { id } = notices.deliveries({ limit: 1 })[0] ?? {};
    expect(mails[0]?.text).toContain(`Message-ID: <${id}@demo.hall-control>`);
    expect(mails[0]?.text).toMatch(/Subject: =\?UTF-8\?/);
  });

  test.each([
    [451, 'raised waiting SMTP_451'],
    [550, 'raised failed SMTP_550'],
  ])('a reply of %i is %s', async (code, state) => {
    const refuse = Object.assign(new Error('mailbox says no'), { responseCode: code });
    const { port } = await openMail({ onRcptTo: (_, __, done) => done(refuse) });
    const { notices, states } = await openNotices(mailTo(port));
    await notices.tell([news()]);
    await until(() => expect(states()).toEqual([state]));
  });

  test('a wrong password is refused, and never told', async () => {
    const { port } = await openMail({
      authOptional: false,
      allowInsecureAuth: true,
      onAuth: (_, __, done) => done(new Error('no')),
    });
    const { notices, states } = await openNotices(mailTo(port, { user: 'hall' }), { mail: { password: 'hunter22hunter22' } });
    await notices.tell([news()]);
    await until(() => expect(states()[0]).toMatch(/raised failed (EAUTH|SMTP_535)/));
    expect(JSON.stringify(notices.deliveries({ limit: 5 }))).not.toContain('hunter22');
  });

  test('without TLS nothing is sent where TLS was asked for, and nobody to tell is said', async () => {
    const { port, mails } = await openMail();
    const { notices, states } = await openNotices(mailTo(port, { security: 'starttls' }));
    await notices.tell([news()]);
    await until(() => expect(states()[0]).toMatch(/^raised failed (ETLS|SMTP_500)$/));
    expect(mails).toEqual([]);
    const nobody = mailTo(port);
    await notices.store(asker, { settings: { ...nobody, people: [{ id: 'min', name: '王敏' }] }, secrets: {} }, 1);
    await notices.tell([news({ key: 'second' })]);
    expect(states().at(-1)).toBe('raised failed NO_RECIPIENT');
  });
});
