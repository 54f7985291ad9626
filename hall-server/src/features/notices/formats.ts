/** How each kind of receiver wants a message. Pure: gives the request, reads the answer. */
import { createHmac } from 'node:crypto';
import type { ChannelSecret, NoticeChannel } from '@hall/contracts';
import { signatureOf } from '../intake/signature.ts';
import { cutBytes, fitLines, wordsOf, type Message } from './message.ts';

/** Byte limits of the text: WeCom group robot guide (document 91770): text 2048, markdown 4096. */
const WECOM_TEXT = 2048;
const WECOM_MARKDOWN = 4096;
/** DingTalk custom robot: a message body of at most 20,000 bytes; the rest of the body and JSON escapes fit in what is left. */
const DINGTALK_TEXT = 8000;
const DINGTALK_TITLE = 200;
/** Three parts of a long text message of 67 characters each. */
const SMS_CHARACTERS = 200;

export type Secrets = Readonly<Partial<Record<ChannelSecret, string>>>;
export interface PostRequest {
  readonly url: URL;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

/** What markdown and mentions are made of, in a form that is only text. */
const plain = (text: string): string =>
  text.replace(/[[\]<>*`#_~|@]/g, (sign) => String.fromCodePoint(sign.charCodeAt(0) + 0xfee0));

const JSON_TYPE = { 'content-type': 'application/json; charset=utf-8' };
const phonesOf = ({ people }: Message): string[] => people.flatMap(({ phone }) => (phone === undefined ? [] : [phone]));

/** The address with its secret query. @throws TypeError for what is no address; settings hold none such. */
function addressOf({ url = '' }: NoticeChannel, { query }: Secrets): URL {
  const address = new URL(url);
  if (query !== undefined) address.search = query;
  return address;
}

function wecom(channel: NoticeChannel, secrets: Secrets, message: Message): PostRequest {
  const { title, lines } = wordsOf(message, channel.language);
  const phones = phonesOf(message);
  const url = addressOf(channel, secrets);
  if (channel.format === 'text') {
    const content = fitLines([title, ...lines], WECOM_TEXT);
    const text = { content, ...(phones.length > 0 && { mentioned_mobile_list: phones }) };
    return { url, headers: JSON_TYPE, body: JSON.stringify({ msgtype: 'text', text }) };
  }
  // Markdown of this robot cannot mention by phone number, so people are named.
  const names = message.people.map(({ name }) => plain(name)).join(' ');
  const content = fitLines(
    [`**${plain(title)}**`, ...(names === '' ? [] : [names]), ...lines.map((line) => `> ${plain(line)}`)],
    WECOM_MARKDOWN,
  );
  return { url, headers: JSON_TYPE, body: JSON.stringify({ msgtype: 'markdown', markdown: { content } }) };
}

/** DingTalk's signature: HMAC-SHA256 over `{timestamp}\n{secret}` with the secret as key, base64; the timestamp is Unix ms. */
export const dingtalkSign = (secret: string, timestampMs: number): string =>
  createHmac('sha256', secret).update(`${timestampMs}\n${secret}`).digest('base64');

function dingtalk(channel: NoticeChannel, secrets: Secrets, message: Message, wallMs: number): PostRequest {
  const words = wordsOf(message, channel.language);
  const { keyword = '', format } = channel;
  const title = [words.title, ...words.lines].join('\n').includes(keyword) ? words.title : `${words.title} ${keyword}`;
  const phones = phonesOf(message);
  const mentions = phones.map((phone) => `@${phone}`);
  const at = { atMobiles: phones, isAtAll: false };
  const url = addressOf(channel, secrets);
  const { signing } = secrets;
  if (signing !== undefined) {
    const timestamp = Math.round(wallMs);
    url.searchParams.set('timestamp', String(timestamp));
    url.searchParams.set('sign', dingtalkSign(signing, timestamp));
  }
  const mentionLine = mentions.length === 0 ? [] : [mentions.join(' ')];
  if (format === 'text') {
    const content = fitLines([title, ...mentionLine, ...words.lines], DINGTALK_TEXT);
    return { url, headers: JSON_TYPE, body: JSON.stringify({ msgtype: 'text', text: { content }, at }) };
  }
  const text = fitLines(
    [`#### ${plain(title)}`, ...mentionLine, ...words.lines.map((line) => `- ${plain(line)}`)],
    DINGTALK_TEXT,
  );
  const markdown = { title: cutBytes(title, DINGTALK_TITLE), text };
  return { url, headers: JSON_TYPE, body: JSON.stringify({ msgtype: 'markdown', markdown, at }) };
}

/** Standard Webhooks 1.0: the id stays the same for every try, so that a receiver can drop repetitions. */
function webhook(channel: NoticeChannel, secrets: Secrets, message: Message, wallMs: number): PostRequest {
  const { id, what, alarms, hall } = message;
  const words = wordsOf(message, channel.language);
  const at = Math.floor(wallMs / 1000);
  const body = JSON.stringify({
    type: `alarm.${what}`,
    timestamp: new Date(at * 1000).toISOString(),
    data: { hall: hall.id, what, title: words.title, lines: words.lines, people: message.people.map(({ name }) => name), alarms },
  });
  const { signing, authorization } = secrets;
  const headers = {
    ...JSON_TYPE,
    'webhook-id': id,
    'webhook-timestamp': String(at),
    ...(signing !== undefined && { 'webhook-signature': signatureOf(signing, id, at, body) }),
    ...(authorization !== undefined && { authorization }),
  };
  return { url: addressOf(channel, secrets), headers, body };
}

/** The customer's own gateway: field names and their text are settings. One message per person. */
function sms(channel: NoticeChannel, secrets: Secrets, message: Message): PostRequest {
  const { title, lines } = wordsOf(message, channel.language);
  const [phone = ''] = phonesOf(message);
  const whole = [title, ...lines].join('；');
  const characters = Array.from(whole);
  const text = characters.length > SMS_CHARACTERS ? `${characters.slice(0, SMS_CHARACTERS - 1).join('')}…` : whole;
  const values: Readonly<Record<string, string>> = { phone, text, title, id: message.id };
  const filled = Object.entries(channel.fields ?? {}).map(
    ([name, template]) => [name, template.replace(/\{(phone|text|title|id)\}/g, (_, key: string) => values[key] ?? '')] as const,
  );
  const { authorization } = secrets;
  const headers = { 'idempotency-key': message.id, ...(authorization !== undefined && { authorization }) };
  const url = addressOf(channel, secrets);
  if (channel.body === 'form') {
    const form = { ...headers, 'content-type': 'application/x-www-form-urlencoded; charset=utf-8' };
    return { url, headers: form, body: new URLSearchParams(Object.fromEntries(filled)).toString() };
  }
  return { url, headers: { ...headers, ...JSON_TYPE }, body: JSON.stringify(Object.fromEntries(filled)) };
}

export const postKinds = ['wecom', 'dingtalk', 'webhook', 'sms'] as const;
export type PostKind = (typeof postKinds)[number];
export const isPostKind = (kind: string): kind is PostKind => (postKinds as readonly string[]).includes(kind);

/** The request of a message to a channel that is reached by HTTP. `wallMs`: wall time, for signatures. */
export function requestOf(
  channel: NoticeChannel & { readonly kind: PostKind },
  secrets: Secrets,
  message: Message,
  wallMs: number,
): PostRequest {
  switch (channel.kind) {
    case 'wecom':
      return wecom(channel, secrets, message);
    case 'dingtalk':
      return dingtalk(channel, secrets, message, wallMs);
    case 'webhook':
      return webhook(channel, secrets, message, wallMs);
    case 'sms':
      return sms(channel, secrets, message);
  }
}
