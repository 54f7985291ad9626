/** Between what is typed for a channel and what is stored. Pure. */
import type { ChannelKind, ChannelSecret, NoticeChannel } from '@hall/contracts';

/** What is typed; fields of other kinds stay in the form and are left out when it is stored. */
export type ChannelEntry = Partial<Omit<NoticeChannel, 'fields'>> & {
  readonly fieldLines?: string;
  readonly secrets?: Partial<Record<ChannelSecret, string>>;
};

/** The fields of each kind, in the order of the form. */
export const fieldsOf: Readonly<Record<ChannelKind, readonly (keyof NoticeChannel)[]>> = {
  console: [],
  voice: [],
  wecom: ['url', 'format'],
  dingtalk: ['url', 'format', 'keyword'],
  webhook: ['url'],
  sms: ['url', 'body', 'fields'],
  email: ['host', 'port', 'security', 'user', 'from'],
};
export const secretsOf: Readonly<Record<ChannelKind, readonly ChannelSecret[]>> = {
  console: [],
  voice: [],
  wecom: [],
  dingtalk: ['signing'],
  webhook: ['signing', 'authorization'],
  sms: ['authorization'],
  email: ['password'],
};

/** `name=content` per line. */
export const linesOf = (fields: NoticeChannel['fields']): string =>
  Object.entries(fields ?? {})
    .map(([name, content]) => `${name}=${content}`)
    .join('\n');
export const fieldsOfLines = (lines: string): Record<string, string> =>
  Object.fromEntries(
    lines.split('\n').flatMap((line) => {
      const at = line.indexOf('=');
      return at <= 0 ? [] : [[line.slice(0, at).trim(), line.slice(at + 1).trim()]];
    }),
  );

const given = (value: unknown): boolean => value !== undefined && value !== null && value !== '';

/** The channel that was typed, and the secrets that were. */
export function channelOf({ fieldLines = '', secrets = {}, ...entry }: ChannelEntry): {
  readonly channel: NoticeChannel;
  readonly secrets: Partial<Record<ChannelSecret, string>>;
} {
  const { id = '', kind = 'console', name = '', enabled = true, language = 'zh', perMinute = 20 } = entry;
  const typed = { ...entry, fields: fieldsOfLines(fieldLines) } as Partial<NoticeChannel>;
  const own = Object.fromEntries(fieldsOf[kind].flatMap((field) => (given(typed[field]) ? [[field, typed[field]]] : [])));
  const kept = secretsOf[kind].flatMap((secret) => (given(secrets[secret]) ? [[secret, secrets[secret]]] : []));
  return {
    channel: { id, kind, name, enabled, language, perMinute, ...own },
    secrets: Object.fromEntries(kept) as Partial<Record<ChannelSecret, string>>,
  };
}
