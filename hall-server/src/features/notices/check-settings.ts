/** Whether notice settings hold together. Pure. */
import { channelSecrets, type ChannelKind, type ChannelSecret, type NoticeChannel, type NoticeSettings } from '@hall/contracts';
import { addressOfText } from './address.ts';

export interface SettingsFault {
  /** JSON pointer. */
  readonly field: string;
  readonly expected: string;
}

/** Secrets that a kind of channel makes use of. */
const secretsOf: Readonly<Record<ChannelKind, readonly ChannelSecret[]>> = {
  console: [],
  voice: [],
  wecom: ['query'],
  dingtalk: ['query', 'signing'],
  webhook: ['query', 'signing', 'authorization'],
  sms: ['query', 'authorization'],
  email: ['password'],
};
export const mayHaveSecret = (kind: ChannelKind, secret: ChannelSecret): boolean => secretsOf[kind].includes(secret);

/** Where a channel leads to; a secret is kept only as long as this stays the same. */
export function destinationOf({ kind, url, host, port }: NoticeChannel): string {
  if (kind === 'email') return `${kind} ${host ?? ''}:${port ?? ''}`;
  return `${kind} ${addressOfText(url ?? '')?.origin ?? ''}`;
}

function channelFault(channel: NoticeChannel): SettingsFault | undefined {
  const { kind, url, fields, host, port, from } = channel;
  if (kind === 'console' || kind === 'voice') return undefined;
  if (kind === 'email') {
    if (host === undefined) return { field: 'host', expected: 'the name of the mail server' };
    if (port === undefined) return { field: 'port', expected: 'the port of the mail server' };
    return from === undefined ? { field: 'from', expected: 'the sender address' } : undefined;
  }
  if (!addressOfText(url ?? '')) return { field: 'url', expected: 'an http or https address without user and fragment' };
  if (kind !== 'sms') return undefined;
  const templates = Object.values(fields ?? {}).join(' ');
  const missing = ['{phone}', '{text}'].find((placeholder) => !templates.includes(placeholder));
  return missing === undefined ? undefined : { field: 'fields', expected: `a field that holds ${missing}` };
}

const repeated = (rows: readonly { readonly id: string }[]): number =>
  rows.findIndex(({ id }, at) => rows.findIndex((other) => other.id === id) !== at);

/** The first fault; undefined is good. */
export function settingsFault({ channels, people, steps }: NoticeSettings): SettingsFault | undefined {
  for (const [list, rows] of Object.entries({ channels, people, steps })) {
    const at = repeated(rows);
    if (at >= 0) return { field: `/settings/${list}/${at}/id`, expected: 'an id that no other has' };
  }
  for (const [at, channel] of channels.entries()) {
    const fault = channelFault(channel);
    if (fault) return { ...fault, field: `/settings/channels/${at}/${fault.field}` };
  }
  const knownChannels = new Set(channels.map(({ id }) => id));
  const knownPeople = new Set(people.map(({ id }) => id));
  for (const [at, step] of steps.entries()) {
    const field = `/settings/steps/${at}`;
    if (!step.channels.every((id) => knownChannels.has(id)))
      return { field: `${field}/channels`, expected: 'channels that exist' };
    if (!step.people.every((id) => knownPeople.has(id))) return { field: `${field}/people`, expected: 'people that exist' };
  }
  return undefined;
}

/** Moves the query of each address into the secrets, because that is where robots keep their key. */
export function withoutQueries(
  settings: NoticeSettings,
  secrets: Readonly<Record<string, Readonly<Partial<Record<ChannelSecret, string>>>>>,
): { readonly settings: NoticeSettings; readonly secrets: Record<string, Partial<Record<ChannelSecret, string>>> } {
  const kept: Record<string, Partial<Record<ChannelSecret, string>>> = {};
  const channels = settings.channels.map((channel) => {
    const given = { ...secrets[channel.id] };
    const url = addressOfText(channel.url ?? '');
    if (url && url.search !== '') given.query = url.search.slice(1);
    kept[channel.id] = Object.fromEntries(
      channelSecrets.flatMap((name) => (given[name] === undefined ? [] : [[name, given[name]]])),
    ) as Partial<Record<ChannelSecret, string>>;
    if (!url || url.search === '') return channel;
    url.search = '';
    return { ...channel, url: url.href };
  });
  return { settings: { ...settings, channels }, secrets: kept };
}
