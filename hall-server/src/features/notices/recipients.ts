/** Who gets a message of a step, channel by channel. Pure. */
import type { ChannelKind, NoticePerson, NoticeSettings, NoticeStep } from '@hall/contracts';

export interface Recipients {
  readonly channel: string;
  readonly kind: ChannelKind;
  /** Ids of people. */
  readonly people: readonly string[];
  /** False where the channel needs a number or address and nobody has one. */
  readonly reachable: boolean;
}

/** What a channel needs to know of a person to reach them. */
export function reaches(kind: ChannelKind, { phone, email }: NoticePerson): boolean {
  if (kind === 'sms') return phone !== undefined;
  return kind !== 'email' || email !== undefined;
}

/** One message per enabled channel, and one per person where each is sent a message of their own. */
export function recipientsOf({ channels, people }: Pick<NoticeSettings, 'channels' | 'people'>, step: NoticeStep): Recipients[] {
  return channels.flatMap(({ id: channel, kind, enabled }): Recipients[] => {
    if (!enabled || !step.channels.includes(channel)) return [];
    const named = people.filter(({ id }) => step.people.includes(id));
    const ids = named.filter((person) => reaches(kind, person)).map(({ id }) => id);
    if ((kind === 'sms' || kind === 'email') && ids.length === 0) {
      return [{ channel, kind, people: named.map(({ id }) => id), reachable: false }];
    }
    if (kind === 'sms') return ids.map((id) => ({ channel, kind, people: [id], reachable: true }));
    return [{ channel, kind, people: ids, reachable: true }];
  });
}
