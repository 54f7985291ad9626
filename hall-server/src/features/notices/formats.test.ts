import { createHmac } from 'node:crypto';
import { systemClock } from '@hall/contracts';
import fc from 'fast-check';
import { Webhook } from 'standardwebhooks';
import { describe, expect, test } from 'vitest';
import { addressRefused, addressOfText } from './address.ts';
import { settingsFault, withoutQueries } from './check-settings.ts';
import { channel, news, settings, step } from './fixture.ts';
import { dingtalkSign, requestOf, type PostKind } from './formats.ts';
import { bytesOf, cutBytes, fitLines, wordsOf, type Message } from './message.ts';
import { outcomeOf, retryAfterMs, withoutSecrets } from './outcome.ts';

const WALL = Date.UTC(2026, 10, 23, 2, 20);
const people = settings().people;
const message = (more: Partial<Message> = {}): Message => ({
  id: 'id-1',
  what: 'raised',
  alarms: [news()],
  people,
  hall: { id: 'demo', zh: '示范大厅', en: 'Demo hall' },
  zone: 'Asia/Shanghai',
  ...more,
});
const requestFor = (kind: PostKind, more: object = {}, secrets: Record<string, string> = {}, given = message()) => {
  const request = requestOf({ ...channel({ kind, url: 'https://robot.test/send', ...more }), kind }, secrets, given, WALL);
  return { ...request, json: kind === 'sms' ? undefined : (JSON.parse(request.body) as Record<string, never>) };
};

describe('words', () => {
  test('one alarm says what visitors see and what to do first', () => {
    expect(wordsOf(message({ alarms: [news({ folded: 20 })] }), 'zh')).toEqual({
      title: '【紧急】01 号窗口屏不在线',
      lines: ['大厅：示范大厅', '群众看到：请以窗口叫号为准', '请先：检查电源和网线', '开始时间：10:20', '由此引起的告警：20 条'],
    });
    expect(wordsOf(message(), 'en').title).toBe('[Urgent] Strip 01 is offline');
    expect(wordsOf(message({ what: 'cleared' }), 'zh').title).toBe('【已恢复】01 号窗口屏不在线');
    expect(wordsOf(message({ what: 'test' }), 'both').lines).toContain('[Test] Strip 01 is offline');
  });
  test('several alarms are counted and listed', () => {
    const alarms = Array.from({ length: 12 }, (_, at) => news({ key: `k${at}`, priority: at === 0 ? 2 : 3 }));
    expect(wordsOf(message({ alarms }), 'zh').title).toBe('【重要】示范大厅 12 条告警');
    expect(wordsOf(message({ alarms }), 'en').lines).toHaveLength(12);
  });
  test('a name cannot begin another line', () => {
    const alarm = news({ title: { zh: '甲\r\nBcc: x', en: 'a\u2028b' } });
    expect(wordsOf(message({ alarms: [alarm] }), 'zh').title).toBe('【紧急】甲 Bcc: x');
  });
  test('whatever is cut is valid text within the limit', () => {
    fc.assert(
      fc.property(
        fc.array(
          fc.string({ unit: 'grapheme' }).filter((line) => !line.includes('\ufffd')),
          { minLength: 1 },
        ),
        fc.integer({ min: 8, max: 200 }),
        (lines, most) => {
          const text = fitLines(lines, most);
          expect(bytesOf(text)).toBeLessThanOrEqual(most);
          expect(text).not.toContain('\ufffd');
          const [first = ''] = lines;
          expect(bytesOf(cutBytes(first, most))).toBeLessThanOrEqual(most);
        },
      ),
    );
  });
});

describe('WeCom robot', () => {
  test('text mentions by phone, markdown names people', () => {
    expect(requestFor('wecom', { format: 'text' }, { query: 'key=abc' })).toMatchObject({
      url: new URL('https://robot.test/send?key=abc'),
      json: { msgtype: 'text', text: { content: expect.stringContaining('【紧急】'), mentioned_mobile_list: ['13800000001'] } },
    });
    const { json } = requestFor('wecom', { format: 'markdown' });
    expect(json).toMatchObject({ msgtype: 'markdown', markdown: { content: expect.stringContaining('王敏') } });
  });
  test('a flood stays within the bytes the robot takes', () => {
    const alarms = Array.from({ length: 100 }, (_, at) => news({ key: `k${at}`, title: { zh: '屏'.repeat(130), en: 'x' } }));
    const text = requestFor('wecom', { format: 'text' }, {}, message({ alarms })).json as never as { text: { content: string } };
    expect(bytesOf(text.text.content)).toBeLessThanOrEqual(2048);
    const { json } = requestFor('wecom', {}, {}, message({ alarms }));
    const markdown = json as never as { markdown: { content: string } };
    expect(bytesOf(markdown.markdown.content)).toBeLessThanOrEqual(4096);
    expect(markdown.markdown.content).toMatch(/… \+\d+$/);
  });
  test('a name can be neither a link nor a mention of everybody', () => {
    const alarm = news({ title: { zh: '[点我](http://evil) <@all>', en: 'x' } });
    const { body } = requestFor('wecom', {}, {}, message({ alarms: [alarm] }));
    expect(body).not.toMatch(/\[点我\]|<@all>/);
  });
});

describe('DingTalk robot', () => {
  test('signs as its documentation does', () => {
    // Sample of the vendor's documentation (faquestions/hxs5v9), where the text signed is the timestamp alone.
    const sample = createHmac('sha256', 'testappSecret').update('1546084445901').digest('base64');
    expect(encodeURIComponent(sample)).toBe('HCbG3xNE3vzhO%2Bu7qCUL1jS5hsu2n5r2cFhnTrtyDAE%3D');
    const sign = dingtalkSign('this is secret', WALL);
    expect(sign).toBe(createHmac('sha256', 'this is secret').update(`${WALL}\nthis is secret`).digest('base64'));
    const { url } = requestFor('dingtalk', {}, { query: 'access_token=t', signing: 'this is secret' });
    expect([...url.searchParams]).toEqual([
      ['access_token', 't'],
      ['timestamp', String(WALL)],
      ['sign', sign],
    ]);
    expect(url.search).not.toMatch(/[+ ]/);
  });
  test('mentions people and always holds the keyword', () => {
    const { json } = requestFor('dingtalk', { keyword: '监控', format: 'text' });
    expect(json).toMatchObject({
      msgtype: 'text',
      text: { content: expect.stringMatching(/监控[^]*@13800000001/) },
      at: { atMobiles: ['13800000001'], isAtAll: false },
    });
    expect(requestFor('dingtalk', { keyword: '紧急' }).json).toMatchObject({ markdown: { title: '【紧急】01 号窗口屏不在线' } });
  });
});

test('a webhook is signed so that a library not ours accepts it, and keeps its id', () => {
  const secret = `whsec_${Buffer.alloc(32, 3).toString('base64')}`;
  const at = systemClock().wall.nowMs();
  const { headers, body } = requestOf(
    { ...channel({ url: 'https://x.test/' }), kind: 'webhook' },
    { signing: secret },
    message(),
    at,
  );
  expect(new Webhook(secret).verify(body, headers as Record<string, string>)).toMatchObject({
    type: 'alarm.raised',
    data: { hall: 'demo', people: ['王敏'], alarms: [{ key: 'strip-w01/offline' }] },
  });
  expect(headers['webhook-id']).toBe('id-1');
  expect(body).not.toContain('13800000001');
});

test('a text message fills the fields of the gateway, as JSON or as a form', () => {
  const fields = { mobile: '{phone}', content: '{text}', ref: '{id}', sign: '大厅' };
  const json = requestFor('sms', { fields }, { authorization: 'Bearer k' });
  expect(JSON.parse(json.body)).toMatchObject({ mobile: '13800000001', ref: 'id-1', sign: '大厅' });
  expect(json.headers).toMatchObject({ authorization: 'Bearer k', 'idempotency-key': 'id-1' });
  const form = requestFor('sms', { fields, body: 'form' });
  expect(Object.fromEntries(new URLSearchParams(form.body))['content']).toContain('【紧急】01 号窗口屏不在线');
});

describe('answers', () => {
  const of = (status: number, body = '', kind: PostKind = 'wecom') => outcomeOf(kind, { status, body }, [], WALL);
  test.each([
    [of(200, '{"errcode":0,"errmsg":"ok"}'), 'sent', 'SENT'],
    [of(200, '{"errcode":93000,"errmsg":"invalid webhook url"}'), 'refused', 'ERRCODE_93000'],
    [of(200, '{"errcode":45009,"errmsg":"api freq out of limit"}'), 'later', 'ERRCODE_45009'],
    [of(200, '{"errcode":130101,"errmsg":"send too fast"}', 'dingtalk'), 'later', 'ERRCODE_130101'],
    [of(200, '{"errcode":310000,"errmsg":"keywords not in content"}', 'dingtalk'), 'refused', 'ERRCODE_310000'],
    [of(200, '<html>portal</html>'), 'later', 'ANSWER_INVALID'],
    [of(200, '{}'), 'later', 'ANSWER_INVALID'],
    [of(204, '', 'webhook'), 'sent', 'SENT'],
    [of(302, '', 'webhook'), 'refused', 'REDIRECT_REFUSED'],
    [of(404, '', 'webhook'), 'refused', 'HTTP_404'],
    [of(429, '', 'webhook'), 'later', 'HTTP_429'],
    [of(503, '', 'webhook'), 'later', 'HTTP_503'],
  ])('%j', (outcome, verdict, code) => {
    expect(outcome).toMatchObject({ verdict, code });
  });
  test('a wait is asked for in seconds or as a date, and is bounded', () => {
    expect(retryAfterMs('120', WALL)).toBe(120_000);
    expect(retryAfterMs(new Date(WALL + 30_000).toUTCString(), WALL)).toBe(30_000);
    expect(retryAfterMs('999999', WALL)).toBe(3_600_000);
    expect([retryAfterMs('soon', WALL), retryAfterMs(undefined, WALL)]).toEqual([undefined, undefined]);
  });
  test('secrets are taken out of words from outside, in every form they may have', () => {
    const secrets = ['access_token=s3cr3t-token', 'SEC/with+signs='];
    const said = 'bad access_token=s3cr3t-token or s3cr3t-token, SEC/with+signs= SEC%2Fwith%2Bsigns%3D\u0000';
    const clean = withoutSecrets(said, secrets);
    expect(clean).not.toMatch(/s3cr3t|SEC/);
    expect(clean).toContain('***');
  });
});

describe('addresses', () => {
  test.each([
    '169.254.169.254',
    '0.0.0.0',
    '224.0.0.1',
    '255.255.255.255',
    '::',
    'fe80::1',
    'ff02::1',
    '::ffff:169.254.169.254',
    'name',
  ])('%s is no receiver', (address) => expect(addressRefused(address)).toBe(true));
  test.each(['10.1.2.3', '192.168.0.9', '127.0.0.1', '8.8.8.8', '::1', '2001:db8::1'])('%s may be one', (address) =>
    expect(addressRefused(address)).toBe(false),
  );
  test.each(['ftp://x.test/', 'file:///etc/passwd', 'javascript:alert(1)', 'https://u:p@x.test/', 'https://x.test/#a', 'x', ''])(
    '%j is not taken',
    (text) => expect(addressOfText(text)).toBeUndefined(),
  );
});

describe('settings', () => {
  test('hold together, or the first fault is named', () => {
    const fault = (more: object) =>
      settingsFault({ ...settings({ channels: [channel({ url: 'https://x.test/' })] }), ...more })?.field;
    expect(fault({})).toBeUndefined();
    expect(fault({ channels: [channel()] })).toBe('/settings/channels/0/url');
    expect(fault({ steps: [step({ channels: ['other'] })] })).toBe('/settings/steps/0/channels');
    expect(fault({ steps: [step({ people: ['nobody'] })] })).toBe('/settings/steps/0/people');
    expect(fault({ steps: [step(), step()] })).toBe('/settings/steps/1/id');
    const sms = channel({ kind: 'sms', url: 'https://x.test/', fields: { to: '{phone}' } });
    expect(fault({ channels: [sms] })).toBe('/settings/channels/0/fields');
    expect(fault({ channels: [channel({ kind: 'email', host: 'mail' })] })).toBe('/settings/channels/0/port');
  });
  test('the key of a pasted address becomes a secret', () => {
    const pasted = settings({ channels: [channel({ kind: 'wecom', url: 'https://x.test/send?key=abc' })] });
    expect(withoutQueries(pasted, {})).toMatchObject({
      settings: { channels: [{ url: 'https://x.test/send' }] },
      secrets: { hook: { query: 'key=abc' } },
    });
  });
});
